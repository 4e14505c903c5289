/**
 * The one owner of the catalogue: who is online, under which name, with which files. It may run on a thread of
 * its own, so it takes and gives plain data only. Invariant: writes happen one after the other, and a write of a
 * session that has been replaced or has ended changes nothing.
 */
import type { PeerSummary } from '../../core/catalogue.ts';
import type { ContentId, PeerId } from '../../core/ids.ts';
import { maxRegistryOperations, registryMailbox } from '../../core/limits.ts';
import { compileQuery } from '../../core/query.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type {
  AttachProblem,
  ContentSources,
  PeerArrival,
  PeerPage,
  SearchPage,
  ShareBatch,
  ShareChange,
  ShareState,
  SweepLimits,
  SweepOutcome,
} from '../../store/catalog-store.ts';
import { openStore } from '../../store/open-store.ts';
import { actor, type Asking, type Outcome, type ReplyTo } from '../runtime/index.ts';
import { storeProblem } from './store-problem.ts';

/** One stay of a peer, from its attach to its detach. `session`, never used twice, tells it from its others. */
export interface Stay {
  readonly peer: PeerId;
  readonly session: number;
}

export type RegistryCommand =
  /** `nowMs` here and below: wall time, milliseconds since 1970: it must mean something after a restart. */
  | ({
      readonly type: 'attach';
      readonly arrival: PeerArrival;
      readonly session: number;
      readonly nowMs: number;
    } & Asking<Result<ShareState, AttachProblem>>)
  | ({ readonly type: 'apply'; readonly stay: Stay; readonly batch: ShareBatch } & Asking<
      Result<ShareChange>
    >)
  | ({ readonly type: 'drop-buckets'; readonly stay: Stay; readonly buckets: readonly number[] } & Asking<
      Result<number>
    >)
  | ({ readonly type: 'commit'; readonly stay: Stay; readonly state: ShareState } & Asking<
      Result<ShareState>
    >)
  | ({ readonly type: 'bucket-digests'; readonly stay: Stay } & Asking<Result<Uint8Array>>)
  | ({ readonly type: 'detach'; readonly stays: readonly Stay[]; readonly nowMs: number } & Asking<
      Result<number>
    >)
  /** Whoever came before a session and with it. */
  | ({ readonly type: 'detach-all'; readonly upToSession: number; readonly nowMs: number } & Asking<
      Result<number>
    >)
  | ({ readonly type: 'search'; readonly query: string; readonly limit: number } & Asking<Result<SearchPage>>)
  | ({ readonly type: 'find-name'; readonly name: string; readonly limit: number } & Asking<
      Result<SearchPage>
    >)
  | ({
      readonly type: 'holders';
      readonly ids: readonly ContentId[];
      readonly perContent: number;
      /** Which of more than that, see `CatalogStore`; default: those known longest. */
      readonly turn?: number;
    } & Asking<Result<readonly ContentSources[]>>)
  | ({ readonly type: 'peers'; readonly cursor: string | undefined; readonly limit: number } & Asking<
      Result<PeerPage>
    >)
  /** By name or id; undefined when nobody of that kind is online. */
  | ({ readonly type: 'find-peer'; readonly peer: string } & Asking<Result<PeerSummary | undefined>>)
  /** How many are online. */
  | ({ readonly type: 'count-peers' } & Asking<Result<number>>)
  | ({ readonly type: 'sweep'; readonly limits: SweepLimits } & Asking<Result<SweepOutcome>>);

type RegistryMessage = RegistryCommand | { readonly type: 'settled'; readonly outcome: Outcome<() => void> };

/** Plain data: it crosses to the registry's thread. */
export interface RegistryArgs {
  /** `memory:` or the path of a file. */
  readonly store: string;
}

