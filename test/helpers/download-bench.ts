/** A download pool whose work is done by actors that do what the test says, on a clock that the test moves. */
import { Calls } from '../../src/actors/peer/sessions/calls.ts';
import { Partials } from '../../src/actors/peer/downloads/partials.ts';
import {
  downloadPoolActor,
  type DownloadPoolArgs,
  type DownloadPoolCommand,
} from '../../src/actors/peer/downloads/download-pool.ts';
import type { DiskRoom } from '../../src/actors/peer/downloads/disk-room.ts';
import type { WorkArgs, WorkCommand } from '../../src/actors/peer/downloads/download-messages.ts';
import type { WorkKinds } from '../../src/actors/peer/downloads/download-work.ts';
import type { TrackerQuestion } from '../../src/actors/peer/trackers/trackers-messages.ts';
import { TransferBook } from '../../src/actors/peer/downloads/transfer-book.ts';
import type { DownloadRequest, TransferRecord } from '../../src/actors/peer/downloads/transfer-record.ts';
import { actor, type ActorRef } from '../../src/actors/runtime/index.ts';
import { TestSystem } from '../../src/actors/runtime/testing.ts';
import {
  defaultLimits,
  type Asked,
  type DownloadState,
  type DownloadView,
  type EngineEvent,
  type TransferCommand,
} from '../../src/core/engine/engine-api.ts';
import { EngineRates } from '../../src/core/engine/engine-rates.ts';
import { encodeId, type ContentId, type PeerId } from '../../src/core/ids.ts';
import type { TransferStore } from '../../src/profile/transfer-store.ts';

export const idOf = (seed: number): ContentId => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  return encodeId(bytes) as ContentId;
};

const me = {
  identity: { id: idOf(999) as unknown as PeerId, certificatePem: '', privateKeyPem: '' },
  name: 'me',
  agent: 'test',
};

export class DownloadBench {
  readonly test = new TestSystem();
  readonly book: TransferBook;
  readonly views = new Map<number, DownloadView>();
  readonly removed: number[] = [];
  readonly log: string[] = [];
  readonly discarded: number[] = [];
  readonly told: string[] = [];
  /** Those at work, by number. */
  readonly workers = new Map<number, WorkArgs<never>>();
  readonly blocked = new Set<PeerId>();
  readonly limits = { ...defaultLimits, downloadsAtOnce: 2 };
  pool!: ActorRef<DownloadPoolCommand>;

  constructor(store?: TransferStore, room?: DiskRoom) {
    this.book = new TransferBook(store);
    const observer = actor<EngineEvent>('observer', () => ({
      receive: (event) => {
        if (event.type === 'download') this.views.set(event.download.transfer, event.download);
        if (event.type === 'removed') this.removed.push(...event.transfers);
        if (event.type === 'log') this.log.push(event.line.text);
      },
    }));
    const trackers = actor<TrackerQuestion>('trackers', () => ({ receive: () => undefined }));
    const rates = new EngineRates();
    const args: DownloadPoolArgs = {
      partials: new Partials(),
      calls: new Calls(),
      me,
      transfers: {
        capacity: 1,
        run: () => Promise.reject(new Error('Nothing is moved here')),
        threadIds: () => [],
        killThread: () => Promise.resolve(false),
        destroy: () => Promise.resolve(),
      },
      trackers: this.test.system.start(trackers, undefined).ref,
      library: undefined,
      observer: this.test.system.start(observer, undefined).ref,
      rules: { limits: this.limits, rates, isBlocked: (peer) => this.blocked.has(peer) },
      book: this.book,
      kinds: this.#kinds(),
      ...(room && { room }),
      now: () => this.test.clock.now(),
      random: () => 0.5,
    };
    const parent = actor('peer', (ctx) => {
      this.pool = ctx.spawn(downloadPoolActor, args);
      return { receive: () => undefined };
    });
    this.test.system.start(parent, undefined);
  }

  #kinds(): WorkKinds {
    const work = actor<WorkCommand, WorkArgs<never>>('work', (_ctx, args) => {
      const { transfer } = args.record;
      this.workers.set(transfer, args);
      return {
        receive: (message) => {
          this.told.push(`${transfer} ${message.type}`);
          if (message.type === 'order-pieces') throw new Error('as told');
        },
        stopped: () => void this.workers.delete(transfer),
      };
    });
    return {
      content: {
        start: (spawner, args, options) => spawner.spawn(work, args as WorkArgs<never>, options),
        discard: async ({ transfer }) => void this.discarded.push(transfer),
      },
      tree: undefined,
    };
  }

  async add(seed: number, wish: Partial<DownloadRequest> = {}): Promise<number> {
    return (await this.ask(seed, wish)).transfer;
  }

  async ask(seed: number, wish: Partial<DownloadRequest> = {}): Promise<Asked> {
    const target = { kind: 'content', id: idOf(seed), name: `f${seed}`, folders: [], sources: [] } as const;
    const { priority = 'normal', outDir = '/out', ...more } = wish;
    const question = { type: 'download', target, outDir, bytesPerSecond: 0, priority, ...more } as const;
    const answered = this.test.system.ask(this.pool, question, 1_000);
    await this.test.settle();
    const answer = await answered;
    if (!answer.ok || !answer.value.ok) throw new Error('The download was refused');
    return answer.value.value;
  }

  async tell(
    type: 'pause' | 'resume' | 'cancel' | 'retry' | 'find-sources',
    ...transfers: number[]
  ): Promise<void> {
    await this.command({ type, transfers });
  }

  async command(command: TransferCommand): Promise<void> {
    this.pool.tell(command);
    await this.test.settle();
  }

  /** A worker says how it is. */
  async works(transfer: number, state: DownloadState, more: Partial<TransferRecord> = {}): Promise<void> {
    const worker = this.workers.get(transfer);
    if (!worker) throw new Error(`Nobody works on ${transfer}`);
    Object.assign(worker.record, { state, ...more });
    worker.host.tell({ type: 'changed', transfer });
    await this.test.settle();
  }

  running(): number[] {
    return [...this.workers.keys()].toSorted((a, b) => a - b);
  }

  states(...transfers: number[]): (DownloadState | undefined)[] {
    return transfers.map((transfer) => this.views.get(transfer)?.state);
  }
}
