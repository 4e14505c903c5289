/**
 * Whole peers at a real tracker, some of them where nobody gets through to them: they listen at another address of this
 * machine than the one that the tracker sees them come from.
 */
import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { SearchResult } from '../../src/core/catalogue.ts';
import {
  defaultLimits,
  type DownloadView,
  type EngineConfig,
  type EngineEvent,
  type TrackerView,
  type UploadView,
} from '../../src/core/engine/engine-api.ts';
import { startPeer, type PeerSystem } from '../../src/engine/peer-system.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { TestTracker } from '../helpers/trackers.ts';

interface Options {
  readonly name: string;
  readonly role?: EngineConfig['role'];
  /** Whether others get through to it. Default: they do. */
  readonly isOpen?: boolean;
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly home?: string;
}

class Peer implements AsyncDisposable {
  readonly out = tempDir();
  readonly downloads = new Map<number, DownloadView>();
  readonly uploads = new Map<number, UploadView>();
  tracker: TrackerView | undefined;
  isListed = false;
  #peer: PeerSystem | undefined;
  #requests = 0;
  #answers = new Map<number, EngineEvent>();

  static async start(tracker: TestTracker, options: Options): Promise<Peer> {
    const { name, role = 'share', isOpen = true, files = {}, home = tempDir() } = options;
    const share = path.join(home, 'things');
    mkdirSync(share, { recursive: true });
    for (const [file, bytes] of Object.entries(files)) writeFileSync(path.join(share, file), bytes);
    const peer = new Peer();
    const started = await startPeer({
      config: {
        home,
        name,
        role,
        shares: role === 'share' ? [share] : [],
        downloads: peer.out,
        host: isOpen ? '127.0.0.1' : '127.0.0.2',
        port: 0,
        trackers: [tracker.address],
        limits: defaultLimits,
        insecure: false,
        log: { level: 'silent', file: undefined },
      },
      agent: 'test',
      log: pino({ level: 'silent' }),
      life: { startedMs: 0, stopsWhenIdle: false, log: [] },
      observe: (event) => peer.#note(event),
    });
    if (!started.ok) throw new Error(started.problem.message);
    peer.#peer = started.value;
    await started.value.root.ready;
    const files_ = Object.keys(files).length;
    if (role === 'share')
      await until(
        `${name} is listed`,
        () => peer.tracker?.state === 'registered' && peer.tracker.files === files_,
      );
    return peer;
  }

  /** Whether the tracker got through to it, once it has said. */
  async toldReach(): Promise<boolean> {
    await until('the tracker has looked', () => this.tracker?.reach !== undefined);
    return this.tracker?.reach?.isReachable === true;
  }

