/** One download with a real disk and a source that does what the test says. */
import { writeFileSync } from 'node:fs';
import { downloadActor } from '../../src/actors/peer/downloads/download.ts';
import type { DownloadHost, DownloadMessage } from '../../src/actors/peer/downloads/download-messages.ts';
import { Partials } from '../../src/actors/peer/downloads/partials.ts';
import type { SessionCommand } from '../../src/actors/peer/sessions/session.ts';
import type { TrackerQuestion } from '../../src/actors/peer/trackers/trackers-messages.ts';
import { createRecord, type TransferRecord } from '../../src/actors/peer/downloads/transfer-record.ts';
import { actor, ActorSystem, type ActorDefinition, type ActorRef } from '../../src/actors/runtime/index.ts';
import type { ContentTarget } from '../../src/core/engine/engine-api.ts';
import type { PeerId } from '../../src/core/ids.ts';
import { ok, type Problem, type Result } from '../../src/core/result.ts';
import { partialPaths } from '../../src/profile/open-partial.ts';
import { checkPieces } from '../../src/workers/jobs/disk/check-pieces.ts';
import type { Pool } from '../../src/workers/pool.ts';
import type { CheckInput, ContentReport, TransferJobs } from '../../src/workers/transfer-contract.ts';
import type { PieceRange } from '../../src/core/swarm/piece-ranges.ts';
import { idOf } from './download-bench.ts';
import { tempDir } from './temp-dir.ts';
import { makeContent } from './transfer.ts';
import { until } from './poll.ts';

const sizeBytes = 2 * 1024 * 1024;

export class ScriptedDownload {
  readonly content = makeContent(tempDir(), 'a', sizeBytes);
  readonly pieces = 8;
  readonly outDir = tempDir();
  readonly peer = idOf(1) as unknown as PeerId;
  readonly io: Problem = { code: 'io', message: 'The disk reported an error' };
  readonly record: TransferRecord<ContentTarget>;
  readonly ref: ActorRef<DownloadMessage>;
  /** How often the source was told to fetch for the file, and which pieces since then. */
  attached = 0;
  wanted: readonly PieceRange[] = [];
  /** How often the trackers were asked. */
  seeks = 0;
  readonly #system = new ActorSystem();
  /** How often the disk was looked at. */
  checks = 0;
  #held: Promise<void> | undefined;
  #detach: (() => void)[] = [];
  /** Connections that are to end as soon as they are told to fetch, without a word to whoever told them. */
  endingSessions = 0;

  constructor(host?: (message: DownloadHost) => boolean) {
    const session = actor<SessionCommand>('session', (ctx) => ({
      receive: (command) => {
        this.#hear(command);
        if (command.type !== 'attach' || this.endingSessions === 0) return;
        this.endingSessions -= 1;
        sessionRef = this.#start(session);
        ctx.stop();
      },
    }));
    const source = { peer: this.peer, name: 'it', host: '127.0.0.1', port: 1 };
    const target = {
      kind: 'content',
      id: this.content.id,
      name: 'a',
      folders: [],
      sources: [source],
    } as const;
    this.record = createRecord(
      1,
      { target, outDir: this.outDir, bytesPerSecond: 0 },
      0,
    ) as typeof this.record;
    let sessionRef = this.#start(session);
    const hostRef = this.#start(
      actor<DownloadHost>('host', () => ({
        receive(message) {
          if (host?.(message)) return;
          if (message.type === 'session') message.replyTo.reply(ok(sessionRef));
          if (message.type === 'room') message.replyTo.reply(ok(undefined));
        },
      })),
    );
    const trackers = this.#start(
      actor<TrackerQuestion>('trackers', () => ({
        receive: (message) => {
          if (message.type !== 'swarm') return;
          this.seeks += 1;
          message.replyTo.reply(ok([]));
        },
      })),
    );
    const transfers = {
      run: async (_job: string, input: CheckInput): Promise<Result<readonly PieceRange[]>> => {
        this.checks += 1;
        await this.#held;
        return checkPieces(input);
      },
    } as unknown as Pool<TransferJobs>;
    const identity = { id: idOf(9) as unknown as PeerId, certificatePem: '', privateKeyPem: '' };
    const me = { identity, name: 'me', agent: 'test' };
    this.ref = this.#system.start(downloadActor, {
      record: this.record,
      me,
      transfers,
      host: hostRef,
      trackers,
      library: undefined,
      partials: new Partials(),
      random: () => 0,
    }).ref;
  }

  get partPath(): string {
    return partialPaths(this.outDir, this.content.id).part;
  }

  /** Once the source has given the manifest and been told to fetch. */
  async attaches(): Promise<void> {
    await until('the source is told to fetch', () => this.attached > 0);
  }

  delivery(report: Partial<ContentReport>): Extract<DownloadMessage, { readonly type: 'delivered' }> {
    const nothing = { content: 1, verified: [], spoiled: [], receivedBytes: 0, claim: undefined, gained: [] };
    const whole: ContentReport = { ...nothing, ended: undefined, ...report };
    return { type: 'delivered', peer: this.peer, report: whole, queuePosition: 0 };
  }

  /** As a job would have: all of it. */
  write(): void {
    writeFileSync(this.partPath, this.content.bytes, { flag: 'r+' });
  }

  /** From now on looks at the disk wait until what is returned is called. */
  holdChecks(): () => void {
    const held = Promise.withResolvers<void>();
    this.#held = held.promise;
    return held.resolve;
  }

  letGo(): void {
    for (const detach of this.#detach.splice(0)) detach();
  }

  async close(): Promise<void> {
    this.letGo();
    await this.#system.stop();
  }

  #start<M>(definition: ActorDefinition<M, void>): ActorRef<M> {
    return this.#system.start(definition, undefined).ref;
  }

  #hear(command: SessionCommand): void {
    switch (command.type) {
      case 'manifest':
        command.replyTo.reply(ok(this.content.manifest));
        return;
      case 'attach':
        this.attached += 1;
        this.wanted = [];
        return;
      case 'want':
        this.wanted = [...this.wanted, ...command.ranges];
        return;
      case 'detach':
        this.#detach.push(() => command.replyTo.reply(true));
        return;
      case 'attach-tree':
      case 'drop-files':
      case 'forget':
      case 'forget-tree':
      case 'leave':
      case 'list':
      case 'want-files':
    }
  }
}
