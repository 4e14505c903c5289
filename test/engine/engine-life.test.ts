import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../src/actors/runtime/testing.ts';
import type { DownloadView, EngineCommand, EngineEvent, LogLine } from '../../src/core/engine/engine-api.ts';
import { maxLogLines } from '../../src/core/limits/engine.ts';
import { EngineLife } from '../../src/engine/engine-life.ts';
import { downloadView, engineSnapshot, trackerView } from '../helpers/views.ts';
import { TestClient, type TestHub } from './hub.ts';

/** An engine's life with actors made up: `downloads` is what a snapshot says, once it is asked for and answered. */
class Life {
  downloads: readonly DownloadView[] = [];
  stops = 0;
  readonly commands: EngineCommand[] = [];
  readonly life: EngineLife;
  readonly #deferred: (() => void)[] = [];

  constructor() {
    this.life = new EngineLife({
      clock: new ManualClock(),
      wallMs: () => 1_000,
      defer: (callback) => void this.#deferred.push(callback),
      deliver: (command) => void this.commands.push(command),
      stop: () => void (this.stops += 1),
      say: (line) => this.life.publish({ type: 'log', line: { atMs: 1, ...line } }),
    });
  }

  client(): TestClient {
    return new TestClient({ hub: this.life.hub, turn: () => this.turn() } as TestHub);
  }

  show(...views: readonly Partial<DownloadView>[]): void {
    for (const view of views) this.life.publish({ type: 'download', download: downloadView(view) });
  }

  /** Answers the snapshots that were asked for. */
  answer(): void {
    for (const command of this.commands.splice(0))
      if (command.type === 'snapshot')
        this.life.publish({
          type: 'answer-snapshot',
          requestId: command.requestId,
          answer: { ok: true, value: engineSnapshot({ downloads: this.downloads }) },
        });
  }

  turn(): void {
    while (this.#deferred.length > 0) for (const callback of this.#deferred.splice(0)) callback();
  }

  get lines(): readonly string[] {
    return this.life.log.map(({ level, text }) => `${level} ${text}`);
  }
}

describe('a stop that waits for downloads', () => {
  test('comes at once when there are none, or none that could go on', () => {
    const life = new Life();
    life.downloads = [
      downloadView({ transfer: 1, state: 'paused' }),
      downloadView({ transfer: 2, state: 'done' }),
      downloadView({ transfer: 3, state: 'failed' }),
    ];
    life.client().send({ type: 'stop', when: 'idle' });
    expect(life.stops).toBe(0);
    life.answer();
    expect(life.stops).toBe(1);
  });

  test('comes when the last of them has ended, was paused, or was removed, and not before', () => {
    const life = new Life();
    life.downloads = [1, 2, 3].map((transfer) => downloadView({ transfer, state: 'waiting' }));
    life.life.halt('idle');
    life.answer();
    life.show(
      { transfer: 1, state: 'downloading' },
      { transfer: 1, state: 'done' },
      { transfer: 2, state: 'paused' },
    );
    expect(life.stops).toBe(0);
    life.life.publish({ type: 'removed', transfers: [3] });
    expect(life.stops).toBe(1);
  });

  test('believes what it hears while it asks more than the answer, which is older', () => {
    const life = new Life();
    life.downloads = [downloadView({ transfer: 1 }), downloadView({ transfer: 2, state: 'done' })];
    life.life.halt('idle');
    life.show({ transfer: 1, state: 'done' }, { transfer: 2, state: 'queued' });
    life.answer();
    expect(life.stops).toBe(0);
    life.show({ transfer: 2, state: 'cancelled' });
    expect(life.stops).toBe(1);
  });

  test('waits for what is added meanwhile', () => {
    const life = new Life();
    life.downloads = [downloadView({ transfer: 1 })];
    life.life.halt('idle');
    life.answer();
    life.show({ transfer: 2, state: 'queued' }, { transfer: 1, state: 'done' });
    expect(life.stops).toBe(0);
    life.show({ transfer: 2, state: 'done' });
    expect(life.stops).toBe(1);
  });

  test('can be taken back, is told to all, and is replaced by a stop at once', () => {
    const life = new Life();
    const [one, two] = [life.client(), life.client()];
    life.downloads = [downloadView({ transfer: 1 })];
    one.send({ type: 'stop', when: 'idle' });
    life.answer();
    expect(life.life.stopsWhenIdle).toBe(true);
    two.send({ type: 'stay' });
    life.show({ transfer: 1, state: 'done' });
    life.turn();
    expect([life.stops, life.life.stopsWhenIdle]).toEqual([0, false]);
    expect(one.of('stops-when-idle').map(({ stopsWhenIdle }) => stopsWhenIdle)).toEqual([true, false]);
    one.send({ type: 'stop', when: 'now' });
    expect(life.stops).toBe(1);
  });

  test('is none of the actors’ business', () => {
    const life = new Life();
    const client = life.client();
    client.send({ type: 'stop', when: 'now' });
    client.send({ type: 'stay' });
    client.send({ type: 'rescan', folder: undefined });
    expect(life.commands).toEqual([{ type: 'rescan', folder: undefined }]);
  });
});

describe('the log', () => {
  const problem = { code: 'unreachable', message: 'nothing listens there' } as const;

  test('says of a tracker when it is lost and when it is back, not each attempt', () => {
    const life = new Life();
    const states = [
      trackerView({ state: 'waiting', problem }),
      trackerView({ state: 'connecting' }),
      trackerView({ state: 'waiting', problem }),
      trackerView({ state: 'registered', files: 2 }),
      trackerView({ state: 'registered', files: 2, latencyMs: 3 }),
      trackerView({ state: 'waiting', problem }),
    ];
    for (const tracker of states) life.life.publish({ type: 'tracker', tracker });
    expect(life.lines).toEqual([
      'warn nothing listens there',
      'info Connected, 2 files registered',
      'warn nothing listens there',
    ]);
  });

  test('says of a download how it ended and what keeps it, each once', () => {
    const life = new Life();
    life.show(
      { state: 'downloading' },
      { state: 'waiting', problem },
      { state: 'waiting', problem, attempts: 2 },
      { state: 'downloading' },
      { state: 'done', path: '/out/file-1' },
      { transfer: 2, state: 'failed', problem },
    );
    expect(life.lines).toEqual([
      'warn file-1: nothing listens there',
      'info Got file-1, verified: /out/file-1',
      'error file-1: nothing listens there',
    ]);
  });

  test('says nothing that could move a cursor, whoever chose the name', () => {
    const life = new Life();
    life.show({ state: 'done', name: 'evil\u001B[2J\u202Egnp.exe', path: undefined });
    expect(life.lines.join('')).not.toMatch(/[\u001B\u202E]/);
  });

  test('is told to who is there, and its last lines to who comes later', () => {
    const life = new Life();
    const client = life.client();
    const line = (text: string): LogLine => ({ atMs: 1, level: 'info', source: 'a', text });
    const lines = Array.from({ length: maxLogLines + 5 }, (_, at) => line(String(at)));
    for (const one of lines) life.life.publish({ type: 'log', line: one });
    life.turn();
    expect(client.of('log')).toHaveLength(lines.length);
    expect(life.life.log).toEqual(lines.slice(5));
  });

  test('has the fault that ends the engine', () => {
    const life = new Life();
    const fault: EngineEvent = { type: 'fault', problem: { code: 'internal', message: 'it gave up' } };
    life.life.publish(fault);
    expect(life.lines).toEqual(['error it gave up']);
  });
});
