/** The beginning of one connection, with an end: it is known who is there, or a problem, within a time. */
import type { Socket } from 'node:net';
import type { PeerId } from '../../core/ids.ts';
import { fail, type Result } from '../../core/result.ts';

/**
 * Waits until `begin` settles who is there. With a problem (`unreachable` or what `explain` makes of an error,
 * `timeout`, `closed`, or that which was settled) the socket is closed once what was written has gone out.
 */
export async function handshake(
  socket: Socket,
  timeoutMs: number,
  begin: (settle: (outcome: Result<PeerId>) => void) => void,
  explain = (error: Error): Result<PeerId> => fail('unreachable', error.message),
): Promise<Result<PeerId>> {
  const result = await new Promise<Result<PeerId>>((resolve) => {
    const timer = setTimeout(() => resolve(fail('timeout', 'The handshake took too long')), timeoutMs);
    const settle = (outcome: Result<PeerId>): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    // Stays, so that an error after the end of the handshake is never without a listener.
    socket.on('error', (error) => settle(explain(error)));
    socket.once('close', () => settle(fail('closed', 'The connection was closed during the handshake')));
    begin(settle);
  });
  if (!result.ok) socket.destroySoon();
  return result;
}
