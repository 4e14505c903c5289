/**
 * What is fetched over one connection, from its greeting to its end: has who fetches pieces, small files and answers
 * hear what is theirs, and tells the actor what comes of it.
 * Invariant: what happened is reported before whoever asked for it is told that it is over.
 */
import { verifyManifest } from '../../../content/content-id.ts';
import type { ListPage } from '../../../core/catalogue.ts';
import type { ContentId } from '../../../core/ids.ts';
import { bytesReportMs, maxFetchedPieceLength, sinkFromBytes } from '../../../core/limits/tracker.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { Pipeline } from '../../../core/swarm/pipeline.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { Rate } from '../../../core/rates/shared-rate.ts';
import { problemOf } from '../../../protocol/errors.ts';
import type { Calls } from '../../channel.ts';
import type {
  ContentReport,
  Ended,
  FetchHost,
  FetchInput,
  FetchReport,
  ListRequest,
  OpenedContent,
} from '../../transfer-contract.ts';
import { Asker } from './asker.ts';
import { nowMs, type Connection, type PeerEvent } from '../connection.ts';
import { Downloader } from './downloader.ts';
import { FetchedContent } from './fetched-content.ts';
import { FileFetcher } from './file-fetcher.ts';
import type { Taker } from './intake.ts';
import { useSink } from '../disk/piece-sink.ts';
import { Questions } from './questions.ts';
import { ReportBeat } from './report-beat.ts';
import { StallWatch } from './stall-watch.ts';

export class FetchClient implements Taker {
  readonly connection: Connection;
  readonly downloader: Downloader;
  readonly files: FileFetcher;
  readonly #host: Calls<FetchHost>;
  readonly #peer: FetchInput['peer'];
  /** The limit for all that comes over the connection. */
  readonly #rate: Rate;
  readonly #readOn: () => void;
  readonly #questions: Questions;
  /** One for all that comes: what has less priority may have to wait for the rest. */
  readonly #silence: StallWatch;
  /** Contents whose files are being opened. */
  readonly #opening = new Map<number, Promise<unknown>>();
  #sink: ReturnType<typeof useSink> | undefined;
  /** What happens is reported at a beat, but at once when somebody waits for it: small files would do nothing else. */
  readonly #beat = new ReportBeat(() => this.#tell(this.#report(this.downloader.contents, true)));
  /** What was reported last of the place in the queue, and of silence. */
  #told: Pick<FetchReport, 'queuePosition' | 'stallsAtMs'> = { queuePosition: 0, stallsAtMs: undefined };

  constructor(
    host: Calls<FetchHost>,
    peer: FetchInput['peer'],
    rate: Rate,
    dialled: (onEvent: (event: PeerEvent) => void) => Connection,
    resumeReading: () => void,
  ) {
    this.#host = host;
    this.#peer = peer;
    this.#rate = rate;
    this.connection = dialled((event) => this.#hear(event));
    this.#readOn = () => {
      if (this.mayRead) resumeReading();
    };
    this.#questions = new Questions(this.connection, this.#readOn);
    const cameSome = (): void => this.#beat.soon(bytesReportMs);
    const pipeline = new Pipeline(nowMs());
    const asker = new Asker(this.connection, pipeline, {
      isQueued: () => this.downloader.queuePosition > 0,
      asked: this.#readOn,
    });
    const isNews = (): void => this.#beat.soon();
    const began = (): void => {
      if (this.downloader.pace === 'idle' && this.files.pace === 'idle') this.#silence.begin();
    };
    const base = { connection: this.connection, pipeline, asker, rate, began, resumeReading: this.#readOn };
    this.downloader = new Downloader(base, cameSome);
    this.files = new FileFetcher(base, isNews, cameSome);
    this.#silence = new StallWatch(this.connection, { isDue: () => this.#isDue, changed: isNews });
  }

  /** Whether more may be read from the network. */
  get mayRead(): boolean {
    const mayFetch = this.files.mayRead;
    return this.downloader.mayRead && mayFetch && !this.#isHeld();
  }

  /** Whether nothing is on its way but what has come too fast: anything else must not wait behind it. */
  #isHeld(): boolean {
    if (this.#questions.areOpen) return false;
    const pace = this.downloader.pace;
    if (pace === 'due') return false;
    const filesPace = this.files.pace;
    return filesPace !== 'due' && (pace === 'held' || filesPace === 'held');
  }

  /** Whether something is to come, and would be read. */
  get #isDue(): boolean {
    const { downloader, files } = this;
    if (downloader.queuePosition > 0 || !downloader.isReading || !files.mayRead) return false;
    return downloader.pace === 'due' || files.pace === 'due';
  }

  get quantumBytes(): number {
    return Math.min(this.downloader.quantumBytes, this.files.quantumBytes);
  }

  landing(): Uint8Array | undefined {
    return this.downloader.landing();
  }

  landed(length: number): boolean {
    this.#silence.moved();
    return this.downloader.landed(length);
  }

  receive(bytes: Uint8Array): void {
    this.connection.receive(bytes);
  }

  get expectsHeader(): boolean {
    return this.downloader.expectsHeader;
  }

  /** The manifest of a content, proved to be its. */
  async manifest(id: ContentId): Promise<Result<Manifest>> {
    const question = { type: 'get-manifest', id } as const;
    const answer = await this.#questions.ask<Manifest>((requestId) => ({ ...question, requestId }));
    const manifest = answer.ok ? verifyManifest(id, answer.value) : answer;
    // So that it is up when the file has been made.
    if (manifest.ok) this.#startSink(manifest.value);
    return manifest;
  }

