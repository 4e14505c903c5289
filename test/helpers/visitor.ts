/** A visitor of a served peer that says what it is told to, whatever the answers. */
import { expect } from '@jest/globals';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
import { PeerSession } from '../../src/protocol/peer-session.ts';

export async function visit(
  { port }: { readonly port: number },
  me: Identity,
): Promise<{ socket: TLSSocket; session: PeerSession }> {
  const socket = connect({ port, ...tlsOptions(me, 'peer'), checkServerIdentity: () => undefined });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const session = new PeerSession({ role: 'dialer', name: 'v', agent: 'test', nowMs: 0 });
  socket.write(session.takeOutput()!);
  await once(socket, 'readable');
  session.receive(socket.read(), 0);
  expect(session.next()).toMatchObject({ type: 'hello' });
  return { socket, session };
}
