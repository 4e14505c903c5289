import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CliPorts } from '../../../src/cli/peer/ports.ts';
import { startInBackground } from '../../../src/cli/peer/spawn-background.ts';
import {
  defaultLimits,
  unheardOf,
  type Asked,
  type AttachedEngine,
  type EngineCommand,
  type EngineLimits,
  type EngineSnapshot,
  type ShareView,
} from '../../../src/core/engine/engine-api.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import { formatClock } from '../../../src/tui/text/numbers.ts';
import type { TuiEnd, TuiOptions } from '../../../src/tui/app/ports.ts';
import { downloadView, engineSnapshot, trackerView, uploadView } from '../../helpers/views.ts';
import { contentId, FakeEngine, peerId, play, start, until, type Playing, type Scene } from '../fakes.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shoal-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The engine of another process, as the command line holds it. */
class FakeAttached extends FakeEngine implements AttachedEngine {
  readonly pid = 4242;
  closed = 0;
  snapshots: EngineSnapshot[];

  constructor(
    snapshots: readonly EngineSnapshot[],
    answer: (command: EngineCommand) => void = () => undefined,
  ) {
    super({} as never, (command, engine) => {
      answer(command);
      if (command.type === 'snapshot') {
        const [snapshot = engineSnapshot()] = this.snapshots;
        if (this.snapshots.length > 1) this.snapshots.shift();
        engine.emit({ type: 'answer-snapshot', requestId: command.requestId, answer: ok(snapshot) });
      }
    });
    this.snapshots = [...snapshots];
  }

  close(): void {
    this.closed += 1;
    this.end(0);
  }
}

const found = (engine: AttachedEngine): Partial<CliPorts> => ({
  connectEngine: () => Promise.resolve(ok(engine)),
});

/** A world in which the background can be started, with what was asked of it. */
function backgroundWorld(...outcomes: readonly Result<{ pid: number; peer: string; port: number }>[]) {
  const asked: { args: readonly string[]; logFile: string }[] = [];
  const left = [...outcomes];
  const startInBackground: CliPorts['startInBackground'] = (args, logFile) => {
    asked.push({ args, logFile });
    return Promise.resolve(left.shift() ?? ok({ pid: 77, peer: peerId(2), port: 4001 }));
  };
  return {
    asked,
    ports: { startInBackground, sharedFilesDir: path.join(folder, 'shared_files'), cwd: folder },
  };
}

const peer = ['peer', '--embedded-tracker', 'off', '--name', 'alice'];

describe('peer --detach', () => {
  test('starts the same peer in the background and says how to reach and stop it', async () => {
    const { asked, ports } = backgroundWorld();
    const { code, stdout, engines } = await play({
      argv: [
        ...peer,
        '--detach',
        '--share',
        '.',
        '--tracker',
        '[::1]:7000',
        '--upload-rate',
        '5M',
        '--lan-exempt',
        'no',
        '--home',
        '.h',
      ],
      ports,
    });
    expect([code, engines]).toEqual([0, []]);
    const home = path.join(folder, '.h');
    expect(asked).toEqual([
      {
        logFile: path.join(home, 'engine.log'),
        args: [
          ...['peer', '--background', '--home', home, '--name', 'alice', '--share', folder],
          ...['--downloads', path.join(folder, 'shared_files/alice'), '--host', '::1'],
          ...['--embedded-tracker', 'off', '--tracker', '[::1]:7000', '--port', '0'],
          ...['--upload-rate', String(5 * 1024 * 1024), '--lan-exempt', 'no'],
          ...['--log-level', 'info'],
          ...['--log-file', path.join(home, 'engine.log')],
        ],
      },
    ]);
    expect(stdout.lines).toEqual([
      'alice runs in the background: process 77, listening at [::1]:4001',
      `It shares ${folder}`,
      `Look at it with: shoal attach --name alice --home ${home}    Stop it with: shoal stop --name alice --home ${home}`,
      `It writes its log to ${home}/engine.log`,
    ]);
  });

  test('says what it shares where the command line does not', async () => {
    const { ports } = backgroundWorld();
    const bare = await play({ argv: [...peer, '--detach', '--home', '.h'], ports });
    expect(bare.stdout.lines).toContain(`It shares ${path.join(folder, 'shared_files/alice')}`);
    expect(bare.stderr.text).toMatch(/^No --share was given: it shares the folder above/);
    const given = await play({ argv: [...peer, '--detach', '--share', '.', '--home', '.h'], ports });
    expect(given.stderr.text).toBe('');
  });

  test('says as JSON what scripts need, and why it did not come up', async () => {
    const { ports } = backgroundWorld();
    const played = await play({ argv: [...peer, '--detach', '--json', '--home', 'h'], ports });
    expect(played.events).toEqual([
      { event: 'background', pid: 77, peer: peerId(2), port: 4001, log: path.join(folder, 'h/engine.log') },
    ]);
    const failing = backgroundWorld(fail('name-taken', 'the name is taken'));
    const { code, stderr } = await play({ argv: [...peer, '--detach', '--home', 'h'], ports: failing.ports });
    expect([code, stderr.text]).toEqual([64, 'shoal: the name is taken\n']);
  });

  test('finds that it runs already, and names the flags that it does not heed', async () => {
    const engine = new FakeAttached([
      engineSnapshot({
        name: 'alice',
        port: 4001,
        trackers: [trackerView({ host: '127.0.0.1', port: 5000 })],
        disk: { folder: '/elsewhere', freeBytes: undefined },
      }),
    ]);
    const { asked, ports } = backgroundWorld();
    const { code, stderr } = await play({
      argv: [
        ...peer,
        '--detach',
        '--port',
        '99',
        '--share',
        '/x',
        '--downloads',
        '/d',
        '--tracker',
        'a:1',
        '--upload-slots',
        '3',
      ],
      ports: { ...ports, ...found(engine) },
    });
    expect([code, asked, engine.closed]).toEqual([0, [], 1]);
    expect(stderr.text).toContain('runs already, as process 4242');
    expect(stderr.text).toContain(
      'not heeded: --share /x, --downloads /d, --port 99, --tracker a:1, --upload-slots. To change',
    );
  });

  test('without it and without a terminal, refuses a second peer of the profile', async () => {
    const engine = new FakeAttached([]);
    const { code, stderr, engines } = await play({
      argv: peer,
      ports: { ...backgroundWorld().ports, ...found(engine) },
    });
    expect([code, engines, engine.closed]).toEqual([64, [], 1]);
    expect(stderr.text).toMatch(/profile alice .* runs already: shoal attach --name alice shows it/);
  });
});

