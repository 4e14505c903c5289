/** Dials with an identity that was posted to it, and says whom it found. */
import { connect } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import type { PeerId } from '../../src/core/ids.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions, verifyExpected } from '../../src/identity/tls.ts';

const { port, identity, expected } = workerData as { port: number; identity: Identity; expected: PeerId };
const socket = connect({ host: '127.0.0.1', port, ...tlsOptions(identity, 'peer') });
socket.once('secureConnect', () => parentPort?.postMessage(verifyExpected(socket, expected)));
