/**
 * Who is online, as rows: what the trackers say of each peer, with what it gets of us. Invariant: a row becomes
 * another object only when something of it that is shown has changed.
 */
import type { PeerSummary } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import type { EngineModel } from '../../model/engine-model.ts';
import { Table } from '../../model/table.ts';

export interface PeerRow {
  readonly peer: PeerSummary;
  readonly isMe: boolean;
  readonly isBlocked: boolean;
  /** What it gets of us, over all its connections. */
  readonly upPerSecond: number;
  readonly sentBytes: number;
  /** Whether it has a connection here. */
  readonly isConnected: boolean;
}

interface Given {
  upPerSecond: number;
  sentBytes: number;
}

export class PeerRows {
  readonly table = new Table<PeerRow>();
  readonly #engine: EngineModel;

  constructor(engine: EngineModel) {
    this.#engine = engine;
  }

  /** Whether we are one of them. */
  get knowsMe(): boolean {
    const { peer } = this.#engine.status;
    return peer !== undefined && this.table.get(peer) !== undefined;
  }

  /** Takes the peers that are online now. */
  show(peers: readonly PeerSummary[]): void {
    const online = new Set<PeerId>(peers.map(({ peer }) => peer));
    for (const id of [...this.table.ids()]) if (!online.has(id as PeerId)) this.table.delete(id);
    const given = this.#given();
    for (const peer of peers) this.#set(peer, given.get(peer.peer));
  }

  /** Brings up to date what is known here. */
  refresh(): void {
    const given = this.#given();
    for (const { peer } of [...this.table.rows()]) this.#set(peer, given.get(peer.peer));
  }

  #set(peer: PeerSummary, given: Given | undefined): void {
    const { status } = this.#engine;
    const row: PeerRow = {
      peer,
      isMe: peer.peer === status.peer,
      isBlocked: status.blocked.some((blocked) => blocked.peer === peer.peer),
      upPerSecond: given?.upPerSecond ?? 0,
      sentBytes: given?.sentBytes ?? 0,
      isConnected: given !== undefined,
    };
    const known = this.table.get(peer.peer);
    if (known === undefined || !sameRow(known, row)) this.table.set(peer.peer, row);
  }

  #given(): ReadonlyMap<PeerId, Given> {
    const given = new Map<PeerId, Given>();
    for (const { upload, perSecond, sentBytes } of this.#engine.transfers.uploads.rows()) {
      const sum = given.get(upload.peer) ?? { upPerSecond: 0, sentBytes: 0 };
      sum.upPerSecond += perSecond;
      sum.sentBytes += sentBytes;
      given.set(upload.peer, sum);
    }
    return given;
  }
}

function sameRow(one: PeerRow, other: PeerRow): boolean {
  return (
    samePeer(one.peer, other.peer) &&
    one.isMe === other.isMe &&
    one.isBlocked === other.isBlocked &&
    one.upPerSecond === other.upPerSecond &&
    one.sentBytes === other.sentBytes &&
    one.isConnected === other.isConnected
  );
}

const samePeer = (one: PeerSummary, other: PeerSummary): boolean =>
  one === other ||
  (one.name === other.name &&
    one.host === other.host &&
    one.port === other.port &&
    one.files === other.files &&
    one.bytes === other.bytes);