describe('a peer in the background', () => {
  const background = [...peer, '--background', '--log-file', 'x.log', '--home', 'h'];

  function run(): { playing: Playing; told: unknown[] } {
    const told: unknown[] = [];
    const tellStarter: CliPorts['tellStarter'] = (outcome) => void told.push(outcome);
    const playing = start({ argv: background, ports: { ...backgroundWorld().ports, tellStarter } });
    return { playing, told };
  }

  test('tells who started it once it is known and listens, and prints nothing', async () => {
    const { playing, told } = run();
    await until(() => playing.engines.length > 0);
    playing.engines[0]?.emit({ type: 'listening', host: '127.0.0.1', port: 4001 });
    expect(told).toEqual([]);
    playing.engines[0]?.emit({ type: 'ready', peer: peerId(2), name: 'alice' });
    playing.signal('SIGTERM');
    const { code, stdout } = await playing.finished;
    expect([code, stdout.text, told]).toEqual([0, '', [ok({ peer: peerId(2), port: 4001 })]]);
  });

  test('shares nothing when it is told of nothing, whatever a peer shares by itself', async () => {
    const { playing } = run();
    await until(() => playing.engines.length > 0);
    expect(playing.engines[0]?.config.shares).toEqual([]);
    playing.signal('SIGTERM');
    await playing.finished;
  });

  test('tells why it did not come up', async () => {
    const { playing, told } = run();
    await until(() => playing.engines.length > 0);
    playing.engines[0]?.emit({ type: 'fault', problem: { code: 'io', message: 'the disk is gone' } });
    playing.engines[0]?.end(70);
    const { code } = await playing.finished;
    expect([code, told]).toEqual([74, [fail('io', 'the disk is gone')]]);
  });

  test('tells that it runs already, or that its port is taken, too', async () => {
    const told: unknown[] = [];
    const tellStarter: CliPorts['tellStarter'] = (outcome) => void told.push(outcome);
    const world = { ...backgroundWorld().ports, tellStarter };
    const second = await play({ argv: background, ports: { ...world, ...found(new FakeAttached([])) } });
    expect([second.code, second.engines]).toEqual([64, []]);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const third = await play({ argv: [...background, '--port', String(port)], ports: world });
    taken.close();
    expect([third.code, third.engines]).toEqual([64, []]);
    const refusal = { ok: false, problem: { code: 'bad-request' } };
    expect(told).toMatchObject([refusal, refusal]);
  });

  test('that is stopped before it is up leaves nothing behind and ends with 130', async () => {
    const { ports } = backgroundWorld();
    const asked = Promise.withResolvers<void>();
    const playing = start({
      argv: [...peer, '--detach', '--home', 'h'],
      ports: {
        ...ports,
        startInBackground: (_args, _log, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(fail('cancelled', 'stopped')));
            asked.resolve();
          }),
      },
    });
    await asked.promise;
    playing.signal('SIGINT');
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([130, '']);
    expect(await startInBackground([], '/nowhere/log', AbortSignal.abort())).toMatchObject({
      problem: { code: 'cancelled' },
    });
  });

  test('ends well when another program stops it', async () => {
    const { playing } = run();
    await until(() => playing.engines.length > 0);
    playing.engines[0]?.end(0);
    expect((await playing.finished).code).toBe(0);
  });

  test('is not to be read of in the help', async () => {
    const { stdout } = await play({ argv: ['peer', '--help'] });
    expect(stdout.text).toContain('--detach');
    expect(stdout.text).not.toContain('--background');
  });
});

