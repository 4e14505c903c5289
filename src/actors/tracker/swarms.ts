/**
 * Brings together who downloads the same: answers who joins with those that are there, and tells those that are
 * there of newcomers, of peers that begin to share it, and of peers that come back with it.
 * Invariant: what it knows ends with the connection it came over, and costs bounded memory.
 */
import { Allowance } from '../../core/tracker/allowance.ts';
import type { Source } from '../../core/catalogue.ts';
import { networkOf } from '../../core/host.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxLonelyContents, swarmNews, swarmSweepMs, swarmsMailbox } from '../../core/limits/tracker.ts';
import { maxIdsPerGetSources, maxSourcesPerContent } from '../../core/limits/wire.ts';
import type { Result } from '../../core/result.ts';
import { SwarmBook } from '../../core/swarm/swarm-book.ts';
import type { Swarm } from '../../protocol/tracker-messages.ts';
import type { ContentSources } from '../../store/catalog-store.ts';
import { actor, type ActorRef, type Asking, type Clock } from '../runtime/index.ts';
import { askDesk, type LookUpDesk } from './look-up-desk.ts';

/** Told to a connection whose peer has joined. */
export interface Newcomers {
  readonly type: 'newcomers';
  readonly contents: readonly Swarm[];
}

export type SwarmsCommand =
  /** `visitor`: the number of a connection, never used before. Answered with the partial sources of each id. */
  | ({
      readonly type: 'join';
      readonly visitor: number;
      readonly connection: ActorRef<Newcomers>;
      readonly source: Source;
      readonly ids: readonly ContentId[];
      /** Those of the ids that nobody shares now. */
      readonly lonely: readonly ContentId[];
      readonly perId: number;
    } & Asking<readonly (readonly Source[])[]>)
  | { readonly type: 'leave'; readonly visitor: number; readonly ids: readonly ContentId[] }
  /** Its connection has ended. */
  | { readonly type: 'left'; readonly visitor: number }
  /** Somebody begins to share contents. */
  | { readonly type: 'shared'; readonly source: Source; readonly ids: readonly ContentId[] }
  /** Somebody came back with a share that is known. */
  | { readonly type: 'returned'; readonly source: Source };

type SwarmsMessage =
  | SwarmsCommand
  | { readonly type: 'sweep' }
  | {
      readonly type: 'found';
      readonly source: Source;
      readonly answer: Result<readonly ContentSources[]>;
    };

export interface SwarmsArgs {
  readonly desk: () => LookUpDesk;
  readonly clock: Clock;
  readonly random: () => number;
}

export const swarmsActor = actor<SwarmsMessage, SwarmsArgs>(
  'swarms',
  (ctx, { desk, clock, random }) => {
    const book = new SwarmBook(random);
    const connections = new Map<number, ActorRef<Newcomers>>();
    /** How much more is told of who comes from where: others are told of nobody more often than they can bear. */
    const allowances = new Map<string, Allowance>();
    /** Contents that were joined while nobody shared them, the latest last. */
    const lonely = new Set<ContentId>();
    ctx.timers.every('sweep', swarmSweepMs, { type: 'sweep' });

    function join(message: Extract<SwarmsCommand, { type: 'join' }>): (readonly Source[])[] {
      const { visitor, connection, source, ids, perId } = message;
      connections.set(visitor, connection);
      for (const id of ids) lonely.delete(id);
      for (const id of message.lonely) lonely.add(id);
      for (const oldest of lonely) {
        if (lonely.size <= maxLonelyContents) break;
        lonely.delete(oldest);
      }
      const news = new Map<number, Swarm[]>();
      const answers = ids.map((id) => {
        const { partial, tell } = book.join(visitor, source, id, perId, clock.now());
        for (const other of tell) note(news, other, { id, sizeBytes: 0, sources: [], partial: [source] });
        return partial;
      });
      inform(source, news);
      return answers;
    }

    /** Who is too slow to hear it, or was told too much of the same host, finds out when it asks again. */
    function inform({ host }: Source, news: ReadonlyMap<number, readonly Swarm[]>): void {
      for (const [visitor, contents] of news)
        for (let at = 0; at < contents.length; at += maxIdsPerGetSources) {
          const some = contents.slice(at, at + maxIdsPerGetSources);
          if (!allowanceOf(host).take(clock.now(), some.length)) return;
          connections.get(visitor)?.offer({ type: 'newcomers', contents: some });
        }
    }

    function allowanceOf(host: string): Allowance {
      const network = networkOf(host);
      const allowance = allowances.get(network) ?? new Allowance(swarmNews, clock.now());
      allowances.set(network, allowance);
      return allowance;
    }

    function shared(source: Source, ids: Iterable<ContentId>): void {
      const news = new Map<number, Swarm[]>();
      for (const id of ids) {
        lonely.delete(id);
        for (const visitor of book.interested(id))
          note(news, visitor, { id, sizeBytes: 0, sources: [source], partial: [] });
      }
      inform(source, news);
    }

    function sweep(): void {
      book.sweep(clock.now());
      for (const [network, allowance] of allowances)
        if (allowance.isFull(clock.now())) allowances.delete(network);
      for (const visitor of connections.keys()) if (!book.has(visitor)) connections.delete(visitor);
    }

    /** Of those who came back only what is sorely wanted is looked at: the rest is found by asking again. */
    function returned(source: Source): void {
      const ids = [...lonely].slice(-maxIdsPerGetSources);
      if (ids.length === 0) return;
      const question = { type: 'holders', ids, perContent: maxSourcesPerContent } as const;
      askDesk(ctx, desk(), question, (answer) => ({ type: 'found' as const, source, answer }));
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'join':
            return message.replyTo.reply(join(message));
          case 'leave':
            return book.leave(message.visitor, message.ids);
          case 'left':
            connections.delete(message.visitor);
            return book.left(message.visitor);
          case 'shared':
            return shared(message.source, message.ids);
          case 'returned':
            return returned(message.source);
          case 'found': {
            const { source, answer } = message;
            if (!answer.ok) return;
            const had = answer.value.filter(({ sources }) =>
              sources.some(({ peer }) => peer === source.peer),
            );
            return shared(
              source,
              had.map(({ id }) => id),
            );
          }
          case 'sweep':
            return sweep();
        }
      },
    };
  },
  { mailbox: { capacity: swarmsMailbox } },
);

function note(news: Map<number, Swarm[]>, visitor: number, content: Swarm): void {
  const contents = news.get(visitor);
  if (contents) contents.push(content);
  else news.set(visitor, [content]);
}
