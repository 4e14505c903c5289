/** Whose queue is whose: a peer's own survives it, and a guest of the same profile leaves it alone. */
import { describe, test } from '@jest/globals';
import { pino } from 'pino';
import { defaultLimits, type DownloadView, type EngineConfig } from '../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId } from '../../src/core/ids.ts';
import { startPeer, type PeerSystem } from '../../src/engine/peer-system.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const idOf = (seed: number): ContentId => encodeId(new Uint8Array(32).fill(seed)) as ContentId;

/** An engine without a tracker, so that its downloads wait. */
class Engine implements AsyncDisposable {
  readonly views: ReadonlyMap<number, DownloadView>;
  readonly #peer: PeerSystem;

  private constructor(peer: PeerSystem, views: ReadonlyMap<number, DownloadView>) {
    this.#peer = peer;
    this.views = views;
  }

  static async start(role: EngineConfig['role'], home: string): Promise<Engine> {
    const folder = tempDir();
    const views = new Map<number, DownloadView>();
    const started = await startPeer({
      config: {
        home,
        name: 'alice',
        role,
        shares: role === 'share' ? [folder] : [],
        downloads: folder,
        host: '127.0.0.1',
        port: 0,
        trackers: [],
        limits: defaultLimits,
        insecure: false,
        log: { level: 'silent', file: undefined },
      },
      agent: 'test',
      log: pino({ level: 'silent' }),
      life: { startedMs: 0, stopsWhenIdle: false, log: [] },
      observe: (event) => {
        if (event.type === 'download') views.set(event.download.transfer, event.download);
      },
    });
    if (!started.ok) throw new Error(started.problem.message);
    await started.value.root.ready;
    return new Engine(started.value, views);
  }

  download(seed: number): void {
    const target = { kind: 'content', id: idOf(seed), name: `f${seed}`, folders: [], sources: [] } as const;
    this.#peer.root.ref.tell({
      type: 'download',
      requestId: seed,
      target,
      outDir: tempDir(),
      bytesPerSecond: 0,
    });
  }

  pause(transfer: number): void {
    this.#peer.root.ref.tell({ type: 'pause', transfers: [transfer] });
  }

  get shown(): string[] {
    return Array.from(
      this.views.values(),
      ({ transfer, name, state }) => `${transfer} ${name} ${state}`,
    ).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer.close();
  }
}

describe('the queue of a profile', () => {
  test('is taken up by its next peer, and no guest sees it or changes it', async () => {
    const home = tempDir();
    {
      await using peer = await Engine.start('share', home);
      peer.download(1);
      peer.download(2);
      await until('both wait', () => peer.shown.join() === '1 f1 waiting,2 f2 waiting');
      peer.pause(2);
      await until('one is paused', () => peer.shown.includes('2 f2 paused'));
      await using guest = await Engine.start('guest', home);
      guest.download(3);
      await until('the guest has its own', () => guest.shown.join() === '1 f3 waiting');
    }
    await using guest = await Engine.start('guest', home);
    guest.download(4);
    await until('it has begun', () => guest.shown.join() === '1 f4 waiting');
    await using next = await Engine.start('share', home);
    await until('it goes on', () => next.shown.includes('1 f1 waiting'));
    next.download(5);
    await until('the queue is longer', () => next.shown.join() === '1 f1 waiting,3 f5 waiting');
  });
});
