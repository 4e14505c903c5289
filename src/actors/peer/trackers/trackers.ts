/**
 * All our trackers as one: keeps a link to each catalogue and puts every question to all of them, so that any one that
 * answers is enough. Invariant: each question is answered once, when the last link has, and a tracker that is
 * down delays nothing but its own part; of trackers that have one catalogue we are at one.
 */
import { unheardOf } from '../../../core/engine/engine-api.ts';
import type { EngineEvent, TrackerAddress, TrackerView } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import { maxOpenCalls } from '../../../core/limits/reach.ts';
import { trackersAskTimeoutMs, trackersMailbox } from '../../../core/limits/tracker-link.ts';
import { maxSearchResults } from '../../../core/limits/wire.ts';
import type { NeighbourTracker } from '../../../core/tracker/neighbours.ts';
import { fail, ok } from '../../../core/result.ts';
import type { Identity } from '../../../identity/identity.ts';
import { noteNeighbours, readNeighbours } from '../../../identity/known-neighbours.ts';
import { tlsOptions } from '../../../identity/tls.ts';
import { actor, type ActorRef, type Backoff, type Clock } from '../../runtime/index.ts';
import type { CallOfPeer } from '../sessions/callers.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
import { TrackerCatalogues, type KnownCatalogue } from './tracker-catalogues.ts';
import { searchTrackers } from './search-trackers.ts';
import { gatherer, type Link, type Part } from './tracker-gather.ts';
import { mergePeers, mergeResults, mergeSources } from './tracker-merge.ts';
import { Followers } from './followers.ts';
import type { OpenDoor } from '../uploads/guest-door.ts';
import { trackerLinkActor } from './tracker-link.ts';
import type { LinkNews } from './tracker-link-messages.ts';
import type { TrackersCommand } from './trackers-messages.ts';

export interface TrackersArgs {
  readonly trackers: readonly TrackerAddress[];
  readonly identity: Identity;
  /** Where the keys of known trackers are kept. */
  readonly home: string;
  /** Empty for a guest. */
  readonly name: string;
  /** Our program and its version, for the tracker's operator. */
  readonly agent: string;
  /** What we share; undefined for a guest, who connects at once and is listed nowhere. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly observer: ActorRef<EngineEvent>;
  /** Answers calls; undefined where nobody does. */
  readonly uploads?: ActorRef<{ readonly type: 'called' } & CallOfPeer>;
  /** Of a guest: opened at the first thing that others may have of us. */
  readonly guestDoor?: ActorRef<OpenDoor> | undefined;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs?: () => number;
  readonly random: () => number;
}

type TrackersMessage =
  | TrackersCommand
  | LinkNews
  /** A link has ended, in favour of this one. */
  | { readonly type: 'merge'; readonly into: KnownCatalogue }
  | Part;

type Call = Extract<TrackersCommand, { readonly type: 'call' }>;

