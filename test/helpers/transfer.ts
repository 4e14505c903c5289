/** Both ends of a transfer in one process: jobs over real loopback sockets, with fakes for what starts them. */
import { generateKeyPairSync, createPublicKey } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { contentIdOf } from '../../src/content/content-id.ts';
import { ManifestHasher } from '../../src/content/manifest-hasher.ts';
import { stampOf, type FileStamp } from '../../src/core/share/file-stamp.ts';
import type { ContentId } from '../../src/core/ids.ts';
import type { Manifest } from '../../src/core/swarm/manifest.ts';
import { fail, ok, type Problem } from '../../src/core/result.ts';
import { Revocations } from '../../src/core/uploads/revocations.ts';
import type { SentPart } from '../../src/core/uploads/sent-book.ts';
import { EngineRates } from '../../src/core/engine/engine-rates.ts';
import type { Priority } from '../../src/core/engine/engine-api.ts';
import { pieceCount } from '../../src/core/swarm/piece-length.ts';
import { PieceWriters } from '../../src/core/swarm/piece-writers.ts';
import { SharedRate } from '../../src/core/rates/shared-rate.ts';
import { SharedWeight } from '../../src/core/rates/shared-weight.ts';
import { makeCertificate, peerIdOfKey } from '../../src/identity/certificate.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { openChannel, type Channel } from '../../src/workers/channel.ts';
import { fetch } from '../../src/workers/jobs/fetch/fetch.ts';
import { serve } from '../../src/workers/jobs/serve/serve.ts';
import type {
  Ended,
  FetchControl,
  FetchHost,
  FetchReport,
  RemotePeer,
  ServeControl,
  ServeHost,
  ServedFile,
  ServedPartial,
} from '../../src/workers/transfer-contract.ts';

export interface TestContent extends ServedFile {
  readonly id: ContentId;
  readonly manifest: Manifest;
  readonly bytes: Buffer;
}

/** Bytes that differ from place to place and are the same every time. */
export function someBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed * 2654435761 + 12345;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

export function manifestOf(bytes: Uint8Array): Manifest {
  const hasher = new ManifestHasher(bytes.length);
  hasher.update(bytes);
  return hasher.finish();
}

/** A file's stamp as it is now. */
export function stampOfFile(filePath: string): FileStamp {
  return stampOf(statSync(filePath, { bigint: true }));
}

export function makeContent(dir: string, name: string, size: number, seed = 1): TestContent {
  const bytes = someBytes(size, seed);
  const filePath = path.join(dir, name);
  writeFileSync(filePath, bytes);
  const manifest = manifestOf(bytes);
  return { id: contentIdOf(manifest), manifest, filePath, stamp: stampOfFile(filePath), bytes };
}

export async function makeIdentity(): Promise<Identity> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    id: peerIdOfKey(createPublicKey(privateKey)),
    certificatePem: await makeCertificate(privateKey),
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  };
}

/** A peer that serves these contents, a job for each connection, on a free port. */
export class TestServer implements AsyncDisposable {
  readonly identity: Identity;
  insecure = false;
  readonly ended: Ended[] = [];
  readonly stale: ContentId[] = [];
  readonly spoiled: number[] = [];
  readonly visitors: RemotePeer[] = [];
  readonly controls: Channel<ServeControl>['remote'][] = [];
  readonly rates = new EngineRates();
  readonly revocations = new Revocations();
  sentBytes = 0;
  readonly parts: SentPart[] = [];
  wants = 0;
  givenBack = 0;
  refusal: Problem | undefined;
  /** What visitors wait for before they are let in. */
  admission: Promise<void> | undefined;
  /** What a connection is told when it wants a slot. To be set before it is told otherwise: its wish may be under way. */
  position = 0;
  hasMinislot = false;
  /** What is being downloaded here. */
  readonly partials = new Map<ContentId, ServedPartial>();
  /** What is shared here. */
  readonly contents: Map<ContentId, TestContent>;
  readonly #sockets = new Set<Socket>();
  readonly #jobs: Promise<void>[] = [];
  readonly #server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));

  private constructor(identity: Identity, contents: readonly TestContent[]) {
    this.identity = identity;
    this.contents = new Map(contents.map((content) => [content.id, content]));
  }

