import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandContext } from '../../../src/cli/command.ts';
import { demo } from '../../../src/cli/demo/demo.ts';
import { sampleFiles as fullSize } from '../../../src/cli/demo/demo-files.ts';
import { Output } from '../../../src/cli/output.ts';
import type { CliPorts } from '../../../src/cli/peer/ports.ts';
import { settingsOf } from '../../../src/cli/peer/settings.ts';
import { Stop } from '../../../src/cli/peer/stop.ts';
import type { EngineCommand } from '../../../src/core/engine/engine-api.ts';
import { demoBytesPerSecond } from '../../../src/core/limits/cli.ts';
import { ok } from '../../../src/core/result.ts';
import { contentId, start, until, type FakeEngine, type Scene } from '../fakes.ts';
import { downloadView } from '../../helpers/views.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shoal-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sampleFiles = fullSize.map((sample) => ({ ...sample, sizeBytes: Math.ceil(sample.sizeBytes / 1000) }));
const names = sampleFiles.map((sample) => path.posix.basename(sample.path));

/** Knows every sample by name and delivers it at once. */
function delivering(command: EngineCommand, engine: FakeEngine): void {
  if (command.type === 'find-name') {
    const seed = names.indexOf(command.name);
    const sizeBytes = sampleFiles[seed]?.sizeBytes ?? 0;
    const found = {
      id: contentId(seed),
      name: command.name,
      names: [],
      sizeBytes,
      type: 'other',
      sources: [],
    } as const;
    engine.emit({ type: 'answer-find-name', requestId: command.requestId, answer: ok([found]) });
  }
  if (command.type !== 'download' || command.target.kind !== 'content') return;
  const { id, name } = command.target;
  const transfer = names.indexOf(name);
  const sizeBytes = sampleFiles[transfer]?.sizeBytes ?? 0;
  engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(transfer) });
  engine.emit({
    type: 'download',
    download: downloadView({
      transfer,
      id,
      name,
      state: 'done',
      sizeBytes,
      doneBytes: sizeBytes,
      fetchedBytes: sizeBytes,
      sources: 0,
      usedSources: 2,
      path: path.join(command.outDir, name),
    }),
  });
}

/** Registers what lies in the peer's folder. */
function registering(engine: FakeEngine): void {
  const [share = ''] = engine.config.shares;
  const entries = readdirSync(share, { recursive: true, encoding: 'utf8' });
  const files = entries.filter((entry) => statSync(path.join(share, entry)).isFile()).length;
  for (const tracker of engine.config.trackers) engine.emit({ type: 'registered', tracker, files });
}

/** Plays the demo with samples a thousandth of their size. */
const playDemo = (argv: readonly string[] = [], scene: Partial<Scene> = {}) =>
  start({
    argv,
    answer: delivering,
    launched: registering,
    ...scene,
    ports: { tempDir: folder, ...scene.ports },
    run(ports: CliPorts) {
      const settings = settingsOf({ json: argv.includes('--json') }, ports);
      if (!settings.ok) throw new Error(settings.problem.message);
      const output = new Output(ports.stdout, ports.stderr, settings.value.json);
      const stop = new Stop((listener) => ports.onSignal(listener), output.closed);
      const context: CommandContext = { ports, output, stop, settings: settings.value };
      return Promise.race([demo(context, {}, sampleFiles), stop.forced]);
    },
  });

