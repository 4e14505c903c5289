/**
 * One look whether a peer can be reached: dials it, has it prove its key, and closes. Invariant: it ends within
 * `dialBackTimeoutMs`, sends nothing but the handshake, and believes nobody but the peer that is looked for.
 */
import { connect, type TLSSocket } from 'node:tls';
import { dialBackTimeoutMs } from '../../core/limits/reach.ts';
import { farewellTimeoutMs } from '../../core/limits/tracker.ts';
import type { Doorstep } from '../../core/tracker/reach-book.ts';
import type { Identity } from '../../identity/identity.ts';
import { tlsOptions, verifyExpected } from '../../identity/tls.ts';
import type { Clock } from '../runtime/index.ts';

/** What Node calls the alert of a peer that does without encryption: see docs/protocol.md, section 2. */
const doesWithout = 'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY';

export interface DialBack {
  /** Whether that peer answered. Never rejects. */
  readonly reached: Promise<boolean>;
  /** Ends it at once: it has not. */
  cancel(): void;
}

/** Dials as `identity`. A peer that does without encryption proves nothing, and is believed. */
export function dialBack({ peer, host, port }: Doorstep, identity: Identity, clock: Clock): DialBack {
  const socket = connect({
    host,
    port,
    ...tlsOptions(identity, 'peer'),
    checkServerIdentity: () => undefined,
  });
  const reached = new Promise<boolean>((resolve) => {
    const overdue = clock.after(dialBackTimeoutMs, () => socket.destroy());
    const settle = (isReached: boolean): void => {
      overdue();
      resolve(isReached);
    };
    socket.once('secureConnect', () => {
      settle(verifyExpected(socket, peer).ok);
      leave(socket, clock);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code === doesWithout));
    socket.once('close', () => settle(false));
  });
  return { reached, cancel: () => void socket.destroy() };
}

/** The other side is to see an ordinary end rather than a broken connection. */
function leave(socket: TLSSocket, clock: Clock): void {
  socket.resume();
  socket.end();
  const forget = clock.after(farewellTimeoutMs, () => socket.destroy());
  socket.once('close', forget);
}
