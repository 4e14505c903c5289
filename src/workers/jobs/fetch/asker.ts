/**
 * What is asked for next over one connection, of all that is fetched over it: as far ahead as its speed deserves, each
 * transfer as much as its priority says, and no more under a limit than that lets come.
 * Invariant: of two transfers that could both be asked for more neither falls behind its part by more than a request.
 */
import { FairTurns } from '../../../core/rates/fair-turns.ts';
import { limitedPipelineMs, rateLookMs } from '../../../core/limits/pipelining.ts';
import { maxRequestWeight } from '../../../core/limits/wire.ts';
import type { Pipeline } from '../../../core/swarm/pipeline.ts';
import type { Rate, SharedRate } from '../../../core/rates/shared-rate.ts';
import type { SharedWeight } from '../../../core/rates/shared-weight.ts';
import { nowMs, type Connection } from '../connection.ts';
import { nowUs } from '../pacer.ts';

/** One part of a connection is so much on the wire. */
const weightUnits = 1_000;

/** One of those who share the connection: the pieces of a content, or the small files of a tree. */
export interface Flow {
  readonly rate: SharedRate;
  readonly weight: SharedWeight;
  /** Whether it is sent to those who wait for a slot, too. */
  readonly isSmall: boolean;
  /** Whether there is something that may be asked for now. */
  readonly wantsMore: boolean;
  /** The most worth asking for at once. */
  readonly requestBytes: number;
  /** Asked for and not here yet. */
  readonly askedBytes: number;
  /**
   * Sends one request, of `mostBytes` or the least there is to ask for; `weight` is what the source is told of its
   * priority. Returns how many bytes that are.
   */
  ask(mostBytes: number, weight: number): number;
}

/** What all who fetch over one connection have in common. */
export interface FetchBase {
  readonly connection: Connection;
  readonly pipeline: Pipeline;
  readonly asker: Asker;
  /** A request of one kind is about to be sent while none of that kind is under way. */
  readonly began: () => void;
  /** The limit for all that comes over it. */
  readonly rate: Rate;
  /** To be called when what kept from reading is over. */
  readonly resumeReading: () => void;
}

export interface AskerEvents {
  /** Whether we wait in the source's queue. */
  isQueued(): boolean;
  /** What had to wait before may be read now: something else is on its way as well. */
  asked(): void;
}

export class Asker {
  readonly #connection: Connection;
  readonly #pipeline: Pipeline;
  readonly #events: AskerEvents;
  readonly #flows = new Set<Flow>();
  readonly #turns = new FairTurns<Flow>();
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, pipeline: Pipeline, events: AskerEvents) {
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#events = events;
    void connection.ended.then(() => clearTimeout(this.#timer));
  }

  open(flow: Flow): void {
    this.#flows.add(flow);
  }

  close(flow: Flow): void {
    this.#flows.delete(flow);
    this.#turns.leave(flow);
  }

  /** Asks for all that may be asked for now. To be called after every change. */
  ask(): void {
    if (!this.#connection.isOpen) return;
    this.#connection.corked(() => {
      while (this.#askOnce());
    });
    this.#events.asked();
  }

  /** Sends one request. False when no more can be asked for now. */
  #askOnce(): boolean {
    if (!this.#connection.session.canAsk) return false;
    const ready = [...this.#flows].filter((flow) => flow.wantsMore && this.#isDue(flow));
    const roomBytes = this.#pipeline.roomBytes(nowMs());
    if (this.#askFor(this.#turns.next(ready), roomBytes, ready)) return true;
    if (!this.#events.isQueued()) return false;
    // Small files are sent all the same: they must not wait behind what fills the pipeline.
    const small = ready.filter(({ isSmall }) => isSmall);
    return this.#askFor(this.#turns.next(small), this.#smallRoomBytes(), small);
  }

  #askFor(flow: Flow | undefined, roomBytes: number, ready: readonly Flow[]): boolean {
    // Few large requests rather than one for every piece that comes: each costs as much as a block.
    const enoughBytes = Math.min(flow?.requestBytes ?? 0, this.#pipeline.windowBytes(nowMs()) / 4);
    if (!flow || roomBytes < enoughBytes) return false;
    const { transfer, value } = flow.weight;
    // What a transfer has is divided among all of it that could be asked for.
    const part = value / ready.filter(({ weight }) => weight.transfer === transfer).length;
    const bytes = flow.ask(Math.min(roomBytes, flow.requestBytes), onWire(part));
    this.#pipeline.asked(bytes);
    this.#turns.had(flow, Math.max(1, bytes) / part);
    return true;
  }

  #smallRoomBytes(): number {
    let bytes = 0;
    for (const { isSmall, askedBytes } of this.#flows) if (isSmall) bytes += askedBytes;
    return this.#pipeline.windowBytes(nowMs()) - bytes;
  }

  /** Whether more may be asked for of what is under a limit: not what will be its turn only much later. */
  #isDue(flow: Flow): boolean {
    const { bytesPerSecond } = flow.rate;
    if (bytesPerSecond === 0) return true;
    const aheadMs = flow.rate.aheadMs(nowUs());
    if (aheadMs > limitedPipelineMs) {
      this.#lookIn(Math.min(aheadMs - limitedPipelineMs, rateLookMs));
      return false;
    }
    return flow.askedBytes < Math.max(1, (bytesPerSecond * limitedPipelineMs) / 1000);
  }

  #lookIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.ask();
    }, ms);
  }
}

/** The same for the source, which knows only whole numbers: of hundreds that share a transfer none weighs nothing. */
function onWire(part: number): number {
  return Math.min(Math.max(1, Math.round(part * weightUnits)), maxRequestWeight);
}