describe('status', () => {
  const first = engineSnapshot({
    name: 'alice',
    startedMs: 5,
    trackers: [
      trackerView({ files: 3, peers: 1, latencyMs: 4 }),
      { ...unheardOf, host: 'b.example', port: 1, problem: { code: 'unreachable', message: 'not there' } },
    ],
    downloads: [downloadView({ fetchedBytes: 1_000 }), downloadView({ transfer: 2, state: 'paused' })],
    uploads: [uploadView({ sentBytes: 500 })],
    share: { files: 1, bytes: 2048, hashing: { files: 0, bytes: 0 } },
    disk: { folder: '/out', freeBytes: 1024 ** 3 },
  });
  const second: EngineSnapshot = {
    ...first,
    downloads: [downloadView({ fetchedBytes: 5_096 }), downloadView({ transfer: 2, state: 'paused' })],
    uploads: [uploadView({ sentBytes: 1_524 })],
  };

  function world(): { engine: FakeAttached; ports: Partial<CliPorts> } {
    const engine = new FakeAttached([first, second]);
    let nowMs = 0;
    const wait: CliPorts['wait'] = (ms) => {
      nowMs += ms;
      return Promise.resolve();
    };
    return { engine, ports: { ...found(engine), now: () => nowMs, wait } };
  }

  test('says for people how it is, with the speeds of a moment', async () => {
    const { engine, ports } = world();
    const { code, stdout } = await play({ argv: ['status'], ports });
    expect(code).toBe(0);
    expect(stdout.lines).toEqual([
      `alice, id ${peerId(2)}`,
      'Process 4242, listening at port 4001',
      'Tracker 127.0.0.1:5000: registered, 3 files, 0 other peers online',
      'Tracker b.example:1: not there',
      'Downloads: 1 active, 0 waiting, 1 paused, 0 done, 0 failed, 4 KiB/s',
      'Uploads: 1 active, 0 waiting, 1 KiB/s',
      'Sharing 1 file, 2 KiB',
      'Downloads go to /out, 1 GiB free',
    ]);
    expect(engine.closed).toBe(1);
    expect(engine.sent.map(({ type }) => type)).toEqual(['snapshot', 'snapshot']);
  });

  test('says what keeps a download from going on', async () => {
    const problem = { code: 'unreachable', message: 'nobody who has it is online' } as const;
    const nextAttemptMs = 86_400_000;
    const waiting = downloadView({ state: 'waiting', name: 'film.mkv', problem, nextAttemptMs });
    const { ports } = world();
    const snapshot = engineSnapshot({ downloads: [waiting] });
    const attached = found(new FakeAttached([snapshot, snapshot]));
    const { stdout } = await play({ argv: ['status'], ports: { ...ports, ...attached } });
    expect(stdout.lines).toContain(
      `  film.mkv waits: nobody who has it is online, next attempt at ${formatClock(nextAttemptMs, true)}`,
    );
    const attachedAgain = found(new FakeAttached([snapshot, snapshot]));
    const { events } = await play({ argv: ['status', '--json'], ports: { ...ports, ...attachedAgain } });
    expect(events).toMatchObject([{ waits: [{ name: 'film.mkv', problem, nextAttemptMs }] }]);
  });

  test('says the same as one JSON object', async () => {
    const { events } = await play({ argv: ['status', '--json'], ports: world().ports });
    expect(events).toMatchObject([
      {
        event: 'status',
        name: 'alice',
        pid: 4242,
        port: 4001,
        startedMs: 5,
        trackers: [
          { tracker: '127.0.0.1:5000', state: 'registered', files: 3, peers: 1, latencyMs: 4, problem: null },
          { tracker: 'b.example:1', peers: null, problem: { code: 'unreachable' } },
        ],
        downloads: { active: 1, waiting: 0, paused: 1, done: 0, failed: 0, bytesPerSecond: 4096 },
        uploads: { active: 1, waiting: 0, bytesPerSecond: 1024 },
        share: { files: 1, bytes: 2048 },
        disk: { folder: '/out', freeBytes: 1024 ** 3 },
      },
    ]);
  });

  test.each([
    [true, 'Others can reach you at [2001:db8::7]:40001'],
    [
      false,
      'Others cannot reach you at [2001:db8::7]:40001: open or forward port 40001, ' +
        'or only those who can be reached themselves get files from you',
    ],
  ])('says whether others get through to it: %s', async (isReachable, line) => {
    const reach = { isReachable, host: '2001:db8::7', port: 40_001 };
    const engine = new FakeAttached([engineSnapshot({ trackers: [trackerView({ reach })] })]);
    const ports = { ...found(engine), wait: () => Promise.resolve() };
    const { stdout } = await play({ argv: ['status'], ports });
    expect(stdout.lines).toContain(line);
    const again = new FakeAttached([engineSnapshot({ trackers: [trackerView({ reach })] })]);
    const { events } = await play({ argv: ['status', '--json'], ports: { ...ports, ...found(again) } });
    expect(events).toMatchObject([{ reachable: isReachable, trackers: [{ reachable: isReachable }] }]);
  });

  test.each([['status'], ['attach'], ['stop'], ['limits'], ['add', contentId(1)]])(
    '%s where nothing runs ends with 69',
    async (...argv) => {
      const { code, stderr } = await play({ argv });
      expect([code, stderr.text]).toEqual([69, 'shoal: No peer of this profile runs\n']);
    },
  );
});

