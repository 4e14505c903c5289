/**
 * The connection that a fetch works with, however it came about: dialled, or brought by somebody who was called.
 * Invariant: the other side has proved who it is.
 */
import { ok, type Result } from '../../../core/result.ts';
import { PeerSession } from '../../../protocol/peer-session.ts';
import type { FetchInput } from '../../transfer-contract.ts';
import { Connection, nowMs, type PeerEvent } from '../connection.ts';
import { dial } from '../greeting.ts';
import { Intake, type Taker } from './intake.ts';

export interface FetchLine {
  /** The address of the other side. */
  readonly host: string;
  /** The connection, whose events are for `onEvent` from now on. */
  readonly connect: (onEvent: (event: PeerEvent) => void) => Connection;
  /** Who takes what is read from now on. */
  readonly attach: (taker: Taker) => void;
  readonly resume: () => void;
}

/** Dials. The socket is destroyed once `closed` settles. Problems are those of `dial`. */
export async function dialledLine(
  { host, tcpPort, peer, name, me }: Pick<FetchInput, 'host' | 'tcpPort' | 'peer' | 'name' | 'me'>,
  closed: Promise<void>,
): Promise<Result<FetchLine>> {
  const intake = new Intake();
  const { socket, remote } = dial({ host, tcpPort, peer, name, me }, intake);
  void closed.then(() => socket.destroy());
  const proved = await remote;
  if (!proved.ok) return proved;
  const session = new PeerSession({ role: 'dialer', name: me.name, agent: me.agent, nowMs: nowMs() });
  return ok({
    host: socket.remoteAddress ?? host,
    connect: (onEvent) => new Connection(socket, session, onEvent),
    attach: (taker) => intake.attach(taker),
    resume: () => socket.resume(),
  });
}
