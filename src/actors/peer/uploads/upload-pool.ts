/**
 * Everybody who downloads from us: takes in connections and answers calls, within bounds, and shares out the slots.
 * Invariant: every connection has exactly one upload actor, and what the slots say of it has been told to it.
 */
import type { EngineCommand, EngineEvent, UploadView } from '../../../core/engine/engine-api.ts';
import { networkOf } from '../../../core/host.ts';
import type { PeerId } from '../../../core/ids.ts';
import { minislotQuantumMs, uploadMinislots } from '../../../core/limits/connections.ts';
import { maxCallersDialled } from '../../../core/limits/reach.ts';
import {
  maxUploadConnections,
  maxUploadConnectionsPerHost,
  maxUploadConnectionsPerPeer,
  slotQuantumMs,
  slotRotateMs,
  uploadPoolMailbox,
} from '../../../core/limits/uploads.ts';
import { fail, ok, type Problem, type Result } from '../../../core/result.ts';
import { UploadSlots, type SlotChange } from '../../../core/uploads/upload-slots.ts';
import type { Pool } from '../../../workers/pool.ts';
import type {
  Introduction,
  RemotePeer,
  SlotWants,
  TransferJobs,
} from '../../../workers/transfer-contract.ts';
import { actor, type ActorRef, type Asking } from '../../runtime/index.ts';
import { Callers, type CallOfPeer } from '../sessions/callers.ts';
import type { Calls } from '../sessions/calls.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
import type { Incoming } from '../listener.ts';
import type { Partials } from '../downloads/partials.ts';
import { pieceCheckActor } from './piece-check.ts';
import type { Sweep } from '../reaper.ts';
import type { Rules } from '../rules.ts';
import { uploadActor, type UploadCommand, type UploadHost, type Visitor } from './upload.ts';
import { arrivedView } from './upload-view.ts';
import { VisitorRates } from './visitor-rates.ts';

export type UploadPoolCommand =
  | Incoming
  /** Somebody who cannot dial us wants something, and is to be dialled. */
  | ({ readonly type: 'called' } & CallOfPeer)
  | ({ readonly type: 'snapshot' } & Asking<readonly UploadView[]>)
  | Extract<EngineCommand, { readonly type: 'limit-uploads' }>
  /** Those of the rules have been set anew. */
  | { readonly type: 'limits-changed' }
  /** Ends the connections with a peer, which is told why. */
  | { readonly type: 'disconnect'; readonly peer: PeerId; readonly reason: Problem }
  | Sweep;

type UploadPoolMessage =
  | UploadPoolCommand
  | UploadHost
  | { readonly type: 'upload-over'; readonly upload: number }
  | { readonly type: 'rotate' };

export interface UploadPoolArgs {
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly library: ActorRef<LibraryCommand>;
  readonly partials: Partials;
  /** Who of our visitors was called by us. */
  readonly calls: Calls;
  readonly observer: ActorRef<EngineEvent>;
  readonly rules: Pick<Rules, 'limits' | 'rates' | 'isBlocked'>;
  readonly now?: () => number;
}

interface Upload {
  readonly ref: ActorRef<UploadCommand>;
  /** Where it comes from, see `networkOf`. */
  readonly host: string;
  /** It called, and is being dialled or was. */
  readonly isDialled: boolean;
  view: UploadView | undefined;
  wants: SlotWants;
  /** It has been shown out, and is not gone yet. */
  isLeaving: boolean;
}

const nothing: SlotWants = { small: false, large: false };

/** What a blocked peer is told. */
export const blockedPeer: Problem = { code: 'unauthorised', message: 'Nothing is shared with you here' };