describe('limits', () => {
  const set: EngineLimits = { ...defaultLimits, uploadBytesPerSecond: 2 * 1024 ** 2, limitsLan: true };

  test('are shown, and nothing is set', async () => {
    const engine = new FakeAttached([engineSnapshot({ limits: set })]);
    const { code, stdout } = await play({ argv: ['limits'], ports: found(engine) });
    expect([code, stdout.lines]).toEqual([
      0,
      [
        'Up: 2 MiB/s, 8 uploads at once',
        'Down: unlimited, 8 downloads at once',
        'Private networks: limited as well',
      ],
    ]);
    expect([engine.sent.map(({ type }) => type), engine.closed]).toEqual([['snapshot'], 1]);
  });

  test('are set while the peer runs, those that are named and no others', async () => {
    const engine = new FakeAttached([engineSnapshot({ limits: set })]);
    const argv = ['limits', '--json', '--up', '2M', '--lan-exempt', 'no', '--upload-slots', '3'];
    const { code, events } = await play({ argv, ports: found(engine) });
    expect(code).toBe(0);
    expect(engine.sent[0]).toEqual({
      type: 'set-limits',
      limits: { uploadBytesPerSecond: 2 * 1024 ** 2, limitsLan: true, uploadSlots: 3 },
    });
    expect(events).toEqual([
      { event: 'limits', up: 2 * 1024 ** 2, down: 0, lanExempt: false, uploadSlots: 8, downloadsAtOnce: 8 },
    ]);
  });

  test('of speed say when they do not hold in private networks', async () => {
    const said = async (limitsLan: boolean, ...flags: readonly string[]): Promise<string> => {
      const engine = new FakeAttached([engineSnapshot({ limits: { ...set, limitsLan } })]);
      return (await play({ argv: ['limits', ...flags], ports: found(engine) })).stderr.text;
    };
    expect(await said(false, '--up', '5M')).toMatch(
      /^This does not hold in private networks.*--lan-exempt no/,
    );
    expect(await said(false, '--down', '5M')).toContain('does not hold in private networks');
    expect([await said(true, '--up', '5M'), await said(false, '--up', '0'), await said(false)]).toEqual([
      '',
      '',
      '',
    ]);
  });

  test.each([
    [['--lan-exempt', 'maybe'], '--lan-exempt: expected one of yes, no, got "maybe"'],
    [['--upload-slots', '0'], '--upload-slots: expected a whole number from 1 to 64, got "0"'],
    [['--up', 'fast'], '--up: expected bytes per second'],
  ])('that cannot be are refused: %j', async (flags, message) => {
    const { code, stderr } = await play({ argv: ['limits', ...flags] });
    expect([code, stderr.text]).toEqual([64, expect.stringContaining(message)]);
  });
});

