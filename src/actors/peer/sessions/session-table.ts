/** The connections to peers that are downloaded from: one for each, whatever the number of downloads, and not too many. */
import type { Source } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import { maxSessions } from '../../../core/limits/downloads.ts';
import type { ActorContext, ActorRef } from '../../runtime/index.ts';
import { Reached } from './reached.ts';
import { sessionActor, type SessionCommand } from './session.ts';
import type { LineArgs } from './session-line.ts';

export interface SessionOver {
  readonly type: 'session-over';
  readonly peer: PeerId;
  readonly session: ActorRef<SessionCommand>;
}

export class SessionTable {
  readonly #ctx: ActorContext<SessionOver>;
  readonly #args: Omit<LineArgs, 'source' | 'reached'>;
  readonly #reached = new Reached();
  readonly #sessions = new Map<PeerId, ActorRef<SessionCommand>>();

  constructor(ctx: ActorContext<SessionOver>, args: Omit<LineArgs, 'source' | 'reached'>) {
    this.#ctx = ctx;
    this.#args = args;
  }

  /** The connection to a peer, made when there is none; undefined when there are too many. */
  with(source: Source): ActorRef<SessionCommand> | undefined {
    const { peer } = source;
    const known = this.#sessions.get(peer);
    if (known) return known;
    if (this.#sessions.size >= maxSessions) return undefined;
    const args = { source, reached: this.#reached, ...this.#args };
    const session = this.#ctx.spawn(sessionActor, args, { restart: 'temporary' });
    this.#sessions.set(peer, session);
    this.#ctx.watch(session, () => ({ type: 'session-over', peer, session }));
    return session;
  }

  disconnect(peer: PeerId): void {
    const session = this.#sessions.get(peer);
    if (session) this.#ctx.stopChild(session);
  }

  over({ peer, session }: SessionOver): void {
    if (this.#sessions.get(peer) === session) this.#sessions.delete(peer);
  }
}
