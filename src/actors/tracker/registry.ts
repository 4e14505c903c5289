/**
 * The one owner of the catalogue: who is online, under which name, with which files. It may run on a thread of
 * its own, so it takes and gives plain data only. Invariant: the writes of a peer happen one after the other, and one of a
 * session that has been replaced or has ended changes nothing.
 */
import { randomUUID } from 'node:crypto';
import { Allowance } from '../../core/tracker/allowance.ts';
import type { PeerId } from '../../core/ids.ts';
import type { NeighbourTracker } from '../../core/tracker/neighbours.ts';
import { suggestionTime } from '../../core/limits/stores.ts';
import { maxRegistryOperations, registryMailbox } from '../../core/limits/tracker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { ThreadCounters, type CounterBlock } from '../../core/tracker/tracker-counters.ts';
import type { ClusterStats } from '../../core/tracker/tracker-stats.ts';
import type {
  AttachProblem,
  CatalogStore,
  PeerArrival,
  PreparedBatch,
  ShareBatch,
  ShareChange,
  ShareState,
  StoreStats,
  SweepLimits,
  SweepOutcome,
} from '../../store/catalog-store.ts';
import { openStore } from '../../store/open-store.ts';
import { actor, type ActorRef, type Asking } from '../runtime/index.ts';
import { answersOf, type Settled } from './answers.ts';
import { tellingPatience, type CatalogueWait } from './catalogue-wait.ts';
import { lookUp, type LookUp } from './look-ups.ts';
import { WriteOrder } from './write-order.ts';
import { threadMeterActor } from './thread-meter.ts';

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
  | ({ readonly type: 'apply'; readonly stay: Stay; readonly batch: ShareBatch | PreparedBatch } & Asking<
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
  /** Answered once it is another life than the one that is known: with the first start, and with each after a fall. */
  | ({ readonly type: 'life'; readonly known: string | undefined } & Asking<string>)
  /**
   * Lists again who is connected, after a start; `isAll`: nobody else is. Answered with those that could not be, or
   * whose share is not known any more. Until then who is not known is `busy`, not `closed`.
   */
  | ({
      readonly type: 'restore';
      readonly stays: readonly (Stay & { readonly arrival: PeerArrival })[];
      readonly isAll: boolean;
      readonly nowMs: number;
    } & Asking<Result<readonly Stay[]>>)
  /** Whether the address of a peer was got through to. */
  | ({ readonly type: 'set-reachable'; readonly stay: Stay; readonly reachable: boolean } & Asking<
      Result<void>
    >)
  /** Keeps this tracker listed where those of its catalogue are, and gives the others; undefined: there is no list. */
  | ({ readonly type: 'announce'; readonly self: NeighbourTracker; readonly leaseMs: number } & Asking<
      Result<readonly NeighbourTracker[] | undefined>
    >)
  | ({ readonly type: 'withdraw'; readonly self: NeighbourTracker } & Asking<Result<void>>)
  /** Who is here now is on the way to the other trackers, and stays listed when this one stops. */
  | { readonly type: 'hand-over' }
  /** Leaves a text for the tracker that a peer is with, or fetches what others left here; undefined: there is none. */
  | ({ readonly type: 'post'; readonly peer: PeerId; readonly text: string } & Asking<
      Result<'posted' | 'absent' | 'full' | undefined>
    >)
  | ({ readonly type: 'collect' } & Asking<Result<readonly string[] | undefined>>)
  /** How many are online. */
  | ({ readonly type: 'count-peers' } & Asking<Result<number>>)
  | ({ readonly type: 'sweep'; readonly limits: SweepLimits } & Asking<Result<SweepOutcome>>)
  | ({ readonly type: 'stats' } & Asking<Result<StoreStats & { readonly cluster?: ClusterStats }>>)
  /** Copies the catalogue to a file while everything goes on. It may take minutes. */
  | ({ readonly type: 'backup'; readonly path: string } & Asking<Result<void>>)
  | LookUp;

/** Rows that were acknowledged may be gone: what peers share is to be compared with what is kept. */
export interface RowsLost {
  readonly type: 'rows-lost';
}

/** Plain data: it crosses to the registry's thread. */
export interface RegistryArgs {
  /** `memory:`, the path of a file, or another store's URL. */
  readonly store: string;
  /** In place of it, where the registry is on the thread of who spawned it. */
  readonly openStore?: (() => Promise<Result<CatalogStore>>) | undefined;
  /** Where it has a thread of its own, which is measured there. */
  readonly counters?: CounterBlock | undefined;
  /** Told what it waits for when it cannot open the catalogue yet. */
  readonly waits?: ActorRef<CatalogueWait> | undefined;
  /** See `LookUpDesk`: while any has, it gives way. None: nobody else looks anything up. */
  readonly waiting?: SharedArrayBuffer | undefined;
  /** Told when the catalogue may have lost rows. */
  readonly losses?: ActorRef<RowsLost> | undefined;
}

export const registryActor = actor<RegistryCommand | Settled, RegistryArgs>(
  'registry',
  async (ctx, args) => {
    const counters = ThreadCounters.in(args.counters);
    const waiting = args.waiting && new Int32Array(args.waiting);
    const isAwaited = waiting && (() => waiting.some((questions) => questions > 0));
    const patience = { ...tellingPatience('registry', args.waits), isAwaited };
    const opened = await (args.openStore?.() ?? openStore(args.store, counters, patience));
    if (!opened.ok) throw new Error(opened.problem.message, { cause: opened.problem });
    const store = opened.value;
    store.onLoss?.(() => args.losses?.tell({ type: 'rows-lost' }));
    if (args.counters !== undefined) ctx.spawn(threadMeterActor, { counters });
    const sessions = new Map<PeerId, number>();
    const { answer, settle } = answersOf(ctx, maxRegistryOperations);
    const order = new WriteOrder();
    const suggesting = new Allowance(suggestionTime, performance.now());
    const life = randomUUID();
    let isRestored = false;

    const isCurrent = ({ peer, session }: Stay): boolean => sessions.get(peer) === session;

    function writeOf<R>(stay: Stay, work: () => Promise<Result<R>>): () => Promise<Result<R>> {
      return () => order.run([stay.peer], async () => (isCurrent(stay) ? work() : notCurrent(stay)));
    }

    /** The same, beside others of its kind where the store can do that: they end up in one transaction. */
    function writeAhead<R>(stay: Stay, work: () => Promise<Result<R>>): () => Promise<Result<R>> {
      if (store.takesWritesAhead !== true) return writeOf(stay, work);
      return () => order.join(stay.peer, async () => (isCurrent(stay) ? work() : notCurrent(stay)));
    }

    function notCurrent({ peer }: Stay): Result<never> {
      if (isRestored || sessions.has(peer)) return fail('closed', 'This session has been replaced');
      return fail('busy', 'The tracker is finding out who is here');
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

    async function restore({
      stays,
      isAll,
      nowMs,
    }: Extract<RegistryCommand, { type: 'restore' }>): Promise<Result<readonly Stay[]>> {
      const isLost = (stay: Stay & { readonly arrival: PeerArrival }): Promise<boolean> =>
        order.run([stay.peer], async () => {
          // Whoever came since the start came later.
          if (sessions.has(stay.peer)) return false;
          const state = await attach(stay.arrival, stay.session, nowMs);
          return !state.ok || (state.value.generation === 0 && state.value.count === 0);
        });
      const lost = await Promise.all(stays.map(isLost));
      isRestored ||= isAll;
      return ok(stays.filter((_, at) => lost[at]).map(({ peer, session }) => ({ peer, session })));
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'attach':
            answer(message.replyTo, () =>
              order.run([message.arrival.peer], () =>
                attach(message.arrival, message.session, message.nowMs),
              ),
            );
            return;
          case 'apply':
            answer(
              message.replyTo,
              writeAhead(message.stay, () => store.apply(message.stay.peer, message.batch)),
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
              writeAhead(message.stay, () => store.commit(message.stay.peer, message.state)),
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
              order.run(
                message.stays.map(({ peer }) => peer),
                () =>
                  detach(
                    message.stays.filter(isCurrent).map(({ peer }) => peer),
                    message.nowMs,
                  ),
              ),
            );
            return;
          case 'life':
            if (message.known !== life) message.replyTo.reply(life);
            return;
          case 'restore':
            answer(message.replyTo, () => restore(message));
            return;
          case 'set-reachable':
            answer(
              message.replyTo,
              writeOf(message.stay, async () =>
                ok(await store.setReachable(message.stay.peer, message.reachable)),
              ),
            );
            return;
          case 'announce':
            answer(message.replyTo, async () =>
              ok(await store.neighbours?.announce(message.self, message.leaseMs)),
            );
            return;
          case 'withdraw':
            answer(message.replyTo, async () => ok(await store.neighbours?.withdraw(message.self)));
            return;
          case 'hand-over':
            return store.handOver?.();
          case 'post':
            answer(message.replyTo, async () => ok(await store.neighbours?.post(message.peer, message.text)));
            return;
          case 'collect':
            answer(message.replyTo, async () => ok(await store.neighbours?.collect()));
            return;
          case 'count-peers':
            // Of a catalogue that others have too, all of theirs are online.
            if (store.neighbours === undefined) message.replyTo.reply(ok(sessions.size));
            else answer(message.replyTo, async () => ok((await store.stats()).peersOnline));
            return;
          case 'sweep':
            answer(message.replyTo, async () => ok(await store.sweep(message.limits)));
            return;
          case 'stats':
            answer(message.replyTo, async () => {
              // At once: a part that is away is waited for by both.
              const [stats, cluster] = await Promise.all([store.stats(), store.cluster?.()]);
              return ok({ ...stats, ...(cluster && { cluster }) });
            });
            return;
          case 'backup':
            answer(message.replyTo, () => store.backup(message.path));
            return;
          case 'settled':
            return settle(message);
          case 'search':
          case 'find-name':
          case 'find-contents':
          case 'holders':
          case 'peers':
          case 'find-peer':
            return lookUp(store, message, answer, suggesting);
        }
      },
      stopped: async () => {
        await order.idle();
        await store.close();
      },
    };
  },
  { mailbox: { capacity: registryMailbox }, module: import.meta.url },
);