export const registryActor = actor<RegistryMessage, RegistryArgs>(
  'registry',
  async (ctx, args) => {
    const opened = await openStore(args.store);
    if (!opened.ok) throw new Error(opened.problem.message, { cause: opened.problem });
    const store = opened.value;
    const sessions = new Map<PeerId, number>();
    let writes: Promise<unknown> = Promise.resolve();

    let underWay = 0;

    /** Answers with what `work` gives. A store that fails otherwise than by its disk is reopened: the actor fails. */
    function answer<R>(replyTo: ReplyTo<Result<R>>, work: () => Promise<Result<R>>): void {
      if (underWay >= maxRegistryOperations) {
        replyTo.reply(fail('busy', 'The tracker has more to do than it can; try again in a moment'));
        return;
      }
      underWay += 1;
      ctx.pipe(work(), (outcome) => {
        if (outcome.ok) return settled(() => replyTo.reply(outcome.value));
        const problem = storeProblem(outcome.error);
        if (problem === undefined) return { type: 'settled', outcome };
        return settled(() => replyTo.reply({ ok: false, problem }));
      });
    }

    /** Runs `work` when all writes before it have ended. */
    function write<R>(work: () => Promise<R>): Promise<R> {
      const done = writes.then(work);
      writes = done.catch(() => undefined);
      return done;
    }

    const isCurrent = ({ peer, session }: Stay): boolean => sessions.get(peer) === session;

    function writeOf<R>(stay: Stay, work: () => Promise<Result<R>>): () => Promise<Result<R>> {
      return () =>
        write(async () => (isCurrent(stay) ? work() : fail('closed', 'This session has been replaced')));
    }

    async function attach(
      arrival: PeerArrival,
      session: number,
      nowMs: number,
    ): Promise<Result<ShareState, AttachProblem>> {
      const state = await store.attach(arrival, nowMs);
      if (state.ok) sessions.set(arrival.peer, session);
      return state;
    }

    /** A peer that the store could not take out is still here, for who tries again. */
    async function detach(peers: readonly PeerId[], nowMs: number): Promise<Result<number>> {
      if (peers.length > 0) await store.detach(peers, nowMs);
      for (const peer of peers) sessions.delete(peer);
      return ok(peers.length);
    }

    function cameUpTo(last: number): readonly PeerId[] {
      return [...sessions].filter(([, session]) => session <= last).map(([peer]) => peer);
    }

    async function search(text: string, limit: number): Promise<Result<SearchPage>> {
      const query = compileQuery(text);
      return query.ok ? ok(await store.search(query.value, { limit })) : query;
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'attach':
            answer(message.replyTo, () =>
              write(() => attach(message.arrival, message.session, message.nowMs)),
            );
            return;
          case 'apply':
            answer(
              message.replyTo,
              writeOf(message.stay, () => store.apply(message.stay.peer, message.batch)),
            );
            return;
          case 'drop-buckets':
            answer(
              message.replyTo,
              writeOf(message.stay, () => store.dropBuckets(message.stay.peer, message.buckets)),
            );
            return;
          case 'commit':
            answer(
              message.replyTo,
              writeOf(message.stay, () => store.commit(message.stay.peer, message.state)),
            );
            return;
          case 'bucket-digests':
            answer(
              message.replyTo,
              writeOf(message.stay, () => store.bucketDigests(message.stay.peer)),
            );
            return;
          case 'detach':
            answer(message.replyTo, () =>
              write(() =>
                detach(
                  message.stays.filter(isCurrent).map(({ peer }) => peer),
                  message.nowMs,
                ),
              ),
            );
            return;
          case 'detach-all':
            answer(message.replyTo, () => write(() => detach(cameUpTo(message.upToSession), message.nowMs)));
            return;
          case 'search':
            answer(message.replyTo, () => search(message.query, message.limit));
            return;
          case 'find-name':
            answer(message.replyTo, async () => ok(await store.findName(message.name, message.limit)));
            return;
          case 'holders':
            answer(message.replyTo, async () =>
              ok(await store.holders(message.ids, message.perContent, message.turn)),
            );
            return;
          case 'peers':
            answer(message.replyTo, async () => ok(await store.peers(message.cursor, message.limit)));
            return;
          case 'find-peer':
            answer(message.replyTo, async () => ok(await store.findPeer(message.peer)));
            return;
          case 'count-peers':
            message.replyTo.reply(ok(sessions.size));
            return;
          case 'sweep':
            answer(message.replyTo, () => write(async () => ok(await store.sweep(message.limits))));
            return;
          case 'settled':
            underWay -= 1;
            if (!message.outcome.ok) throw message.outcome.error;
            message.outcome.value();
            return;
        }
      },
      stopped: async () => {
        await writes;
        await store.close();
      },
    };
  },
  { mailbox: { capacity: registryMailbox }, module: import.meta.url },
);

const settled = (value: () => void): RegistryMessage => ({ type: 'settled', outcome: { ok: true, value } });