  #startSink({ sizeBytes }: Manifest): void {
    if (sizeBytes >= sinkFromBytes && this.connection.isOpen) this.#sink ??= useSink();
  }

  list(request: ListRequest): Promise<Result<ListPage>> {
    return this.#questions.ask<ListPage>((requestId) => ({ type: 'list', requestId, ...request }));
  }

  async open(opened: OpenedContent): Promise<Result<void>> {
    if (opened.manifest.pieceLength > maxFetchedPieceLength) return fail('limit', 'The file is too large');
    if (!this.connection.isOpen) return fail('closed', 'The connection is closed');
    this.#startSink(opened.manifest);
    const opening = FetchedContent.open(
      opened,
      (isIdle) => this.#beat.soon(isIdle ? 0 : undefined),
      this.#sink?.sink,
    );
    this.#opening.set(opened.content, opening);
    const content = await opening;
    if (this.#opening.get(opened.content) === opening) this.#opening.delete(opened.content);
    if (!content.ok) return content;
    this.downloader.open(content.value);
    if (opened.isPartial) void this.#watch(content.value);
    return ok(undefined);
  }

  /** Asks what the source has; it tells by itself what it gets from then on. */
  async #watch(content: FetchedContent): Promise<void> {
    const { id } = content;
    const answer = this.connection.session.isSwarming
      ? await this.#questions.ask<Uint8Array | undefined>((requestId) => ({ type: 'watch', requestId, id }))
      : fail('version', 'It gives nothing of what is not complete');
    if (answer.ok) content.claimed(answer.value);
    else content.end('source', answer.problem);
  }

  /** What it did last is reported before it is closed. */
  async close(number: number): Promise<void> {
    // What is not open yet will be in a moment, and then nobody would close it.
    await this.#opening.get(number);
    const content = await this.downloader.close(number);
    if (content?.isPartial) this.connection.send({ type: 'unwatch', id: content.id });
    if (content) await this.#report([content]);
  }

  /** Settles what waits, and reports what was written to the last. */
  async end(problem: Ended['problem']): Promise<void> {
    this.#beat.stop();
    this.#questions.end(problem);
    await Promise.all(this.#opening.values());
    const contents = this.downloader.contents;
    await this.downloader.closeAll();
    // Until then what is read still goes where it was to go.
    void this.connection.closed.then(() => this.#free());
    await this.#beat.reporting;
    await this.#report(contents).catch(() => undefined);
  }

  #free(): void {
    this.downloader.free();
    this.#sink?.release();
    this.#sink = undefined;
  }

  #hear(event: PeerEvent): void {
    switch (event.type) {
      case 'data': {
        const { requestId, bytes } = event;
        this.#silence.moved();
        if (!this.#questions.data(requestId, bytes) && !this.files.data(requestId, bytes))
          this.downloader.data(requestId, bytes);
        return;
      }
      case 'data-end': {
        const { requestId } = event;
        if (!this.#questions.dataEnd(requestId) && !this.files.dataEnd(requestId))
          this.downloader.dataEnd(requestId);
        return;
      }
      case 'block':
        this.downloader.block(event);
        this.#beat.soon();
        return;
      case 'queue':
        this.downloader.queued(event.position);
        this.files.queued(event.position);
        this.#silence.begin();
        this.#beat.soon();
        return;
      case 'hello':
        void this.#tell(this.#host.connected({ peer: this.#peer, name: event.name, agent: event.agent }));
        return;
      case 'files':
        return this.files.begins(event);
      case 'manifest':
        return this.#questions.manifestBegins(event);
      case 'bitfield':
        return this.#questions.settle(event.requestId, ok(event.bitfield));
      case 'have':
        for (const content of this.downloader.contents)
          if (content.isPartial && content.id === event.id) content.gained(event.ranges);
        return;
      case 'list-page':
        return this.#questions.settle(event.requestId, ok({ entries: event.entries, cursor: event.cursor }));
      case 'error':
        if (!this.downloader.refused(event) && !this.files.refused(event))
          this.#questions.settle(event.requestId, { ok: false, problem: problemOf(event) });
        return;
      case 'bye':
      case 'get-manifest':
      case 'get-pieces':
      case 'get-files':
      case 'cancel':
      case 'list':
      case 'watch':
      case 'spoiled':
      case 'unwatch':
        // Only a listener hears these; the session refuses them before they get here.
        return;
    }
  }

  /** `isEven`: with as many bytes as limits let come; not the last time, when all are told of. */
  async #report(contents: Iterable<FetchedContent>, isEven = false): Promise<void> {
    const reports: ContentReport[] = [];
    this.downloader.countAll();
    const evenly = isEven ? { nowMs: nowMs(), bytesPerSecond: this.#rate.bytesPerSecond } : undefined;
    for (const content of contents) {
      const report = content.takeReport(evenly);
      if (report) reports.push(report);
      if (content.hasMore) this.#beat.soon(bytesReportMs);
    }
    const { queuePosition } = this.downloader;
    const stallsAtMs = this.#silence.stallsAtMs;
    const trees = this.files.takeReports();
    const isAsTold = queuePosition === this.#told.queuePosition && stallsAtMs === this.#told.stallsAtMs;
    if (reports.length + trees.length === 0 && isAsTold) return;
    this.#told = { queuePosition, stallsAtMs };
    await this.#host.report({ contents: reports, trees, queuePosition, stallsAtMs });
  }

  /** A call that fails means that the actor is gone, and with it the reason to go on. */
  #tell(call: Promise<void>): Promise<void> {
    return call.catch(() => this.connection.end({ code: 'closed', message: 'Stopped' }));
  }
}
