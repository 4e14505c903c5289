/**
 * Sessions with peers that we were at before, so that the next handshake needs no certificates. Of this thread only.
 * Invariant: a session is used only for the peer that proved its key when the session began, and by the same of us.
 */
import type { TLSSocket } from 'node:tls';
import type { PeerId } from '../core/ids.ts';
import { maxTlsSessionBytes, maxTlsSessions } from '../core/limits/connections.ts';

export class TlsSessions {
  /** In the order of their arrival; at most `maxTlsSessions`. */
  readonly #sessions = new Map<string, Buffer>();

  find(me: PeerId, peer: PeerId): Buffer | undefined {
    return this.#sessions.get(`${me} ${peer}`);
  }

  /** Keeps what a proved peer gives for the next time, if it is no larger than it need be. */
  collect(socket: TLSSocket, me: PeerId, peer: PeerId): void {
    socket.on('session', (session: Buffer) => {
      if (session.length <= maxTlsSessionBytes) this.#keep(`${me} ${peer}`, session);
    });
  }

  /** After a failure: it may be the session's fault. */
  forget(me: PeerId, peer: PeerId): void {
    this.#sessions.delete(`${me} ${peer}`);
  }

  #keep(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= maxTlsSessions) return;
      this.#sessions.delete(oldest);
    }
  }
}
