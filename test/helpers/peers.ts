/** Peers without trackers or a command line: the actors that move files, with a library and trackers made up. */
import { createServer, type Server, type Socket } from 'node:net';
import {
  downloadPoolActor,
  type DownloadPoolCommand,
} from '../../src/actors/peer/downloads/download-pool.ts';
import { Calls } from '../../src/actors/peer/sessions/calls.ts';
import type { LibraryCommand } from '../../src/actors/peer/library/library-messages.ts';
import type { LocalCopies } from '../../src/actors/peer/downloads/local-copies.ts';
import { Partials } from '../../src/actors/peer/downloads/partials.ts';
import type {
  FoundSources,
  SwarmNews,
  TrackerQuestion,
} from '../../src/actors/peer/trackers/trackers-messages.ts';
import { TransferBook } from '../../src/actors/peer/downloads/transfer-book.ts';
import { uploadPoolActor, type UploadPoolCommand } from '../../src/actors/peer/uploads/upload-pool.ts';
import { actor, ActorSystem, type ActorRef } from '../../src/actors/runtime/index.ts';
import type { ListEntry, ListPage, Source } from '../../src/core/catalogue.ts';
import { defaultLimits } from '../../src/core/engine/engine-api.ts';
import type {
  DownloadView,
  EngineEvent,
  EngineLimits,
  TreeFile,
  UploadView,
} from '../../src/core/engine/engine-api.ts';
import { EngineRates } from '../../src/core/engine/engine-rates.ts';
import type { ContentId, PeerId } from '../../src/core/ids.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { Identity } from '../../src/identity/identity.ts';
import type { ListRequest } from '../../src/workers/transfer-contract.ts';
import { createTransferPool, type TransferPool } from '../../src/workers/transfer-pool.ts';
import { until } from './poll.ts';
import { makeIdentity, type TestContent } from './transfer.ts';

export interface TestPeerOptions {
  /** The threads of another, who ends them; undefined: its own. */
  readonly pool?: TransferPool;
  readonly insecure?: boolean;
  /** What lies elsewhere on its machine; default: nothing. */
  readonly copies?: LocalCopies;
}

/** Library, upload pool and download pool as one tree, as in the real one. */
export class TestPeer implements AsyncDisposable {
  readonly identity: Identity;
  readonly system: ActorSystem;
  readonly pool: TransferPool;
  readonly shared: Map<ContentId, TestContent>;
  readonly adopted: string[] = [];
  readonly stale: ContentId[] = [];
  readonly failures: string[] = [];
  readonly views = new Map<number, DownloadView>();
  readonly uploads = new Map<number, UploadView>();
  /** Contents that others were sent, as they were told. */
  readonly sent: ContentId[] = [];
  /** The files of trees that have ended, as they were told. */
  readonly treeFiles = new Map<number, TreeFile[]>();
  /** Peers that the trackers know. */
  readonly peers: Source[] = [];
  /** What is listed of the share, all of it recursive. */
  readonly entries: ListEntry[] = [];
  /** Answers lists: `entries` in pages of at most `pageLimit`. */
  listing: (request: ListRequest) => Result<ListPage> = ({ cursor, limit }) => {
    const start = cursor === undefined ? 0 : Number(cursor);
    const end = start + Math.min(limit, this.pageLimit);
    const next = end < this.entries.length ? String(end) : undefined;
    return ok({ entries: this.entries.slice(start, end), cursor: next });
  };
  pageLimit = 500;
  readonly rates = new EngineRates();
  readonly limits: { -readonly [Name in keyof EngineLimits]: EngineLimits[Name] };
  readonly blocked = new Set<PeerId>();
  readonly partials = new Partials();
  readonly calls = new Calls();
  /** What the trackers would say: who shares what is asked for, and who downloads it. */
  readonly known: Source[] = [];
  readonly partial: Source[] = [];
  /** What the trackers were told that others may have of us. */
  readonly told = new Set<ContentId>();
  readonly followers = new Set<ActorRef<SwarmNews>>();
  /** Peers that the trackers pass on calls to. */
  readonly callable = new Map<PeerId, TestPeer>();
  readonly refs: { uploads?: ActorRef<UploadPoolCommand>; downloads?: ActorRef<DownloadPoolCommand> } = {};
  readonly #server: Server;
  /** Accepted and not handed to a thread, which closes the socket here. */
  readonly #waiting = new Set<Socket>();
  readonly #ownsPool: boolean;
  #closedPort = 0;