describe('stop', () => {
  test.each([
    [['stop'], 'now', 'Stopped. What was under way goes on when it is started again.'],
    [['stop', '--when-done'], 'idle', 'It stops when its downloads are done; how far they are: shoal status'],
  ])('%s', async (argv, when, line) => {
    const asked: string[] = [];
    const haltEngine: CliPorts['haltEngine'] = (_home, how) => {
      asked.push(how);
      return Promise.resolve(ok(undefined));
    };
    const { code, stdout } = await play({ argv, ports: { haltEngine } });
    expect([code, asked, stdout.lines]).toEqual([0, [when], [line]]);
  });

  test('--cancel takes back an earlier --when-done', async () => {
    const engine = new FakeAttached([]);
    const { code, stdout } = await play({ argv: ['stop', '--cancel'], ports: found(engine) });
    expect([code, stdout.lines]).toEqual([0, ['It goes on until it is stopped.']]);
    expect(engine.sent.map(({ type }) => type)).toEqual(['stay', 'snapshot']);
    expect((await play({ argv: ['stop', '--cancel', '--when-done'] })).code).toBe(64);
  });
});

describe('add', () => {
  const source = { peer: peerId(3), name: 'bob', host: '127.0.0.1', port: 1 };
  const result = {
    ...{ id: contentId(1), name: 'a.txt', names: ['a.txt'], sizeBytes: 5, type: 'document' as const },
    sources: [source],
  };

  function engine(taken: Result<number> = ok(7), was: Asked['was'] = 'new'): FakeAttached {
    const attached: FakeAttached = new FakeAttached(
      [engineSnapshot({ disk: { folder: '/out', freeBytes: undefined } })],
      (command) => {
        if (command.type === 'find-name') {
          const { requestId, name } = command;
          const answer = ok(name === 'a.txt' ? [result] : []);
          attached.emit({ type: 'answer-find-name', requestId, answer });
        }
        if (command.type === 'find-contents') {
          const { requestId, ids } = command;
          const answer = ok(ids.includes(result.id) ? [result] : []);
          attached.emit({ type: 'answer-find-contents', requestId, answer });
        }
        if (command.type === 'download')
          attached.emit({ type: 'answer-download', requestId: command.requestId, answer: taken, was });
      },
    );
    return attached;
  }

  test('puts what is named into the queue of the running peer, where its downloads go', async () => {
    const attached = engine();
    const { code, events } = await play({
      argv: ['add', 'a.txt', '--priority', 'low', '--limit-rate', '1K', '--json'],
      ports: found(attached),
    });
    expect(code).toBe(0);
    expect(events).toEqual([
      { event: 'added', transfer: 7, id: contentId(1), name: 'a.txt', size: 5, was: 'new' },
    ]);
    expect(attached.sent.at(-1)).toMatchObject({
      type: 'download',
      target: { kind: 'content', id: contentId(1), name: 'a.txt' },
      outDir: '/out',
      priority: 'low',
      bytesPerSecond: 1024,
    });
    expect(attached.sent.at(-1)).not.toHaveProperty('giveUpAfterMs');
  });

  test.each([
    ['open', 'Already in the queue: 7 a.txt'],
    ['done', 'Already in the queue, finished: 7 a.txt'],
    ['ended', 'Already in the queue, taken up again: 7 a.txt'],
  ] as const)('says of what was in the queue before how it stood: %s', async (was, line) => {
    const people = await play({ argv: ['add', 'a.txt'], ports: found(engine(ok(7), was)) });
    expect([people.code, people.stdout.lines]).toEqual([0, [line]]);
    const scripts = await play({ argv: ['add', 'a.txt', '--json'], ports: found(engine(ok(7), was)) });
    expect(scripts.events).toMatchObject([{ event: 'added', transfer: 7, was }]);
  });

  test('asks for it from the front where that is said', async () => {
    const attached = engine();
    await play({ argv: ['add', 'a.txt', '--sequential'], ports: found(attached) });
    expect(attached.sent.at(-1)).toMatchObject({ type: 'download', order: 'sequential' });
  });

  test('goes on past what is not found, and says so', async () => {
    const attached = engine();
    const { code, stdout, stderr } = await play({ argv: ['add', 'b.txt', 'a.txt'], ports: found(attached) });
    expect([code, stdout.lines]).toEqual([66, ['Added a.txt']]);
    expect(stderr.text).toContain('nothing is called "b.txt"');
  });

  test('what the peer does not take is told once to people, and each to scripts', async () => {
    const ids = [1, 2, 3].map((seed) => contentId(seed));
    const full = fail('limit', 'More than 10000 downloads');
    const people = await play({ argv: ['add', ...ids], ports: found(engine(full)) });
    expect([people.code, people.stderr.lines]).toEqual([1, ['shoal: More than 10000 downloads (3 targets)']]);
    const scripts = await play({ argv: ['add', '--json', ...ids], ports: found(engine(full)) });
    expect(scripts.events.map(({ event, target, code }) => [event, target, code])).toEqual(
      ids.map((id) => ['failed', id, 'limit']),
    );
  });
});