  static async start(contents: readonly TestContent[], identity?: Identity): Promise<TestServer> {
    const server = new TestServer(identity ?? (await makeIdentity()), contents);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections, as a power failure would. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
    await Promise.all(this.#jobs);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const { port1, port2 } = new MessageChannel();
    const missing = fail('not-shared', 'It is not shared here');
    const channel = openChannel<ServeControl>(port1, {
      authorize: async (remote) => {
        this.visitors.push(remote);
        await this.admission;
        return this.refusal ? { ok: false, problem: this.refusal } : ok(undefined);
      },
      claim: async () => fail('unauthorised', 'Nobody was called'),
      open: async (id) => {
        const found = this.contents.get(id) ?? this.partials.get(id);
        return found ? ok(found) : missing;
      },
      openAll: async (ids) => ids.map((id) => (this.contents.has(id) ? ok(this.contents.get(id)!) : missing)),
      manifest: async (id) => (this.contents.has(id) ? ok(this.contents.get(id)!.manifest) : missing),
      list: async ({ path }) =>
        ok({ entries: [{ kind: 'folder', path, files: 1, sizeBytes: 2 }], cursor: undefined }),
      stale: (id) => void this.stale.push(id),
      spoiled: (_id, piece) => void this.spoiled.push(piece),
      wantSlot: (wants) => {
        const isWanted = wants.small || wants.large;
        if (isWanted) this.wants++;
        else this.givenBack++;
        if (isWanted) void channel.remote.place(this.position, this.hasMinislot).catch(() => undefined);
      },
      report: ({ sentBytes, parts }) => {
        this.sentBytes = sentBytes;
        this.parts.push(...parts);
      },
    } satisfies ServeHost);
    this.controls.push(channel.remote);
    const me = { identity: this.identity, name: 'server', agent: 'test', insecure: this.insecure };
    this.#jobs.push(
      serve({ socket, link: port2, me, rates: this.rates.shared, revocations: this.revocations.shared }).then(
        (ended) => void this.ended.push(ended),
      ),
    );
  }
}

/** A fetch job and what it reported. */
export class TestFetch implements AsyncDisposable {
  readonly reports: FetchReport[] = [];
  readonly ended: Promise<Ended>;
  readonly connected: Promise<RemotePeer>;
  readonly rate = new SharedRate();
  readonly rates = new EngineRates();
  readonly #channel: Channel<FetchControl>;

  constructor(
    server: { identity: Identity; port: number },
    identity: Identity,
    peer = server.identity.id,
    insecure = false,
  ) {
    const { port1, port2 } = new MessageChannel();
    const connected = Promise.withResolvers<RemotePeer>();
    this.connected = connected.promise;
    this.#channel = openChannel<FetchControl>(port1, {
      connected: connected.resolve,
      report: (report) => void this.reports.push(report),
    } satisfies FetchHost);
    const me = { identity, name: 'fetcher', agent: 'test', insecure };
    const to = { host: '127.0.0.1', tcpPort: server.port, peer, name: 'server' };
    this.ended = fetch({ ...to, link: port2, me, rates: this.rates.shared });
    void this.ended.then(({ problem }) => connected.reject(new Error(problem.message)));
    this.connected.catch(() => undefined);
  }

  get remote(): Channel<FetchControl>['remote'] {
    return this.#channel.remote;
  }

  async open(
    content: number,
    of: TestContent,
    filePath: string,
    isPartial = false,
    priority: Priority = 'normal',
  ): Promise<Problem | undefined> {
    const { id, manifest } = of;
    const rate = this.rate.shared;
    const weight = SharedWeight.of(content, priority).shared;
    const writers = PieceWriters.of(pieceCount(manifest.sizeBytes)).shared;
    const opened = await this.remote.open({
      content,
      id,
      manifest,
      filePath,
      rate,
      weight,
      writers,
      isPartial,
    });
    return opened.ok ? undefined : opened.problem;
  }

  /** The pieces of a content reported so far, under the given heading. */
  pieces(content: number, kind: 'verified' | 'spoiled'): number {
    return this.reports
      .flatMap((report) => report.contents)
      .filter((report) => report.content === content)
      .flatMap((report) => report[kind])
      .reduce((sum, { count }) => sum + count, 0);
  }

  end(content: number): { at: 'source' | 'here'; problem: Problem } | undefined {
    return this.reports
      .flatMap((report) => report.contents)
      .find((report) => report.content === content && report.ended)?.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
    await this.ended;
  }
}