  /** Asks until it is found: an answer that does not come in time is a problem of the machine. */
  async find(name: string): Promise<SearchResult> {
    const results: SearchResult[] = [];
    await until(`${name} is found`, async () => {
      const requestId = ++this.#requests;
      this.#peer?.root.ref.tell({ type: 'find-name', requestId, name });
      await until('the tracker answers', () => this.#answers.has(requestId));
      const event = this.#answers.get(requestId);
      if (event?.type === 'answer-find-name' && event.answer.ok) results.push(...event.answer.value);
      return results.length > 0;
    });
    return results[0]!;
  }

  async get(name: string): Promise<number> {
    const { id, sources } = await this.find(name);
    const target = { kind: 'content', id, name, folders: [], sources } as const;
    const requestId = ++this.#requests;
    const order = { type: 'download', requestId, target, outDir: this.out, bytesPerSecond: 0 } as const;
    this.#peer?.root.ref.tell(order);
    await until('it is taken on', () => this.#answers.has(requestId));
    const event = this.#answers.get(requestId);
    if (event?.type !== 'answer-download' || !event.answer.ok) throw new Error('It was refused');
    return event.answer.value;
  }

  async got(transfer: number): Promise<Buffer> {
    await until('it is there', () => this.downloads.get(transfer)?.state === 'done');
    return readFileSync(this.downloads.get(transfer)?.path ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer?.close();
  }

  #note(event: EngineEvent): void {
    if (event.type === 'tracker') this.tracker = event.tracker;
    if (event.type === 'download') this.downloads.set(event.download.transfer, event.download);
    if (event.type === 'upload') this.uploads.set(event.upload.upload, event.upload);
    if ('requestId' in event) this.#answers.set(event.requestId, event);
  }
}

const film = randomBytes(3 * 1024 * 1024 + 5);

describe('a tracker', () => {
  test('tells peers whether others get through to them, and others whom they get through to', async () => {
    await using tracker = await TestTracker.start(tempDir());
    await using open = await Peer.start(tracker, { name: 'open', files: { 'open.bin': film } });
    await using closed = await Peer.start(tracker, {
      name: 'closed',
      isOpen: false,
      files: { 'closed.bin': film.subarray(9) },
    });
    expect([await open.toldReach(), await closed.toldReach()]).toEqual([true, false]);
    expect((await closed.find('open.bin')).sources).toMatchObject([{ name: 'open', reachable: true }]);
    expect((await open.find('closed.bin')).sources).toMatchObject([{ name: 'closed', reachable: false }]);
    // To be dialled back is no visit.
    expect([...open.uploads.values()]).toEqual([]);
    expect(tracker.failures).toEqual([]);
  });

  test.each(['here', 'thread'] as const)(
    'passes on the call of a peer, who then gets the file of one that nobody gets through to: connections %s',
    async (placement) => {
      await using tracker = await TestTracker.start(tempDir(), { placement });
      await using closed = await Peer.start(tracker, {
        name: 'closed',
        isOpen: false,
        files: { 'film.bin': film },
      });
      await using open = await Peer.start(tracker, { name: 'open' });
      expect([await open.toldReach(), await closed.toldReach()]).toEqual([true, false]);
      expect((await open.got(await open.get('film.bin'))).equals(film)).toBe(true);
      expect([...closed.uploads.values()]).toMatchObject([{ peerName: 'open' }]);
      expect(open.uploads.size).toBe(0);
    },
  );

  test('passes on the call of a guest, who opens a door for it', async () => {
    await using tracker = await TestTracker.start(tempDir());
    await using closed = await Peer.start(tracker, {
      name: 'closed',
      isOpen: false,
      files: { 'film.bin': film },
    });
    await using guest = await Peer.start(tracker, { name: 'guest', role: 'guest' });
    expect((await guest.got(await guest.get('film.bin'))).equals(film)).toBe(true);
    expect(closed.uploads.size).toBe(1);
  });

  test('two peers that nobody gets through to are told so, and go on when one of them is opened', async () => {
    await using tracker = await TestTracker.start(tempDir());
    const home = tempDir();
    await using other = await Peer.start(tracker, {
      name: 'other',
      isOpen: false,
      files: { 'film.bin': film },
    });
    let transfer: number;
    {
      await using closed = await Peer.start(tracker, { name: 'one', home, isOpen: false });
      expect([await closed.toldReach(), await other.toldReach()]).toEqual([false, false]);
      transfer = await closed.get('film.bin');
      const view = (): DownloadView | undefined => closed.downloads.get(transfer);
      // A call that the tracker does not pass on in time says less, and is made again.
      const reason = 'Neither you nor other can be reached from outside';
      await until('it waits and says why', () => view()?.problem?.message.includes(reason) ?? false);
      const { state, problem, retry, nextAttemptMs } = view() ?? {};
      expect([state, problem?.code]).toEqual(['waiting', 'unreachable']);
      expect(retry).toBe('connection');
      expect(nextAttemptMs).toBeGreaterThan(0);
      expect(other.uploads.size).toBe(0);
    }
    await using opened = await Peer.start(tracker, { name: 'one', home });
    expect((await opened.got(transfer)).equals(film)).toBe(true);
    expect([...other.uploads.values()]).toMatchObject([{ peerName: 'one' }]);
  });
});
