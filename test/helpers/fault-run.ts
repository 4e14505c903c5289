/**
 * Carries out one plan: a small swarm in this process, what goes wrong, and a close look at how it ends. Every end is
 * either the right bytes or a stated reason, in time, and nothing is left behind.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Source } from '../../src/core/catalogue.ts';
import type { DownloadView } from '../../src/core/engine/engine-api.ts';
import type { TransferPool } from '../../src/workers/transfer-pool.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Blow, FaultPlan, FilePlan, Incident, SourcePlan } from './fault-plan.ts';
import { LyingPeer } from './lying-peer.ts';
import { openFilesBelow, openSocketsOf } from './open-handles.ts';
import { TestPeer } from './peers.ts';
import { Seeded } from './seeded.ts';
import { SmallDisk } from './small-disk.ts';
import { makeContent, stampOfFile, type TestContent } from './transfer.ts';

/**
 * Looks after which a run has not ended, and never will: five minutes of them. A machine that has a lot else to do
 * comes to look less often.
 */
const maxLooks = 15_000;
/** A download that need not arrive is asked for its reason when it had so long. */
const patienceMs = 4_000;
/** A folder that need not arrive, with a source that sends nothing, is left after so long: each file waits for it in turn. */
const stalledMs = 45_000;
const lookEveryMs = 20;
const treePath = '/s/t/';

/** The threads for both sides of one run; of another run as well, if it kills none. */
export interface RunPools {
  readonly downloader: TransferPool;
  readonly sources: TransferPool;
}

export interface RunOutcome {
  readonly arrived: boolean;
  readonly ms: number;
  /** How each download ended. */
  readonly ends: readonly string[];
  /** What happened, and when. */
  readonly log: readonly string[];
}

