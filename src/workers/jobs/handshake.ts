/** The TLS handshake of one connection, with an end: done and proved, or a problem, within a time. */
import type { TLSSocket } from 'node:tls';
import type { PeerId } from '../../core/ids.ts';
import { fail, type Result } from '../../core/result.ts';

/**
 * Waits for `event` (`secure` where the socket is the server, `secureConnect` where it dialled), then asks
 * `prove` who is there. With a problem (`unreachable`, `timeout`, `closed`, or that of `prove`) the socket is
 * destroyed.
 */
export async function handshake(
  tls: TLSSocket,
  event: 'secure' | 'secureConnect',
  timeoutMs: number,
  prove: () => Result<PeerId>,
): Promise<Result<PeerId>> {
  const result = await new Promise<Result<PeerId>>((resolve) => {
    const timer = setTimeout(() => resolve(fail('timeout', 'The handshake took too long')), timeoutMs);
    const settle = (outcome: Result<PeerId>): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    // Stays, so that an error after the end of the handshake is never without a listener.
    tls.on('error', (error) => settle(fail('unreachable', error.message)));
    tls.once('close', () => settle(fail('closed', 'The connection was closed during the handshake')));
    tls.once(event, () => settle(prove()));
  });
  if (!result.ok) tls.destroy();
  return result;
}
