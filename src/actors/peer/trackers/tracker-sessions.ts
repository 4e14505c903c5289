/**
 * TLS sessions with trackers that we were at before, so that who comes back needs no certificates. In memory only.
 * Invariant: a session stands for the key that was proved when it began, and is used only at the same address, by the
 * same of us: a tracker that can go on with it has the secrets of the one that began it, and shows no certificate again.
 */
import type { TLSSocket } from 'node:tls';
import { hostPort } from '../../../core/host.ts';
import type { TrackerAddress } from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import { maxTlsSessionBytes, maxTlsSessions } from '../../../core/limits/connections.ts';
import type { TlsOptions } from '../../../identity/tls.ts';

export interface KeptSession {
  /** Who proved to be there. */
  readonly id: PeerId;
  readonly session: Buffer;
}

export class TrackerSessions {
  /** By address, in the order of their arrival; at most `maxTlsSessions`. */
  readonly #sessions = new Map<string, KeptSession>();

  find(address: TrackerAddress): KeptSession | undefined {
    return this.#sessions.get(hostPort(address));
  }

  /** Keeps what a tracker of this id gives for the next time, if it is no larger than it need be. */
  collect(socket: TLSSocket, address: TrackerAddress, id: PeerId): void {
    socket.on('session', (session: Buffer) => {
      if (session.length <= maxTlsSessionBytes) this.keep(address, { id, session });
    });
  }

  keep(address: TrackerAddress, kept: KeptSession): void {
    this.forget(address);
    this.#sessions.set(hostPort(address), kept);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= maxTlsSessions) return;
      this.#sessions.delete(oldest);
    }
  }

  forget(address: TrackerAddress): void {
    this.#sessions.delete(hostPort(address));
  }
}

const known = new WeakMap<TlsOptions['secureContext'], TrackerSessions>();

/** Those of who speaks with these options: a session is of the identity that began it. */
export function trackerSessionsOf({ secureContext }: TlsOptions): TrackerSessions {
  const sessions = known.get(secureContext) ?? new TrackerSessions();
  known.set(secureContext, sessions);
  return sessions;
}