/** `folder` is empty, and left to the caller. Rejects with what is wrong, and all that is known of it. */
export async function carryOut(plan: FaultPlan, folder: string, pools: RunPools): Promise<RunOutcome> {
  const startedMs = performance.now();
  const run = new FaultRun(plan, folder, pools);
  try {
    await run.start();
    await run.untilOver();
    const ends = run.checkEnds();
    const arrived = run.hasArrived;
    await run.tidy();
    await run.end();
    await run.checkLeft();
    return { arrived, ms: performance.now() - startedMs, ends, log: run.log };
  } catch (error) {
    const known = run.report();
    await run.end().catch(() => undefined);
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${known}`, { cause: error });
  }
}

class FaultRun {
  readonly #plan: FaultPlan;
  readonly #folder: string;
  readonly #out: string;
  readonly #pools: { readonly downloader: CountedPool; readonly sources: CountedPool };
  readonly #seeded: Seeded;
  readonly #contents: TestContent[] = [];
  readonly #honest = new Map<number, TestPeer>();
  readonly #proxies = new Map<number, FaultProxy>();
  readonly #others: AsyncDisposable[] = [];
  #leaving: { readonly atMs: number; readonly rival: TestPeer }[] = [];
  readonly #sources: Source[] = [];
  readonly #ports = new Set<number>();
  readonly #failures: string[] = [];
  readonly log: string[] = [];
  #seen = '';
  #disk: SmallDisk | undefined;
  #repairs: { readonly atMs: number; readonly repair: () => void }[] = [];
  #downloader!: TestPeer;
  #transfers: number[] = [];
  /** How they stood when it was over: who waits goes on trying meanwhile. */
  #ends: (DownloadView | undefined)[] = [];
  #startedMs = 0;
  #hasRestarted = false;
  /** Threads. */
  #killed = 0;

  constructor(plan: FaultPlan, folder: string, pools: RunPools) {
    this.#plan = plan;
    this.#folder = folder;
    this.#out = path.join(folder, 'disk', 'out');
    this.#pools = {
      downloader: new CountedPool(pools.downloader),
      sources: new CountedPool(pools.sources),
    };
    this.#seeded = new Seeded(plan.seed + 0x5eed);
  }

  async start(): Promise<void> {
    const { files, sources, incidents } = this.#plan;
    const share = path.join(this.#folder, 'share');
    const disk = path.dirname(this.#out);
    for (const each of [share, disk]) mkdirSync(each);
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (incidents.some(({ incident }) => incident.kind === 'disk') && SmallDisk.missing === undefined)
      this.#disk = new SmallDisk(disk, 16 + Math.ceil((2 * bytes) / 1024 / 1024));
    mkdirSync(this.#out);
    for (const [at, { sizeBytes, seed }] of files.entries())
      this.#contents.push(makeContent(share, String(at), sizeBytes, seed));
    for (const [at, source] of sources.entries()) this.#sources.push(await this.#startSource(source, at));
    this.#downloader = await this.#startDownloader();
    await this.#startCrowd();
    this.#startedMs = performance.now();
    await this.#startDownloads();
  }

  /** Others take the slots, with their downloads in folders of their own, and some vanish with them. */
  async #startCrowd(): Promise<void> {
    const honest = [...this.#honest.values()].map(({ source }) => source);
    for (const [at, { bytesPerSecond, leavesAfterMs }] of this.#plan.crowd.rivals.entries()) {
      const { insecure } = this.#plan;
      const rival = await TestPeer.start([], 8, 8, { pool: this.#pools.downloader, insecure });
      this.#noted(rival.source);
      this.#others.push(rival);
      if (leavesAfterMs !== undefined) this.#leaving.push({ atMs: leavesAfterMs, rival });
      const folder = path.join(this.#folder, `rival-${at}`);
      mkdirSync(folder);
      for (const [file, content] of this.#contents.entries())
        if (honest.length > 0)
          await rival.download(content, folder, honest, { bytesPerSecond, name: String(file) });
    }
  }

  async #seeOff(ms: number): Promise<void> {
    const due = this.#leaving.filter(({ atMs }) => atMs <= ms);
    this.#leaving = this.#leaving.filter(({ atMs }) => atMs > ms);
    for (const { rival } of due) {
      this.#note('a rival vanishes');
      await rival[Symbol.asyncDispose]();
    }
  }

  async untilOver(): Promise<void> {
    const { incidents, mustArrive } = this.#plan;
    const waiting = [...incidents];
    for (let looks = 0; ; looks++) {
      const ms = performance.now() - this.#startedMs;
      const fraction = this.#fraction();
      while (waiting[0] && (waiting[0].atFraction <= fraction || waiting[0].afterMs <= ms)) {
        const { incident } = waiting.shift()!;
        this.#note(JSON.stringify(incident));
        await this.#happen(incident);
      }
      this.#mendDue(ms);
      await this.#seeOff(ms);
      const views = (this.#ends = this.#views());
      this.#watch(views);
      const isCalm = waiting.length === 0 && this.#repairs.length === 0;
      if (views.every((view) => view && hasEnded(view))) break;
      const isOver = (view: DownloadView | undefined): boolean =>
        view !== undefined && (hasReason(view) || this.#isFollowing(view) || this.#isStalled(view, ms));
      if (isCalm && !mustArrive && ms > patienceMs && views.every(isOver)) break;
      if (looks > maxLooks) throw new Error(`Not over after ${Math.round(ms)} ms`);
      await delay(lookEveryMs);
    }
    this.#mendDue(Infinity);
  }

  get hasArrived(): boolean {
    return this.#views().every((view) => view?.state === 'done');
  }

  /** How each download ended, once that has been found right. */
  checkEnds(): string[] {
    const { mustArrive, files } = this.#plan;
    for (const [relative, bytes] of this.#found()) {
      const file = this.#planned(relative);
      if (!file) throw new Error(`${relative} lies beside what was wanted`);
      if (!bytes.equals(this.#contents[files.indexOf(file)]!.bytes))
        throw new Error(`${relative} has the wrong bytes`);
    }
    const ends = this.#ends.map((view) => this.#checkEnd(view!));
    if (mustArrive && !this.hasArrived) throw new Error(`It had to arrive: ${ends.join('; ')}`);
    if (this.hasArrived && !this.#isListForged) this.#expectExactly(files);
    return ends;
  }

  /** Then nobody can know what was to come. */
  get #isListForged(): boolean {
    const { kind, sources } = this.#plan;
    const [first] = sources;
    return kind === 'tree' && first?.kind === 'liar' && first.liar.lie === 'forges';
  }

  /** A tree that asks who sends nothing for one file after the other: that takes half a minute for each. */
  #isStalled({ state }: DownloadView, ms: number): boolean {
    const { kind, sources, mustArrive } = this.#plan;
    const hasStaller = sources.some((source) => source.kind === 'liar' && source.liar.lie === 'stalls');
    return kind === 'tree' && hasStaller && !mustArrive && state === 'downloading' && ms > stalledMs;
  }

  #checkEnd(view: DownloadView): string {
    const { state, problem, retry, nextAttemptMs, queuePosition } = view;
    if (this.#isStalled(view, performance.now() - this.#startedMs)) return 'asking who sends nothing';
    if (state === 'done') {
      if (problem) throw new Error('It is done and has a problem');
      return 'done';
    }
    if (this.#isFollowing(view)) return `queued: ${problem?.message}`;
    if (!problem || problem.message === '' || !retry) throw new Error(`${state} without a reason`);
    if (state === 'failed' && retry !== 'never') throw new Error('It failed and is to be tried again');
    if (state === 'waiting' && nextAttemptMs === undefined && queuePosition === undefined)
      throw new Error('It waits for no time');
    return `${state} (${retry}): ${problem.code}: ${problem.message}`;
  }

  /** The same content under another name waits for who is at work on it, and that one is looked at by itself. */
  #isFollowing({ id, state, problem, transfer }: DownloadView): boolean {
    const isAtWork = (view: DownloadView | undefined): boolean =>
      view?.id === id && view?.transfer !== transfer && view?.state === 'waiting';
    return state === 'queued' && problem !== undefined && this.#ends.some(isAtWork);
  }

  /** What is not done is taken off the disk: nothing half done may stay. */
  async tidy(): Promise<void> {
    const { files, kind } = this.#plan;
    const open = this.#transfers.filter((_, at) => this.#views()[at]?.state !== 'done');
    if (open.length > 0)
      this.#downloader.refs.downloads?.tell({ type: 'remove', transfers: open, deletesData: true });
    const kept = kind === 'tree' ? [] : files.filter((_, at) => this.#views()[at]?.state === 'done');
    await inTime('nothing is left of what was removed', () => {
      const here = new Set(this.#found().map(([relative]) => relative));
      const isExcusable = open.length < this.#transfers.length;
      const hidden = allBelow(this.#out)
        .filter((relative) => relative.split(path.sep).includes('.shoal'))
        .filter((relative) => !isExcusable || !this.#mayStay(relative));
      const isWhole = kept.every((file) => here.has(this.#placeOf(file)));
      const isTidy = [...here].every((relative) => this.#planned(relative));
      return hidden.length === 0 && isWhole && isTidy;
    });
  }

  /** Stops everything; again, it does nothing. */
  async end(): Promise<void> {
    this.#mendDue(Infinity);
    const peers = [this.#downloader, ...this.#honest.values()];
    for (const peer of peers) if (peer) this.#failures.push(...peer.failures.splice(0));
    for (const each of [...this.#others.splice(0), ...this.#proxies.values(), ...peers])
      await each?.[Symbol.asyncDispose]();
    this.#proxies.clear();
    this.#honest.clear();
    const { downloader, sources } = this.#pools;
    await inTime('all jobs have ended', () => downloader.running + sources.running === 0);
    // What a thread is just opening when it is killed is nobody's: Node closes only what the thread knew of.
    await inTime('no file is open', () => openFilesBelow(this.#folder).length <= this.#killed);
    await inTime('no socket is open', () => openSocketsOf(this.#ports) === 0);
    this.#disk?.[Symbol.dispose]();
    this.#disk = undefined;
  }

  /** Faults of ours: only what was made to fail may have failed. */
  async checkLeft(): Promise<void> {
    const faults = this.#failures.filter((failure) => !isExcused.test(failure));
    if (faults.length > 0 && !this.#plan.isDeadly) throw new Error(`Actors failed: ${faults.join('; ')}`);
  }

  /** All that is known, for people. */
  report(): string {
    const actors = this.#downloader?.system
      .snapshot()
      .map(({ path: at, status, queued, lastError }) => `${at} ${status} ${queued} ${lastError ?? ''}`);
    return [
      `plan ${JSON.stringify(this.#plan)}`,
      `happened ${this.log.join(', ')}`,
      `views ${JSON.stringify(this.#views())}`,
      `visits ${[...this.#proxies].map(([at, { visits }]) => `${at}: ${visits}`).join(', ')}`,
      `failures ${this.#failures.join('; ')}`,
      `on the disk ${existsSync(this.#out) ? allBelow(this.#out).join(', ') : 'nothing'}`,
      `jobs ${this.#pools.downloader.running} ${this.#pools.sources.running}`,
      `open ${openFilesBelow(this.#folder).join(', ')}, ${openSocketsOf(this.#ports)} sockets`,
      `actors ${actors?.join('\n       ') ?? ''}`,
    ].join('\n');
  }

  async #startSource(source: SourcePlan, at: number): Promise<Source> {
    const { insecure, seed, incidents } = this.#plan;
    switch (source.kind) {
      case 'honest': {
        const changes = incidents.some(
          ({ incident }) => incident.kind === 'change' && incident.source === at,
        );
        const peer = await this.#startHonest(changes ? this.#copies(at) : this.#contents);
        this.#honest.set(at, peer);
        const proxy = await FaultProxy.start(source.proxy, peer.source);
        this.#proxies.set(at, proxy);
        return this.#noted(proxy.source);
      }
      case 'liar': {
        const entries = this.#contents.map((content, file) => this.#entry(content, file));
        const chance = new Seeded(seed * 16 + at);
        const liar = await LyingPeer.start(source.liar, this.#contents, entries, chance, insecure);
        this.#others.push(liar);
        return this.#noted(liar.source);
      }
      case 'nobody': {
        const gone = await TestPeer.start([], 1, 1, { pool: this.#pools.sources });
        const where = gone.source;
        await gone[Symbol.asyncDispose]();
        return where;
      }
    }
  }

  async #startHonest(contents: readonly TestContent[]): Promise<TestPeer> {
    const { insecure } = this.#plan;
    const { slots } = this.#plan.crowd;
    const peer = await TestPeer.start([], slots, 8, { pool: this.#pools.sources, insecure });
    for (const [file, content] of contents.entries()) peer.share(content, this.#entry(content, file).path);
    this.#noted(peer.source);
    return peer;
  }

  #entry({ id, bytes }: TestContent, file: number) {
    const at = `${treePath}${this.#plan.files[file]!.path}`;
    return { kind: 'file', id, path: at, sizeBytes: bytes.length } as const;
  }

  /** The same contents in files of their own. */
  #copies(source: number): TestContent[] {
    return this.#contents.map((content, at) => {
      const filePath = path.join(this.#folder, 'share', `${source}-${at}`);
      copyFileSync(content.filePath, filePath);
      return { ...content, filePath, stamp: stampOfFile(filePath) };
    });
  }

  #noted(source: Source): Source {
    this.#ports.add(source.port);
    return source;
  }

  async #startDownloader(): Promise<TestPeer> {
    const { insecure } = this.#plan;
    const peer = await TestPeer.start([], 8, 8, { pool: this.#pools.downloader, insecure });
    this.#noted(peer.source);
    peer.known.push(...this.#sources);
    peer.peers.push(...this.#sources);
    return peer;
  }

  async #startDownloads(): Promise<void> {
    const { kind, files, bytesPerSecond, giveUpAfterMs } = this.#plan;
    const options = { bytesPerSecond, ...(giveUpAfterMs !== undefined && { giveUpAfterMs }) };
    const peer = this.#downloader;
    if (kind === 'tree') {
      this.#transfers = [await peer.downloadTree(this.#sources[0]!, treePath, this.#out, options)];
      return;
    }
    this.#transfers = await Promise.all(
      files.map(({ path: name }, at) =>
        peer.download(this.#contents[at]!, this.#out, this.#sources, { ...options, name }),
      ),
    );
  }

  async #happen(incident: Incident): Promise<void> {
    switch (incident.kind) {
      case 'blow':
        return this.#strike(incident.blow, incident.at);
      case 'vanish': {
        await this.#proxies.get(incident.source)?.[Symbol.asyncDispose]();
        const peer = this.#honest.get(incident.source);
        this.#honest.delete(incident.source);
        if (!peer) return;
        this.#failures.push(...peer.failures);
        return peer[Symbol.asyncDispose]();
      }
      case 'come': {
        const peer = await this.#startHonest(this.#contents);
        this.#others.push(peer);
        this.#sources.push(peer.source);
        this.#downloader.known.push(peer.source);
        for (const { id } of this.#contents) this.#downloader.tellOf(id);
        return;
      }
      case 'change':
        if (this.#honest.has(incident.source)) this.#change(incident.source, incident.how);
        return;
      case 'pause':
        for (const type of ['pause', 'resume'] as const)
          this.#downloader.refs.downloads?.tell({ type, transfers: this.#transfers });
        return;
      case 'restart':
        this.#failures.push(...this.#downloader.failures);
        await this.#downloader[Symbol.asyncDispose]();
        this.#downloader = await this.#startDownloader();
        this.#hasRestarted = true;
        return this.#startDownloads();
      case 'disk':
        return this.#breakDisk(incident.how, incident.forMs);
    }
  }

  async #strike(blow: Blow, at: 'downloader' | 'sources'): Promise<void> {
    if (blow === 'thread') {
      const pool = this.#pools[at];
      const threads = pool.threadIds();
      if (threads.length === 0) return;
      this.#killed += 1;
      await pool.killThread(this.#seeded.pick(threads));
      return;
    }
    const peers = at === 'downloader' ? [this.#downloader] : [...this.#honest.values()];
    for (const { system } of peers) {
      const struck = system.snapshot().filter(({ path: actor }) => victims[blow].test(actor));
      if (struck.length > 0) system.crash(this.#seeded.pick(struck).path);
    }
  }

  #change(source: number, how: 'rewrite' | 'truncate' | 'remove'): void {
    for (const [at, { bytes }] of this.#contents.entries()) {
      const filePath = path.join(this.#folder, 'share', `${source}-${at}`);
      if (!existsSync(filePath)) continue;
      if (how === 'remove') rmSync(filePath);
      else if (how === 'truncate') truncateSync(filePath, Math.floor(bytes.length / 2));
      else writeFileSync(filePath, Buffer.alloc(bytes.length, 9));
    }
  }

  #breakDisk(how: 'fills' | 'read-only' | 'removed', forMs: number): void {
    const repair = this.#disk && how !== 'removed' ? this.#breakSmallDisk(how) : this.#breakFolder(how);
    this.#repairs.push({ atMs: performance.now() - this.#startedMs + forMs, repair });
  }

  #breakSmallDisk(how: 'fills' | 'read-only'): () => void {
    const disk = this.#disk!;
    if (how === 'fills') {
      const filler = path.join(disk.path, 'filler');
      fill(filler);
      return () => {
        disk.remount('rw');
        rmSync(filler, { force: true });
      };
    }
    try {
      disk.remount('ro');
    } catch {
      // Files are open for writing there: then it cannot be.
      return () => undefined;
    }
    return () => disk.remount('rw');
  }

  /** As far as it goes without a disk of our own. */
  #breakFolder(how: 'fills' | 'read-only' | 'removed'): () => void {
    if (!existsSync(this.#out)) return () => undefined;
    if (how === 'removed') return this.#takeAway();
    chmodSync(this.#out, 0o500);
    return () => chmodSync(this.#out, 0o700);
  }

  #takeAway(): () => void {
    const away = `${this.#out}-away`;
    // Who has written there knows the folder; who has not, or has just come, makes its own.
    const isNew = (): boolean => this.#transfers.length > 1 || this.#hasRestarted;
    const isKnown = allBelow(this.#out).length > 0 && !isNew();
    try {
      renameSync(this.#out, away);
    } catch {
      // The disk it lies on is read-only just now.
      return () => undefined;
    }
    return () => {
      if (!existsSync(this.#out)) return renameSync(away, this.#out);
      if (isKnown && !isNew()) throw new Error('A folder that was gone has been made anew');
      rmSync(away, { recursive: true });
    };
  }

  #mendDue(ms: number): void {
    const due = this.#repairs.filter(({ atMs }) => atMs <= ms);
    this.#repairs = this.#repairs.filter(({ atMs }) => atMs > ms);
    // What was broken last is mended first.
    for (const { repair } of due.toReversed()) {
      this.#note('mended');
      repair();
    }
  }

  #note(text: string): void {
    this.log.push(`${Math.round(performance.now() - this.#startedMs)} ms: ${text}`);
  }

  /** Notes how the downloads stand when that is news. */
  #watch(views: readonly (DownloadView | undefined)[]): void {
    const seen = views
      .map((view) => view && `${view.state} ${view.problem?.message ?? ''}`.trim())
      .join(' | ');
    if (seen !== this.#seen) this.#note(`[${seen}]`);
    this.#seen = seen;
  }

  #views(): (DownloadView | undefined)[] {
    return this.#transfers.map((transfer) => this.#downloader.views.get(transfer));
  }

  #fraction(): number {
    const total = this.#plan.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const done = this.#views().reduce((sum, view) => sum + (view?.doneBytes ?? 0), 0);
    return total === 0 ? 1 : done / total;
  }

  #placeOf({ path: at }: FilePlan): string {
    return this.#plan.kind === 'tree' ? path.join('t', at) : at;
  }

  get #wasTakenAway(): boolean {
    return this.#plan.incidents.some(
      ({ incident }) => incident.kind === 'disk' && incident.how === 'removed',
    );
  }

  /** It ended while its folder was away, and came back with it. */
  #mayStay(relative: string): boolean {
    return this.#wasTakenAway && (relative === '.shoal' || isAside.test(relative));
  }

  #planned(relative: string): FilePlan | undefined {
    return this.#plan.files.find((file) => this.#placeOf(file) === relative);
  }

  /** What lies there for all to see. */
  #found(): [string, Buffer][] {
    return filesBelow(this.#out)
      .filter((relative) => !relative.split(path.sep).includes('.shoal'))
      .map((relative) => [relative, readFileSync(path.join(this.#out, relative))]);
  }

  #expectExactly(files: readonly FilePlan[]): void {
    const here = filesBelow(this.#out)
      .filter((file) => !this.#mayStay(file))
      .sort();
    const wanted = files.map((file) => this.#placeOf(file)).sort();
    if (here.join('\n') !== wanted.join('\n'))
      throw new Error(`There is ${here.join(', ')} in place of ${wanted.join(', ')}`);
  }
}

/**
 * What lay beside a partial file, and what a tree put its files together in: to be removed while its folder was away, it
 * comes back with the folder. It says nothing without the partial file, holds nobody up, and is written over by
 * whoever wants the same again.
 */
const isAside = /\.shoal\/[^/]+\.(lock|have|manifest|manifest\.new|tree(\.contents|\/.*)?)$/;

/** What was done to it, and what a disk that others keep busy does to it. */
const isExcused = /was made to crash|did not end within/;

/** Who is struck by which blow. */
const victims: { readonly [Each in Exclude<Blow, 'thread'>]: RegExp } = {
  download: /\/(download|tree|content|upload)-\d+$/,
  session: /\/(session|upload)-\d+$/,
  upload: /\/(session|upload)-\d+$/,
  pool: /\/(download|upload)-pool$/,
};

/** Another's pool, with a count of what this run has under way there. */
class CountedPool implements TransferPool {
  running = 0;
  readonly capacity: number;
  readonly run: TransferPool['run'];
  readonly threadIds: TransferPool['threadIds'];
  readonly killThread: TransferPool['killThread'];

  constructor(pool: TransferPool) {
    this.capacity = pool.capacity;
    this.threadIds = () => pool.threadIds();
    this.killThread = (threadId) => pool.killThread(threadId);
    this.run = (...args) => {
      this.running += 1;
      return pool.run(...args).finally(() => (this.running -= 1));
    };
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }
}

function hasEnded({ state }: DownloadView): boolean {
  return state === 'done' || state === 'failed';
}

function hasReason(view: DownloadView): boolean {
  return hasEnded(view) || (view.state === 'waiting' && view.problem !== undefined);
}

function allBelow(folder: string): string[] {
  return listed(() => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
}

/** A folder may get its name, or go away, while it is being read: then all is read anew. */
function listed<Entry>(read: () => Entry[]): Entry[] {
  for (let attempt = 1; ; attempt++) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      if (attempt === 20) return [];
    }
  }
}

function filesBelow(folder: string): string[] {
  return listed(() => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

/** Takes all the room there is. */
function fill(filler: string): void {
  for (let bytes = 1024 * 1024; bytes >= 4096; bytes /= 2) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(bytes, 1), { flag: 'a' });
    } catch {
      // So much does not fit any more.
    }
  }
}

async function inTime(what: string, holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    if (looks > maxLooks) throw new Error(`In vain: ${what}`);
    await delay(lookEveryMs);
  }
}
