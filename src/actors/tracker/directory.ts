/**
 * Says who is connected and reaches them: keeps the roster as the listeners tell, has peers listed, and passes on
 * what others have to say to the connection of a peer, or to all. Invariant: a peer that the registry was asked to
 * list is on the roster before the registry hears of it, so that whatever ends it, somebody takes it out again.
 */
import type { MessagePort } from 'node:worker_threads';
import type { PeerId } from '../../core/ids.ts';
import { directoryMailbox } from '../../core/limits/tracker.ts';
import { fail, type Result } from '../../core/result.ts';
import type { AttachProblem, PeerArrival, ShareState } from '../../store/catalog-store.ts';
import { actor, type ActorRef, type Asking } from '../runtime/index.ts';
import type { ConnectionCommand } from './connection-commands.ts';
import type { Lanes } from './lanes.ts';
import type { ProberCommand } from './prober.ts';
import type { ReaperCommand } from './reaper.ts';
import type { RegistryCommand } from './registry.ts';
import type { Roster, Ticket } from './roster.ts';
import type { SwarmsCommand } from './swarms.ts';

/** What has happened to a connection: its handshake is done, it is in, its listener has let go of it. */
export type News = readonly [what: 'secured' | 'arrived' | 'released', slot: number, session: number];

export type DirectoryCommand =
  /** Tells the connection of a listed peer; answered with whether it was told: false when it is not here. */
  | ({ readonly type: 'tell'; readonly peer: PeerId; readonly message: ConnectionCommand } & Asking<boolean>)
  /** Tells every connection, guests' too. */
  | { readonly type: 'tell-all'; readonly message: ConnectionCommand }
  /** A question to the registry, asked for a connection. `nowMs`: milliseconds since 1970. */
  | ({
      readonly type: 'attach';
      readonly slot: number;
      readonly session: number;
      readonly arrival: PeerArrival;
      readonly nowMs: number;
    } & Asking<Result<ShareState, AttachProblem>>)
  /** A listener is up, and takes sockets at a port. */
  | ({ readonly type: 'open-lane'; readonly listener: number; readonly port: MessagePort } & Asking<boolean>)
  | { readonly type: 'news'; readonly news: readonly News[] };

type DirectoryMessage =
  DirectoryCommand | { readonly type: 'lane-closed'; readonly listener: number; readonly port: MessagePort };

export interface DirectoryArgs {
  readonly roster: Roster;
  readonly lanes: Lanes;
  readonly registry: ActorRef<RegistryCommand>;
  readonly reaper: ActorRef<ReaperCommand>;
  readonly swarms: ActorRef<SwarmsCommand>;
  readonly prober: ActorRef<ProberCommand>;
}

export const directoryActor = actor<DirectoryMessage, DirectoryArgs>(
  'directory',
  (ctx, { roster, lanes, registry, reaper, swarms, prober }) => {
    /** What who comes is told of others. */
    let elsewhere: ConnectionCommand | undefined;

    function hear([what, slot, session]: News): void {
      if (what === 'secured') return roster.secured(slot, session);
      if (what === 'released') return roster.released(slot, session);
      const replaced = roster.arrived(slot, session);
      const peer = roster.ofSlot(slot)?.arrival?.peer;
      // Where it has no room this one is not dialled back until it comes again.
      if (peer !== undefined) prober.offer({ type: 'arrived', peer });
      const listener = roster.ofSlot(slot)?.listener;
      if (elsewhere !== undefined && listener !== undefined) lanes.tell(listener, session, elsewhere);
      if (replaced !== undefined)
        lanes.tell(replaced.listener, replaced.session, { type: 'close', why: 'replaced' });
    }

    function lost(tickets: readonly Ticket[]): void {
      for (const { session } of tickets) swarms.tell({ type: 'left', visitor: session });
    }

    /** Where it had a port before, its actor has begun anew: whoever was with it is gone. */
    function open(listener: number, port: MessagePort): void {
      if (lanes.isOpen(listener)) lost(roster.lost(listener));
      port.once('close', () => ctx.self.tell({ type: 'lane-closed', listener, port }));
      lanes.open(listener, port);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'tell': {
            const entry = roster.ofPeer(message.peer);
            const isTold = entry !== undefined && lanes.tell(entry.listener, entry.session, message.message);
            message.replyTo.reply(isTold);
            return;
          }
          case 'tell-all':
            if (message.message.type === 'trackers' || message.message.type === 'redirect')
              elsewhere = message.message.trackers.length > 0 ? message.message : undefined;
            return lanes.tellAll(message.message);
          case 'attach': {
            const { slot, session, arrival, nowMs, replyTo } = message;
            if (roster.arriving(slot, session, arrival))
              registry.tell({ type: 'attach', arrival, session, nowMs, replyTo });
            else replyTo.reply(fail('closed', 'This connection has ended'));
            return;
          }
          case 'news':
            for (const one of message.news) hear(one);
            break;
          case 'open-lane':
            open(message.listener, message.port);
            message.replyTo.reply(true);
            break;
          case 'lane-closed':
            if (lanes.closed(message.listener, message.port)) lost(roster.lost(message.listener));
            break;
        }
        if (roster.ended.length > 0) reaper.offer({ type: 'ended' });
      },
    };
  },
  { mailbox: { capacity: directoryMailbox } },
);