describe('attach', () => {
  test('without a terminal says how it is, then what happens, until the peer ends', async () => {
    const attached = new FakeAttached([engineSnapshot({ name: 'alice' })]);
    const playing = start({ argv: ['attach'], ports: found(attached) });
    await until(() => playing.stdout.text.includes('Downloads go to'));
    attached.emit({ type: 'download', download: downloadView({ state: 'done', path: '/out/file-1' }) });
    attached.end(0);
    const { code, stdout, stderr } = await playing.finished;
    expect([code, stdout.lines.at(-1), stderr.text]).toEqual([
      0,
      'Got file-1, verified',
      'The peer has stopped.\n',
    ]);
  });

  test('looks away at a signal, and the peer goes on', async () => {
    const attached = new FakeAttached([engineSnapshot({ name: 'alice' })]);
    const playing = start({ argv: ['attach', '--json'], ports: found(attached) });
    await until(() => playing.stdout.text.includes('status'));
    playing.signal('SIGTERM');
    const { code } = await playing.finished;
    expect(code).toBe(0);
    expect(attached.closed).toBe(1);
    expect(attached.sent.map(({ type }) => type)).not.toContain('stop');
  });

  test('ends with 69 when the peer is lost', async () => {
    const attached = new FakeAttached([]);
    const playing = start({ argv: ['attach'], ports: found(attached) });
    await until(() => playing.stdout.text.includes('Downloads go to'));
    attached.emit({ type: 'fault', problem: { code: 'closed', message: 'the connection was lost' } });
    attached.end(69);
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([69, 'shoal: the connection was lost\n']);
  });
});