export const uploadPoolActor = actor<UploadPoolMessage, UploadPoolArgs>(
  'upload-pool',
  (ctx, args) => {
    const { me, transfers, library, partials, calls, observer, rules, now = () => performance.now() } = args;
    const slots = new UploadSlots<number, PeerId>(rules.limits.uploadSlots, slotQuantumMs);
    const minislots = new UploadSlots<number, PeerId>(uploadMinislots, minislotQuantumMs);
    const uploads = new Map<number, Upload>();
    const visitorRates = new VisitorRates();
    const callers = new Callers(me.identity.id, now());
    const checker = ctx.spawn(pieceCheckActor, { transfers, library });
    let lastUpload = 0;
    ctx.timers.every('rotate', slotRotateMs, { type: 'rotate' });

    /** Whether there is room for a visitor from there. */
    function hasRoom(from: string): boolean {
      const neighbours = [...uploads.values()].filter(({ host }) => host === from).length;
      const isFull = uploads.size >= maxUploadConnections && !makeRoom(neighbours);
      return !isFull && neighbours < maxUploadConnectionsPerHost;
    }

    function accept({ socket, remoteHost }: Incoming): void {
      const from = networkOf(remoteHost);
      if (hasRoom(from)) receive({ socket }, from);
      else socket.destroy();
    }

    /** Whoever is not wanted is not answered: nobody has to be dialled. */
    function answer(call: CallOfPeer): void {
      const { peer, host, port: tcpPort } = call.caller;
      const from = networkOf(host);
      const dialled = [...uploads.values()].filter(({ isDialled, view }) => isDialled && !view).length;
      if (rules.isBlocked(peer) || dialled >= maxCallersDialled || !callers.admit(call, now())) return;
      if (hasRoom(from)) receive({ caller: { host, tcpPort, peer, token: call.token } }, from);
    }

    function receive(visitor: Visitor, from: string): void {
      const upload = (lastUpload += 1);
      const ref = ctx.spawn(
        uploadActor,
        {
          upload,
          visitor,
          me,
          transfers,
          library,
          partials,
          calls,
          rates: rules.rates.shared,
          pool: ctx.self,
          checker,
        },
        { name: `upload-${upload}`, restart: 'temporary' },
      );
      const isDialled = 'caller' in visitor;
      uploads.set(upload, { ref, host: from, isDialled, view: undefined, wants: nothing, isLeaving: false });
      ctx.watch(ref, () => ({ type: 'upload-over', upload }));
    }

    /**
     * Shows out, of the host with the most connections, the oldest that wants nothing, if that host has more than the
     * newcomer's would have: whoever is in does not keep out others by being in.
     */
    function makeRoom(neighbours: number): boolean {
      const leaving = [...uploads.values()].filter(({ isLeaving }) => isLeaving).length;
      if (uploads.size - leaving < maxUploadConnections) return true;
      const ofHost = new Map<string, Upload[]>();
      for (const upload of uploads.values())
        if (!upload.isLeaving) ofHost.set(upload.host, [...(ofHost.get(upload.host) ?? []), upload]);
      const [most = []] = [...ofHost.values()].toSorted((a, b) => b.length - a.length);
      const idle = most.find(({ wants }) => !wants.small && !wants.large);
      if (!idle || most.length <= neighbours + 1 || leaving >= maxUploadConnectionsPerHost) return false;
      idle.isLeaving = true;
      return idle.ref.offer({ type: 'end', reason: { code: 'busy', message: 'Others want to come in' } });
    }

    function authorize(upload: number, remote: RemotePeer): Result<SharedArrayBuffer> {
      const known = uploads.get(upload);
      const { peer } = remote;
      if (!known) return fail('closed', 'The connection is over');
      if (rules.isBlocked(peer)) return { ok: false, problem: blockedPeer };
      const others = [...uploads.values()].filter(({ view }) => view?.peer === peer).length;
      if (others >= maxUploadConnectionsPerPeer) return fail('limit', 'Too many connections of one peer');
      const rate = visitorRates.join(upload, peer);
      show(upload, arrivedView(upload, remote, rate.bytesPerSecond));
      return ok(rate.shared);
    }

    function limit(limited: readonly number[], bytesPerSecond: number): void {
      const peers = visitorRates.limit(limited, bytesPerSecond);
      for (const [upload, { view }] of uploads)
        if (view && peers.has(view.peer)) change(upload, { limitBytesPerSecond: bytesPerSecond });
    }

    function show(upload: number, view: UploadView): void {
      const known = uploads.get(upload);
      if (known) known.view = view;
      observer.tell({ type: 'upload', upload: view });
    }

    function progress({
      upload,
      sentBytes,
      id,
      name,
      sizeBytes,
    }: Extract<UploadHost, { type: 'progress' }>): void {
      change(upload, { sentBytes, id, name, sizeBytes });
    }

    function change(upload: number, changes: Partial<UploadView>): void {
      const view = uploads.get(upload)?.view;
      if (view) show(upload, { ...view, ...changes });
    }

    /** Tells everybody whose place changed; who came into a slot needs no minislot, who lost it may need one. */
    function place(changes: readonly SlotChange<number>[]): void {
      const changed = new Set(changes.map(({ connection }) => connection));
      for (const upload of changed)
        for (const { connection } of chooseMinislot(upload)) changed.add(connection);
      for (const upload of changed) tell(upload);
    }

    function chooseMinislot(upload: number): readonly SlotChange<number>[] {
      const known = uploads.get(upload);
      if (!known?.view || !known.wants.small || slots.positionOf(upload) === 0)
        return minislots.leave(upload, now());
      return minislots.want(upload, { identity: known.view.peer, host: known.host }, now());
    }

    /** Tells a connection where it stands, and those who watch. */
    function tell(upload: number): void {
      const known = uploads.get(upload);
      if (!known || !(known.wants.small || known.wants.large)) return;
      const inQueue = slots.positionOf(upload) ?? 0;
      const hasMinislot = minislots.positionOf(upload) === 0;
      // Who wants nothing but small files has all it needs.
      const position = hasMinislot && !known.wants.large ? 0 : inQueue;
      known.ref.offer({ type: 'place', position, hasMinislot: hasMinislot || position === 0 });
      const isSending = position === 0 || hasMinislot;
      change(upload, {
        state: isSending ? 'uploading' : 'queued',
        queuePosition: isSending ? undefined : position,
      });
    }

    function wantSlot(upload: number, wants: SlotWants): void {
      const known = uploads.get(upload);
      const peer = known?.view?.peer;
      if (!known || peer === undefined) return;
      known.wants = wants;
      const owner = { identity: peer, host: known.host };
      if (!wants.small && !wants.large) {
        leave(upload);
        change(upload, { state: 'idle', queuePosition: undefined });
        return;
      }
      const changes = slots.want(upload, owner, now());
      // What it may do with its place may have changed although the place has not.
      place([...changes, { connection: upload, position: slots.positionOf(upload) ?? 0 }]);
    }

    function leave(upload: number): void {
      place([...slots.leave(upload, now()), ...minislots.leave(upload, now())]);
    }

    function over(upload: number): void {
      leave(upload);
      change(upload, { state: 'done', queuePosition: undefined });
      uploads.delete(upload);
      visitorRates.leave(upload);
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'incoming':
            return accept(message);
          case 'called':
            return answer(message);
          case 'claimed':
            // From now on it is one of the connections of downloads, and counted there.
            return void uploads.delete(message.upload);
          case 'authorize':
            return message.replyTo.reply(authorize(message.upload, message.remote));
          case 'want-slot':
            return wantSlot(message.upload, message.wants);
          case 'progress':
            return progress(message);
          case 'sent-files':
            return observer.tell(message);
          case 'upload-over':
            return over(message.upload);
          case 'rotate':
            return place([...slots.rotate(now()), ...minislots.rotate(now())]);
          case 'snapshot':
            return message.replyTo.reply([...uploads.values()].flatMap(({ view }) => view ?? []));
          case 'limit-uploads':
            return limit(message.uploads, message.bytesPerSecond);
          case 'limits-changed':
            return place(slots.resize(rules.limits.uploadSlots, now()));
          case 'disconnect':
            for (const { ref, view } of uploads.values())
              if (view?.peer === message.peer) ref.offer({ type: 'end', reason: message.reason });
            return;
          case 'sweep':
            return;
        }
      },
    };
  },
  { mailbox: { capacity: uploadPoolMailbox } },
);