  private constructor(
    identity: Identity,
    shared: readonly TestContent[],
    slots: number,
    atOnce: number,
    { pool, insecure = false, copies }: TestPeerOptions,
  ) {
    this.identity = identity;
    this.shared = new Map(shared.map((content) => [content.id, content]));
    this.limits = { ...defaultLimits, uploadSlots: slots, downloadsAtOnce: atOnce };
    this.#ownsPool = pool === undefined;
    this.pool = pool ?? createTransferPool();
    this.system = new ActorSystem({
      onFailure: (path, error) => this.failures.push(`${path}: ${error.message}`),
    });
    const me = { identity, name: 'peer', agent: 'test', insecure };
    const rules = {
      limits: this.limits,
      rates: this.rates,
      isBlocked: (peer: PeerId) => this.blocked.has(peer),
    };
    const book = new TransferBook();
    const root = actor('peer', (ctx) => {
      const library = ctx.spawn(this.#library(), undefined);
      const observer = ctx.spawn(this.#observer(), undefined);
      const trackers = ctx.spawn(this.#trackers(), undefined);
      const transfers = this.pool;
      const { partials, calls } = this;
      this.refs.uploads = ctx.spawn(uploadPoolActor, {
        me,
        transfers,
        library,
        partials,
        calls,
        observer,
        rules,
      });
      this.refs.downloads = ctx.spawn(downloadPoolActor, {
        me,
        transfers,
        trackers,
        library,
        copies,
        partials,
        calls,
        observer,
        rules,
        book,
      });
      return { receive: () => undefined };
    });
    this.system.start(root, undefined);
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      this.#waiting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#waiting.delete(socket));
      this.refs.uploads?.tell({ type: 'incoming', socket, remoteHost: '127.0.0.1' });
    });
  }

  static async start(
    shared: readonly TestContent[] = [],
    slots = 8,
    atOnce = 8,
    options: TestPeerOptions = {},
  ): Promise<TestPeer> {
    const peer = new TestPeer(await makeIdentity(), shared, slots, atOnce, options);
    await new Promise<void>((resolve) => peer.#server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  /** This peer as others find it. */
  get source(): Source {
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : this.#closedPort;
    return { peer: this.identity.id, name: 'peer', host: '127.0.0.1', port };
  }

  /** From now on nobody gets through to it; who is connected stays. */
  closeDoor(): void {
    this.#closedPort = this.source.port;
    this.#server.close();
  }

  /** Starts a download and gives its number. */
  async download(
    content: { id: ContentId },
    outDir: string,
    sources: readonly Source[],
    options: { name?: string; folders?: string[]; bytesPerSecond?: number; giveUpAfterMs?: number } = {},
  ): Promise<number> {
    const { name = 'got', folders = [], bytesPerSecond = 0, giveUpAfterMs } = options;
    const { downloads } = this.refs;
    if (!downloads) throw new Error('The peer is not up');
    const target = { kind: 'content', id: content.id, name, folders, sources } as const;
    const question = { type: 'download', target, outDir, bytesPerSecond, giveUpAfterMs } as const;
    const answer = await this.system.ask(downloads, question, 60_000);
    if (!answer.ok || !answer.value.ok) throw new Error('The download was refused');
    return answer.value.value.transfer;
  }

  /** Starts the download of a folder and gives its number. */
  async downloadTree(
    source: Source,
    path: string,
    outDir: string,
    options: { bytesPerSecond?: number; giveUpAfterMs?: number } = {},
  ): Promise<number> {
    const { downloads } = this.refs;
    if (!downloads) throw new Error('The peer is not up');
    const { bytesPerSecond = 0, giveUpAfterMs } = options;
    const target = { kind: 'tree', source, path } as const;
    const question = { type: 'download', target, outDir, bytesPerSecond, giveUpAfterMs } as const;
    const answer = await this.system.ask(downloads, question, 60_000);
    if (!answer.ok || !answer.value.ok) throw new Error('The download was refused');
    return answer.value.value.transfer;
  }

  /** Shares a content under a path. */
  share(content: TestContent, path: string): void {
    this.shared.set(content.id, content);
    this.entries.push({ kind: 'file', id: content.id, path, sizeBytes: content.bytes.length });
  }

  /** Waits for the end of a download and gives its last view. */
  async ended(transfer: number): Promise<DownloadView> {
    const over = new Set(['done', 'failed', 'cancelled']);
    const view = (): DownloadView | undefined => this.views.get(transfer);
    await until(`transfer ${transfer} ends`, () => over.has(view()?.state ?? '')).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${JSON.stringify(view())}`, { cause: error });
    });
    return view()!;
  }

  /** The trackers tell downloads of newcomers. */
  tellOf(id: ContentId): void {
    for (const follower of this.followers) follower.tell({ type: 'came', found: this.#found(id) });
  }

  #found(id: ContentId): FoundSources {
    return { id, sizeBytes: undefined, sources: [...this.known], partial: [...this.partial] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.system.stop();
    // Nobody else knows of those that came while it stopped.
    for (const socket of this.#waiting) socket.destroy();
    if (this.#ownsPool) await this.pool.destroy();
  }

  #library() {
    return actor<LibraryCommand>('library', () => ({
      receive: (message) => {
        switch (message.type) {
          case 'open-all': {
            const missing = fail('not-shared', 'It is not shared');
            const found = message.ids.map((id) => {
              const content = this.shared.get(id);
              if (!content) return missing;
              const { filePath, stamp, manifest } = content;
              return ok({ filePath, stamp, ...manifest });
            });
            return message.replyTo.reply(ok(found));
          }
          case 'open':
          case 'manifest': {
            const content = this.shared.get(message.id);
            if (!content) return message.replyTo.reply(fail('not-shared', 'It is not shared'));
            if (message.type === 'manifest') return message.replyTo.reply(ok(content.manifest));
            const { filePath, stamp, manifest } = content;
            const { sizeBytes, pieceLength } = manifest;
            return message.replyTo.reply(ok({ filePath, stamp, sizeBytes, pieceLength }));
          }
          case 'list':
            return message.replyTo.reply(this.listing(message));
          case 'adopt-all':
            return void this.adopted.push(...message.files.map(({ filePath }) => filePath));
          case 'adopt':
            return void this.adopted.push(message.filePath);
          case 'stale':
            this.shared.delete(message.id);
            return void this.stale.push(message.id);
          case 'rescan':
          case 'shares':
          case 'share-entries':
          case 'add-share':
          case 'remove-share':
          case 'sent':
          case 'share-state':
          case 'stats':
          case 'subscribe':
          case 'unsubscribe':
            return undefined;
        }
      },
    }));
  }

  #observer() {
    return actor<EngineEvent>('observer', () => ({
      receive: (event) => {
        if (event.type === 'download') this.views.set(event.download.transfer, event.download);
        if (event.type === 'tree-files')
          this.treeFiles.set(event.transfer, [...(this.treeFiles.get(event.transfer) ?? []), ...event.files]);
        if (event.type === 'sent-files') this.sent.push(...event.ids);
        if (event.type === 'upload') this.uploads.set(event.upload.upload, event.upload);
      },
    }));
  }

  #trackers() {
    return actor<TrackerQuestion>('trackers', () => ({
      receive: (message) => {
        if (message.type === 'find-peer') {
          const found = this.peers.find(({ peer }) => peer === message.peer);
          return message.replyTo.reply(found ? ok(found) : fail('not-found', 'It is not online'));
        }
        if (message.type === 'call') {
          const called = this.callable.get(message.peer);
          const { token } = message;
          called?.refs.uploads?.tell({ type: 'called', caller: this.source, token });
          return message.replyTo.reply(
            called ? ok({ isReachable: true }) : fail('not-found', 'It is not online'),
          );
        }
        if (message.type === 'unfollow') return void this.followers.delete(message.follower);
        if (message.type !== 'sources' && message.type !== 'swarm') return;
        if (message.type === 'swarm') {
          this.followers.add(message.follower);
          if (message.isServed) this.told.add(message.id);
        }
        const found = (message.type === 'swarm' ? [message.id] : message.ids).map((id) => this.#found(id));
        message.replyTo.reply(ok(found));
      },
    }));
  }
}