describe('the screen', () => {
  /** A screen that ends as it is told, once. */
  function screen(end: TuiEnd | Promise<TuiEnd>) {
    const opened: TuiOptions[] = [];
    const runTui: CliPorts['runTui'] = (options) => {
      opened.push(options);
      return Promise.race([
        Promise.resolve(end),
        options.client.ended.then(() => ({ kind: 'engine-ended' }) as const),
      ]);
    };
    return { opened, runTui };
  }

  const onTerminal = (argv: readonly string[], ports: Partial<CliPorts>): Scene => ({
    argv,
    tty: true,
    ports: { ...backgroundWorld().ports, ...ports },
  });

  test('is opened where there is a terminal, with the profile’s settings, and its log kept off it', async () => {
    const { opened, runTui } = screen({ kind: 'stop' });
    const { code, engines } = await play(onTerminal([...peer, '--home', 'h'], { runTui }));
    expect(code).toBe(0);
    expect(opened[0]?.config).toMatchObject({ name: 'alice', isAttached: false, canBackground: true });
    expect(engines[0]?.config.log).toEqual({ level: 'info', file: path.join(folder, 'h/engine.log') });
    expect(engines[0]?.sent).toEqual([{ type: 'stop', when: 'now' }]);
  });

  test.each([
    ['--no-tui', {}],
    ['--json', {}],
    ['a terminal that cannot draw', { env: { TERM: 'dumb' } }],
  ])('is not opened with %s', async (flag, ports) => {
    const { opened, runTui } = screen({ kind: 'stop' });
    const argv = flag.startsWith('--') ? [...peer, flag] : peer;
    const playing = start(onTerminal(argv, { runTui, ...ports }));
    await until(() => playing.engines.length > 0);
    playing.signal('SIGTERM');
    await playing.finished;
    expect(opened).toEqual([]);
  });

  test('says what is wrong with the settings, and leaves them alone', async () => {
    const { opened, runTui } = screen({ kind: 'stop' });
    const loadConfig: CliPorts['loadConfig'] = () => Promise.resolve(fail('bad-request', 'config.json: no'));
    await play(onTerminal(peer, { runTui, loadConfig }));
    expect(opened[0]?.config.notice).toBe('config.json: no');
  });

  test('that is left for the background hands over to the same peer at the same port', async () => {
    const { runTui } = screen(new Promise((resolve) => setImmediate(() => resolve({ kind: 'background' }))));
    const { asked, ports } = backgroundWorld();
    const { code, engines, stdout } = await play({
      ...onTerminal([...peer, '--home', 'h'], { ...ports, runTui }),
      launched: (engine) => engine.emit({ type: 'listening', host: '127.0.0.1', port: 4567 }),
    });
    expect(code).toBe(0);
    expect(engines[0]?.sent.at(-1)).toEqual({ type: 'stop', when: 'now' });
    const args = asked[0]?.args ?? [];
    expect(args[args.indexOf('--port') + 1]).toBe('4567');
    expect(stdout.text).toContain('runs in the background');
  });

  test('that is left for the background names what is shared by then, and what is shared no longer does not come back', async () => {
    const { runTui } = screen(new Promise((resolve) => setImmediate(() => resolve({ kind: 'background' }))));
    const [kept, left, added] = [
      path.join(folder, 'kept'),
      path.join(folder, 'left'),
      path.join(folder, 'added'),
    ];
    for (const made of [kept, left, added]) mkdirSync(made);
    const shareOf = (shared: string): ShareView => ({
      folder: shared,
      name: path.basename(shared),
      state: 'watching',
      files: 0,
      bytes: 0,
      hashing: { files: 0, bytes: 0 },
      scannedMs: undefined,
      problem: undefined,
    });
    const { asked, ports } = backgroundWorld();
    const { stdout } = await play({
      ...onTerminal([...peer, '--home', 'h', '--share', 'kept', '--share', 'left'], { ...ports, runTui }),
      launched: (engine) =>
        engine.emit({
          type: 'shares',
          shares: [kept, added].map((shared) => shareOf(realpathSync(shared))),
        }),
    });
    expect(stdout.lines.filter((line) => line.startsWith('It shares'))).toEqual([
      `It shares ${realpathSync(kept)}`,
      `It shares ${realpathSync(added)}`,
    ]);
    expect(asked[0]?.args.filter((_, at, args) => args[at - 1] === '--share')).toEqual([kept]);
  });

  test('that is left for the background takes its tracker along, which has let go of its port before', async () => {
    const { runTui } = screen(new Promise((resolve) => setImmediate(() => resolve({ kind: 'background' }))));
    const { asked, ports } = backgroundWorld();
    const stops: number[] = [];
    const playing = start(
      onTerminal(['peer', '--embedded-tracker', 'on', '--tracker', '127.0.0.1:1', '--home', 'h'], {
        ...ports,
        runTui,
        startInBackground(args, logFile, signal) {
          stops.push(...playing.trackers.map((tracker) => tracker.stops));
          return ports.startInBackground(args, logFile, signal);
        },
      }),
    );
    expect((await playing.finished).code).toBe(0);
    expect(stops).toEqual([1]);
    const args = asked[0]?.args ?? [];
    expect(args[args.indexOf('--embedded-tracker') + 1]).toBe('on');
  });

  test('takes another port for the background when the old one was taken meanwhile', async () => {
    const { runTui } = screen(new Promise((resolve) => setImmediate(() => resolve({ kind: 'background' }))));
    const { asked, ports } = backgroundWorld(fail('bad-request', 'cannot listen'));
    const { code } = await play({
      ...onTerminal(peer, { ...ports, runTui }),
      launched: (engine) => engine.emit({ type: 'listening', host: '127.0.0.1', port: 4567 }),
    });
    expect(code).toBe(0);
    expect(asked.map(({ args }) => args[args.indexOf('--port') + 1])).toEqual(['4567', '0']);
  });

  test('that is left for when it is done leaves a running log until the engine has ended', async () => {
    const { runTui } = screen({ kind: 'stop-when-done' });
    const playing = start(onTerminal(peer, { runTui }));
    await until(() => playing.stderr.text.includes('Ctrl-C stops it now'));
    playing.engines[0]?.end(0);
    expect((await playing.finished).code).toBe(0);
  });

  test('that fails is said, and the peer goes on in lines', async () => {
    const { runTui } = screen({ kind: 'crashed', error: new Error('cannot draw') });
    const playing = start(onTerminal(peer, { runTui }));
    await until(() => playing.stderr.text.includes('goes on'));
    expect(playing.stderr.text).toContain('cannot draw');
    playing.engines[0]?.emit({ type: 'ready', peer: peerId(2), name: 'alice' });
    playing.engines[0]?.emit({ type: 'listening', host: '127.0.0.1', port: 1 });
    await until(() => playing.stdout.text.includes('Listening at'));
    playing.signal('SIGTERM');
    expect((await playing.finished).code).toBe(0);
  });

  test('goes when the engine dies, and the program ends with 70 and why', async () => {
    const { runTui } = screen(new Promise(() => undefined));
    const playing = start(onTerminal(peer, { runTui }));
    await until(() => playing.engines.length > 0);
    playing.engines[0]?.emit({ type: 'fault', problem: { code: 'internal', message: 'the thread died' } });
    playing.engines[0]?.end(70);
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([70, 'shoal: the thread died\n']);
  });

  test.each([
    ['of its own engine', []],
    ['on a peer that runs elsewhere', [engineSnapshot({ name: 'alice' })]],
  ])('%s says when it is gone that it was stopped from elsewhere', async (_, snapshots) => {
    const { opened, runTui } = screen(new Promise(() => undefined));
    const attached = new FakeAttached(snapshots);
    const running = snapshots.length > 0 ? found(attached) : {};
    const playing = start(onTerminal(peer, { runTui, ...running }));
    await until(() => opened.length > 0);
    (snapshots.length > 0 ? attached : playing.engines[0])?.end(0);
    const { code, stderr } = await playing.finished;
    expect(code).toBe(0);
    expect(stderr.lines.at(-1)).toMatch(/^alice has stopped: it was told to from elsewhere/);
  });

  test('goes at a signal, after the engine has stopped', async () => {
    const { runTui } = screen(new Promise(() => undefined));
    const playing = start(onTerminal(peer, { runTui }));
    await until(() => playing.engines.length > 0);
    playing.signal('SIGTERM');
    expect((await playing.finished).code).toBe(0);
    expect(playing.engines[0]?.sent).toEqual([{ type: 'stop', when: 'now' }]);
  });

  test('opens on a peer that runs already, and leaves it running', async () => {
    const { opened, runTui } = screen({ kind: 'detached' });
    const attached = new FakeAttached([
      engineSnapshot({ name: 'alice', disk: { folder: '/d', freeBytes: 1 } }),
    ]);
    const { code, stderr, engines } = await play(
      onTerminal([...peer, '--port', '9'], { runTui, ...found(attached) }),
    );
    expect([code, engines, attached.closed]).toEqual([0, [], 1]);
    // Where downloads go the engine tells the screen itself.
    expect(opened[0]?.config).toMatchObject({ isAttached: true, downloadsDir: '', name: 'alice' });
    expect(stderr.text).toContain('not heeded: --port 9');
    expect(stderr.text).toContain('alice goes on in the background. Back: shoal attach --name alice');
    expect(attached.sent.map(({ type }) => type)).not.toContain('stop');
  });

  test('on a peer elsewhere stops it when that is asked for, and a fault of its own leaves it running', async () => {
    const stopping = new FakeAttached([]);
    const stopped = await play(onTerminal(['attach'], { ...screen({ kind: 'stop' }), ...found(stopping) }));
    expect([stopped.code, stopping.sent.at(-1)]).toEqual([0, { type: 'stop', when: 'now' }]);
    const attached = new FakeAttached([]);
    const error = new Error('cannot draw');
    const crashed = await play(
      onTerminal(['attach'], { ...screen({ kind: 'crashed', error }), ...found(attached) }),
    );
    expect(crashed.code).toBe(70);
    expect(attached.sent.map(({ type }) => type)).not.toContain('stop');
  });

  test('keeps histories and what its screens save, opens completions and writes new files', async () => {
    const { opened, runTui } = screen({ kind: 'stop' });
    const { loadConfig, changeConfig } = await import('../../../src/profile/config.ts');
    await play(onTerminal([...peer, '--home', folder], { runTui, loadConfig, changeConfig }));
    const ports = opened[0]?.ports;
    if (ports === undefined) throw new Error('The screen was not opened');
    await ports.saveHistory('search', ['one', 'two']);
    await ports.save('saved-searches', [{ query: 'x' }]);
    expect(await ports.load('saved-searches')).toEqual([{ query: 'x' }]);
    expect(await ports.load('nothing')).toBeUndefined();
    const settings = opened[0]?.config.settings;
    if (settings === undefined) throw new Error('No settings');
    await ports.saveSettings({ ...settings, theme: 'light', keys: { quit: ['x'] } });
    const loaded = await loadConfig(folder);
    expect(loaded).toMatchObject({
      value: { ui: { theme: 'light' }, keys: { quit: ['x'] }, history: { search: ['one', 'two'] } },
    });
    expect(await ports.completePath(`${folder}/sha`, 'folder')).toEqual([`${folder}/shared_files/`]);
    expect(await ports.completePath(`${folder}/conf`, 'folder')).toEqual([]);
    expect(await ports.completePath(`${folder}/conf`, 'any')).toEqual([`${folder}/config.json`]);
    const downloads = path.join(folder, 'shared_files/alice');
    const write = (text: string): Promise<string> => ports.writeFile(downloads, 'log.txt', text);
    const written = [await write('a\n'), await write('b\n')];
    expect(written.map((file) => readFileSync(file, 'utf8'))).toEqual(['a\n', 'b\n']);
    expect(readdirSync(path.dirname(written[0] ?? ''))).toEqual(['log (2).txt', 'log.txt']);
    expect(existsSync(path.join(folder, 'shared_files/alice/log.txt'))).toBe(true);
  });
});