export const trackersActor = actor<TrackersMessage, TrackersArgs>(
  'trackers',
  async (ctx, args) => {
    const { observer, library, home } = args;
    const door: { port: number | undefined } = { port: library === undefined ? 0 : undefined };
    const reach: { port: number | undefined } = { port: undefined };
    const followers = new Followers();
    const views = new Map<string, TrackerView>();
    const tls = tlsOptions(args.identity, 'tracker');
    const catalogues = new TrackerCatalogues(args.trackers, await readNeighbours(home));
    const links = new Map<KnownCatalogue, Link>();
    for (const catalogue of catalogues.all) links.set(catalogue, linkTo(catalogue));
    /** What is to be remembered of neighbours, by who told: however often, the last alone. */
    const unnoted = new Map<string, () => Promise<void>>();
    let noting: Promise<void> | undefined;

    function linkTo(catalogue: KnownCatalogue): Link {
      const [address] = catalogue.named;
      for (const named of catalogue.named) views.set(hostPort(named), { ...named, ...unheardOf });
      const { name, agent, clock, random, wallMs = Date.now } = args;
      return ctx.spawn(
        trackerLinkActor,
        {
          address,
          catalogue,
          own: args.identity.id,
          home,
          tls,
          name,
          agent,
          library,
          door,
          reach,
          owner: ctx.self,
          observer,
          clock,
          wallMs,
          random,
        },
        { backoff: restartBackoff, restart: 'transient' },
      );
    }

    /** A tracker has told of the others of its catalogue. */
    function learn(of: TrackerAddress, neighbours: readonly NeighbourTracker[]): void {
      const catalogue = catalogues.of(of);
      // Of a link that has ended.
      if (catalogue === undefined) return;
      const same = catalogues.learn(catalogue, neighbours, (first) => views.get(hostPort(first))?.id);
      for (const other of same) {
        const link = links.get(other);
        links.delete(other);
        if (link === undefined) continue;
        // It has taken our place there, perhaps, so we come in anew when it has left.
        ctx.watch(link, () => ({ type: 'merge', into: catalogue }));
        link.tell({ type: 'end' });
      }
      unnoted.set(hostPort(of), () => noteNeighbours(home, of, neighbours));
      noting ??= noteAll();
    }

    async function noteAll(): Promise<void> {
      for (const [of, note] of unnoted) {
        unnoted.delete(of);
        await note().catch(ignore);
      }
      noting = undefined;
    }

    /** What a link shows holds for all that were named of its catalogue. */
    function show(view: TrackerView): void {
      const { state: before, reach: reachBefore } = views.get(hostPort(view)) ?? view;
      for (const { host, port } of catalogues.of(view)?.named ?? []) {
        const isThere = view.via?.host === host && view.via.port === port;
        const isFirst = host === view.host && port === view.port;
        const via = isThere ? undefined : (view.via ?? (isFirst ? undefined : addressOf(view)));
        const shown = { ...view, host, port, via };
        views.set(hostPort(shown), shown);
        observer.tell({ type: 'tracker', tracker: shown });
      }
      if (before === 'connecting' && (view.state === 'registered' || view.state === 'syncing'))
        followers.tellAll({ type: 'seek' });
      if (reachBefore?.isReachable !== true && view.reach?.isReachable === true)
        followers.tellAll({ type: 'reachable' });
    }

    /** Calls that wait for our door. */
    const waiting: Call[] = [];
    const gather = gatherer({
      links: () => [...links.values()],
      once: (timer, afterMs, message) => ctx.timers.once(timer, afterMs, message),
      cancel: (timer) => ctx.timers.cancel(timer),
    });

    /** Whoever is to dial us has to find a door. */
    function call(message: Call): void {
      if (reach.port === undefined) {
        args.guestDoor?.tell({ type: 'open' });
        if (!args.guestDoor || waiting.push(message) > maxOpenCalls)
          (waiting.shift() ?? message).replyTo.reply(noDoor);
        return;
      }
      const { peer, token } = message;
      gather(
        message.replyTo,
        (link, toPart) => ctx.ask(link, { type: 'call', peer, token }, timeoutMs, toPart),
        ([first]) => first,
      );
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'search':
            return searchTrackers(ctx, gather, links, message);
          case 'find-name':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'find-name', name: message.name }, timeoutMs, toPart),
              (parts) => mergeResults(parts, maxSearchResults),
            );
            return;
          case 'find-contents':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'find-contents', ids: message.ids }, timeoutMs, toPart),
              (parts) => mergeResults(parts, Infinity),
            );
            return;
          case 'sources':
            if (message.ids.length === 0) message.replyTo.reply(ok([]));
            else
              gather(
                message.replyTo,
                (link, toPart) => ctx.ask(link, { type: 'sources', ids: message.ids }, timeoutMs, toPart),
                mergeSources,
              );
            return;
          case 'swarm': {
            const { id, isServed, follower } = message;
            followers.add(id, follower);
            if (isServed && reach.port === undefined) args.guestDoor?.tell({ type: 'open' });
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'swarm', id, isServed, follower }, timeoutMs, toPart),
              mergeSources,
            );
            return;
          }
          case 'unfollow':
            if (followers.remove(message.id, message.follower))
              for (const link of links.values()) link.tell({ type: 'leave', ids: [message.id] });
            return;
          case 'newcomers':
            for (const found of message.contents) followers.tell(found.id, { type: 'came', found });
            return;
          case 'called':
            args.uploads?.offer(message);
            return;
          case 'call':
            return call(message);
          case 'peers':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'peers' }, timeoutMs, toPart),
              mergePeers,
            );
            return;
          case 'find-peer':
            gather(
              message.replyTo,
              (link, toPart) => ctx.ask(link, { type: 'find-peer', peer: message.peer }, timeoutMs, toPart),
              ([first]) => first,
            );
            return;
          case 'part':
            message.take();
            return;
          case 'serving':
            reach.port = message.port;
            for (const held of waiting.splice(0)) call(held);
            if (library === undefined) return followers.tellAll({ type: 'seek' });
            door.port = message.port;
            for (const link of links.values()) link.tell({ type: 'serving' });
            return;
          case 'snapshot':
            for (const link of links.values()) link.tell({ type: 'look' });
            message.replyTo.reply([...views.values()]);
            return;
          case 'tracker-changed':
            show(message.view);
            return;
          case 'neighbours':
            learn(message.of, message.neighbours);
            return;
          case 'merge':
            links.get(message.into)?.tell({ type: 'merged' });
            return;
        }
      },
      stopped: async () => noting,
    };
  },
  {
    mailbox: { capacity: trackersMailbox },
    supervision: { strategy: 'one-for-one', maxRestarts: 10, withinMs: 60_000 },
  },
);

/** Links fail through our own faults only; a tracker that cannot be reached is nothing of that kind. */
const restartBackoff: Backoff = { minMs: 250, maxMs: 30_000, jitter: 0.2, resetAfterMs: 60_000 };

const timeoutMs = trackersAskTimeoutMs;

const noDoor = fail('unreachable', 'Nobody can be called from here: there is no port for others');

const ignore = (): void => {};

const addressOf = ({ host, port }: TrackerAddress): TrackerAddress => ({ host, port });