describe('demo', () => {
  test('shows four peers and a line that says verified for each file, and leaves nothing behind', async () => {
    const { code, stdout, engines, trackers } = await playDemo().finished;
    expect(code).toBe(0);
    expect(stdout.lines.filter((line) => line.startsWith('Verified'))).toHaveLength(sampleFiles.length);
    for (const name of names) expect(stdout.text).toContain(name);
    expect(engines.map(({ config }) => config.name)).toEqual(['alice', 'bob', 'carol', 'dave']);
    expect(engines.every(({ sent }) => sent.at(-1)?.type === 'stop')).toBe(true);
    expect(trackers.map(({ config, stops }) => [config.store, config.port, stops])).toEqual([
      ['memory:', 0, 1],
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('on a terminal its screen is opened on the one who downloads, and all ends with it', async () => {
    const opened: { readonly name: string; readonly canBackground: boolean }[] = [];
    const playing = playDemo([], {
      tty: true,
      ports: {
        tempDir: folder,
        stdin: { isTTY: true },
        runTui: async ({ config, client }) => {
          opened.push(config);
          expect(client).toMatchObject({ config: { name: 'dave' } });
          return { kind: 'stop' };
        },
      },
    });
    const { code, engines, trackers } = await playing.finished;
    expect([code, opened.length]).toEqual([0, 1]);
    expect(opened[0]).toMatchObject({ name: 'dave', canBackground: false });
    const queued = engines.flatMap(({ sent }) => sent.filter(({ type }) => type === 'download'));
    expect(queued).toHaveLength(sampleFiles.length - 1);
    // One limit for all of them, on this machine too: what one does not use is there for the others.
    expect(queued.every((command) => 'bytesPerSecond' in command && command.bytesPerSecond === 0)).toBe(true);
    expect(engines.flatMap(({ sent }) => sent.filter(({ type }) => type === 'set-limits'))).toEqual([
      { type: 'set-limits', limits: { downloadBytesPerSecond: demoBytesPerSecond / 8, limitsLan: true } },
    ]);
    expect(engines.every(({ sent }) => sent.at(-1)?.type === 'stop')).toBe(true);
    expect(trackers[0]?.stops).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('for scripts it is JSON lines', async () => {
    const { code, events } = await playDemo(['--json']).finished;
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ event: 'listening', port: 4242 });
    expect(events.filter(({ event }) => event === 'registered')).toHaveLength(4);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(sampleFiles.length);
  });

  test('Ctrl-C in the middle leaves nothing behind', async () => {
    const playing = playDemo([], {
      answer: (command, engine) => void (command.type === 'find-name' && delivering(command, engine)),
    });
    await until(
      () => playing.engines.some(({ sent }) => sent.some(({ type }) => type === 'download')),
      'a download',
    );
    playing.signal('SIGINT');
    const { code, engines, trackers, stdout } = await playing.finished;
    expect(code).toBe(130);
    expect(stdout.text).not.toContain('erified');
    expect(engines.every(({ sent }) => sent.at(-1)?.type === 'stop')).toBe(true);
    expect(trackers[0]?.stops).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('Ctrl-C while the samples are written starts nothing and leaves nothing behind', async () => {
    const playing = playDemo();
    await until(() => readdirSync(folder).length > 0);
    playing.signal('SIGINT');
    const { code, engines } = await playing.finished;
    expect([code, engines.length]).toEqual([130, 0]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('Ctrl-C while the samples are looked up is no fault of an engine', async () => {
    const playing = playDemo([], { answer: () => undefined });
    await until(
      () => playing.engines.some(({ sent }) => sent.some(({ type }) => type === 'find-name')),
      'a question',
    );
    playing.signal('SIGINT');
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([130, '']);
  });

  test('a second Ctrl-C does not wait, but still takes the folder away', async () => {
    const playing = playDemo([], {
      answer: () => undefined,
      launched: (engine) => {
        Object.assign(engine, { end: () => undefined });
        registering(engine);
      },
    });
    await until(() => playing.engines.length === 4);
    playing.signal('SIGINT');
    playing.signal('SIGINT');
    expect((await playing.finished).code).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a peer that gives up ends it', async () => {
    const { code, stderr } = await playDemo([], { launched: (engine) => engine.end(70) }).finished;
    expect(code).toBe(70);
    expect(stderr.text).toContain('stopped by itself');
    expect(readdirSync(folder)).toEqual([]);
  });
});
