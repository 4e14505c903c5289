import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultListenHost } from '../../../src/cli/peer/peer-config.ts';
import type {
  DownloadState,
  EngineEvent,
  TreeFile,
  UploadView,
} from '../../../src/core/engine/engine-api.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { defaultConfig } from '../../../src/profile/config.ts';
import { contentId, peerId, play, start, until, type FakeEngine, type Scene } from '../fakes.ts';
import { downloadView, trackerView, uploadView } from '../../helpers/views.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shoal-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const upload = (changes: Partial<UploadView>): EngineEvent => ({
  type: 'upload',
  upload: uploadView({ peer: peerId(3), id: contentId(1), ...changes }),
});

const tracker = trackerView({ host: '::1', port: 5001, id: peerId(9), files: 1 });
const file = { id: contentId(1), path: '/alice/a.txt', sizeBytes: 2048 };

const life: readonly EngineEvent[] = [
  { type: 'ready', peer: peerId(2), name: 'alice' },
  { type: 'listening', host: '127.0.0.1', port: 4001 },
  { type: 'tracker', tracker },
  { type: 'shared', files: [file] },
  { type: 'registered', tracker: { host: '::1', port: 5001 }, files: 1 },
  upload({ state: 'queued', id: undefined, queuePosition: 2 }),
  upload({}),
  upload({ sentBytes: 1000 }),
  { type: 'sent-files', peer: peerId(3), ids: [contentId(1), contentId(2)] },
  upload({ sentBytes: 2048, state: 'done' }),
  { type: 'unshared', files: [file] },
];

function peer(argv: readonly string[], scene: Partial<Scene> = {}) {
  const base = ['peer', '--embedded-tracker', 'off', '--name', 'alice'];
  return start({
    ...scene,
    argv: [...base, ...argv],
    ports: { sharedFilesDir: path.join(folder, 'shared_files'), cwd: folder, ...scene.ports },
  });
}

const living = (engine: FakeEngine): void => engine.emit(...life);

describe('peer', () => {
  test('prints its life as JSON lines with the keys and order scripts rely on', async () => {
    const playing = peer(['--json'], { launched: living });
    await until(() => playing.stdout.text.includes('unshared'));
    playing.signal('SIGTERM');
    const { code, stdout, engines } = await playing.finished;
    expect(stdout.lines).toEqual([
      `{"event":"listening","port":4001,"peer":"${peerId(2)}"}`,
      `{"event":"shared","id":"${contentId(1)}","path":"/alice/a.txt","size":2048}`,
      `{"event":"registered","tracker":"[::1]:5001","files":1}`,
      `{"event":"upload","id":"${contentId(1)}","peer":"${peerId(3)}","state":"uploading"}`,
      `{"event":"upload","id":"${contentId(1)}","peer":"${peerId(3)}","state":"done"}`,
      `{"event":"upload","id":"${contentId(2)}","peer":"${peerId(3)}","state":"done"}`,
      `{"event":"unshared","id":"${contentId(1)}","path":"/alice/a.txt","size":2048}`,
    ]);
    expect(code).toBe(0);
    expect(engines[0]?.sent.at(-1)).toEqual({ type: 'stop', when: 'now' });
  });

  test('tells scripts of each file of a folder by its id, and of the folder by its name', async () => {
    const tree = (state: DownloadState): EngineEvent => ({
      type: 'download',
      download: downloadView({ transfer: 4, id: undefined, name: 'b', state }),
    });
    const of = (seed: number, outcome: TreeFile['outcome']): TreeFile => ({
      ...{ id: contentId(seed), path: `/b/${seed}`, sizeBytes: 1, outcome, filePath: undefined },
      ...{ doneBytes: 0, fetchedBytes: 0, sources: 1, problem: undefined },
    });
    const files = [of(1, 'done'), of(2, 'failed'), of(3, 'open')];
    const playing = peer(['--json'], {
      launched: (engine) =>
        engine.emit(tree('downloading'), { type: 'tree-files', transfer: 4, files }, tree('failed')),
    });
    await until(() => playing.stdout.lines.length === 4);
    playing.signal('SIGTERM');
    expect((await playing.finished).events).toEqual([
      { event: 'download', id: null, state: 'downloading', name: 'b' },
      { event: 'download', id: contentId(1), state: 'done' },
      { event: 'download', id: contentId(2), state: 'failed' },
      { event: 'download', id: null, state: 'failed', name: 'b' },
    ]);
  });

  test('tells scripts why a download waits and when it is tried again, anew when the reason is another', async () => {
    const waiting = (message: string, nextAttemptMs: number): EngineEvent => ({
      type: 'download',
      download: downloadView({
        ...{ state: 'waiting', queuePosition: 2, attempts: 1, nextAttemptMs },
        problem: { code: 'busy', message },
      }),
    });
    const playing = peer(['--json'], {
      launched: (engine) => engine.emit(waiting('full', 5), waiting('full', 6), waiting('away', 7)),
    });
    await until(() => playing.stdout.lines.length === 2);
    playing.signal('SIGTERM');
    const line = { event: 'download', id: contentId(1), state: 'waiting', queuePosition: 2, attempts: 1 };
    expect((await playing.finished).events).toEqual([
      { ...line, problem: { code: 'busy', message: 'full' }, nextAttemptMs: 5 },
      { ...line, problem: { code: 'busy', message: 'away' }, nextAttemptMs: 7 },
    ]);
  });

  test('gives the engine the limits of its flags, and leaves the others to the profile', async () => {
    const flags = ['--upload-rate', '5M', '--download-rate', '0', '--upload-slots', '3'];
    const playing = peer(['--json', ...flags], { launched: living });
    await until(() => playing.stdout.text.includes('unshared'));
    playing.signal('SIGTERM');
    const { engines } = await playing.finished;
    expect(engines[0]?.config.limits).toEqual({
      uploadBytesPerSecond: 5 * 1024 ** 2,
      downloadBytesPerSecond: 0,
      uploadSlots: 3,
    });
  });

  test('exempts private networks as the flag says, else as the configuration does', async () => {
    const limitsOf = async (argv: readonly string[], lanExempt?: boolean): Promise<unknown> => {
      const loadConfig = () => Promise.resolve(ok({ ...defaultConfig, limits: { lanExempt } }));
      const playing = peer(['--json', ...argv], { launched: living, ports: { loadConfig } });
      await until(() => playing.stdout.text !== '');
      playing.signal('SIGTERM');
      return (await playing.finished).engines[0]?.config.limits;
    };
    expect(await limitsOf([])).toEqual({});
    expect(await limitsOf([], false)).toEqual({ limitsLan: true });
    expect(await limitsOf(['--lan-exempt', 'yes'], false)).toEqual({ limitsLan: false });
    expect(await limitsOf(['--lan-exempt', 'no'])).toEqual({ limitsLan: true });
  });

  test('says what is wrong with its configuration, and goes on without it', async () => {
    const loadConfig = () => Promise.resolve(fail('bad-request', 'config.json: limits: expected an object'));
    const playing = peer(['--json'], { launched: living, ports: { loadConfig } });
    await until(() => playing.stdout.text !== '');
    playing.signal('SIGTERM');
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([0, 'shoal: config.json: limits: expected an object\n']);
  });

  test.each([
    ['--upload-slots', '0', 'a whole number from 1 to 64'],
    ['--downloads-at-once', '1000', 'a whole number from 1 to 256'],
    ['--upload-rate', 'fast', 'bytes per second'],
  ])('refuses %s %s', async (flag, value, expected) => {
    const { code, stderr } = await peer([flag, value]).finished;
    expect(code).toBe(64);
    expect(stderr.text).toContain(expected);
  });

  test('tells people who it is, what it shares and what to do next', async () => {
    const playing = peer([], { launched: living });
    await until(() => playing.stdout.text.includes('left'));
    playing.signal('SIGINT');
    const { code, stdout } = await playing.finished;
    expect(code).toBe(130);
    expect(stdout.lines).toEqual([
      `This is alice, id ${peerId(2)}`,
      'Listening at 127.0.0.1:4001',
      `Sharing ${path.join(folder, 'shared_files/alice')}`,
      `Downloads go to ${path.join(folder, 'shared_files/alice')}`,
      'Shared: /alice/a.txt (2 KiB)',
      'Registered at [::1]:5001: 1 file',
      expect.stringContaining('shoal search WORDS'),
      'bob waits for a slot, place 2',
      'Sending /alice/a.txt to bob',
      'bob has left',
      'No longer shared: /alice/a.txt (2 KiB)',
    ]);
  });

  test('tells of many new files in one line', async () => {
    const playing = peer([], {
      launched: (engine) => {
        for (let at = 0; at < 500; at += 1)
          engine.emit({ type: 'shared', files: [{ ...file, path: `/alice/${at}` }] });
        engine.emit({ type: 'registered', tracker, files: 500 });
      },
    });
    await until(() => playing.stdout.text.includes('Registered'));
    playing.signal('SIGTERM');
    const { stdout } = await playing.finished;
    expect(stdout.lines.slice(0, 2)).toEqual(['Shared: 500 files', 'Registered at [::1]:5001: 500 files']);
  });

  test('shoal alone is shoal peer, global flags before or after', async () => {
    const playing = start({
      argv: [
        '--name',
        'zoé',
        '--embedded-tracker',
        'off',
        '--json',
        '--tracker',
        '[::1]:7000',
        '--home',
        'h',
      ],
      ports: { sharedFilesDir: folder, cwd: folder },
    });
    await until(() => playing.engines.length > 0);
    playing.signal('SIGTERM');
    const { engines } = await playing.finished;
    expect(engines[0]?.config).toMatchObject({
      name: 'zoé',
      role: 'share',
      home: path.join(folder, 'h'),
      shares: [path.join(folder, 'zoé')],
      downloads: path.join(folder, 'zoé'),
      host: '::1',
      port: 0,
      trackers: [{ host: '::1', port: 7000 }],
      log: { level: 'warn', file: undefined },
    });
    expect(existsSync(path.join(folder, 'zoé'))).toBe(true);
  });

  test('takes home and trackers from the environment, and flags win', async () => {
    const playing = peer(
      ['--tracker', 'a.example:1', '--tracker', 'b.example:2', '--tracker', 'a.example:1'],
      {
        ports: { env: { SHOAL_HOME: '/env/home', SHOAL_TRACKER: 'c.example:3' } },
      },
    );
    await until(() => playing.engines.length > 0);
    playing.signal('SIGTERM');
    const { engines } = await playing.finished;
    expect(engines[0]?.config).toMatchObject({
      home: '/env/home',
      host: '0.0.0.0',
      trackers: [
        { host: 'a.example', port: 1 },
        { host: 'b.example', port: 2 },
      ],
    });
  });

  test('a share with the profile in it is refused', async () => {
    mkdirSync(path.join(folder, 'home'));
    const { code, stderr } = await peer(['--share', '.', '--home', 'home']).finished;
    expect(code).toBe(64);
    expect(stderr.text).toContain('The profile, with its secret key, lies in it');
  });

  test('a share that is a file is refused', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { code, stderr } = await peer(['--share', 'file']).finished;
    expect(code).toBe(64);
    expect(stderr.text).toContain('--share: expected a folder that can be read, got not a folder');
  });

  test('a downloads folder that cannot be made is exit code 74', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { code, stderr } = await peer(['--downloads', 'file/x']).finished;
    expect(code).toBe(74);
    expect(stderr.text).toContain('cannot make a folder');
  });

  test('a port that is taken is refused before anything starts', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr, engines } = await peer(['--port', String(port)]).finished;
    server.close();
    expect([code, engines.length]).toEqual([64, 0]);
    expect(stderr.text).toContain(`cannot listen at 127.0.0.1:${port}: the port is taken`);
  });

  test('a name that every tracker refuses ends it, with the suggestion', async () => {
    const { code, stderr } = await peer([], {
      launched: (engine) => {
        const problem = { code: 'name-taken', message: 'the name alice is taken; try alice-2' } as const;
        engine.emit({ type: 'tracker', tracker: { ...tracker, state: 'refused', problem } });
      },
    }).finished;
    expect(code).toBe(64);
    expect(stderr.text).toContain('try alice-2');
  });

  test('a tracker that does not answer does not end it', async () => {
    const playing = peer([], {
      launched: (engine) => {
        const problem = { code: 'unreachable', message: 'no answer' } as const;
        engine.emit({ type: 'tracker', tracker: { ...tracker, state: 'waiting', problem } });
        engine.emit({ type: 'tracker', tracker: { ...tracker, state: 'connecting', problem } });
        engine.emit({ type: 'listening', host: '127.0.0.1', port: 4001 });
        engine.emit({ type: 'ready', peer: peerId(2), name: 'alice' });
      },
    });
    await until(() => playing.stdout.text.includes('Listening'));
    playing.signal('SIGTERM');
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([0, 'Tracker [::1]:5001: no answer\n']);
  });

  test('says once that others cannot reach us, and nothing as long as they can', async () => {
    const told = (isReachable: boolean): EngineEvent => ({
      type: 'tracker',
      tracker: { ...tracker, reach: { isReachable, host: '192.0.2.7', port: 4001 } },
    });
    const playing = peer([], {
      launched: (engine) => {
        for (const isReachable of [true, false, false, true]) engine.emit(told(isReachable));
        engine.emit({ type: 'listening', host: '127.0.0.1', port: 4001 });
        engine.emit({ type: 'ready', peer: peerId(2), name: 'alice' });
      },
    });
    await until(() => playing.stdout.text.includes('Listening'));
    playing.signal('SIGTERM');
    const { stderr } = await playing.finished;
    expect(stderr.lines).toEqual([
      expect.stringMatching(/^Others cannot reach you at 192\.0\.2\.7:4001: open or forward port 4001, /),
      'Others can reach you at 192.0.2.7:4001.',
    ]);
  });

  test('ends with 70 when the engine gives up', async () => {
    const { code, stderr } = await peer([], {
      launched: (engine) => {
        engine.emit({ type: 'fault', problem: { code: 'internal', message: 'too many restarts' } });
        engine.end(70);
      },
    }).finished;
    expect(code).toBe(70);
    expect(stderr.text).toContain('too many restarts');
  });

  test('ends when nobody reads its lines any more', async () => {
    const playing = peer(['--json'], { launched: living });
    playing.stdout.broken = true;
    const { code, stderr } = await playing.finished;
    expect([code, stderr.text]).toEqual([0, '']);
  });
});

test.each([
  [['127.0.0.1'], '127.0.0.1'],
  [['localhost'], 'localhost'],
  [['::1'], '::1'],
  [['::1', '127.0.0.1'], '::'],
  [['127.0.0.1', 'tracker.example.org'], '0.0.0.0'],
  [['2001:db8::1'], '::'],
])('a peer of trackers at %j listens at %s', (hosts, expected) => {
  expect(defaultListenHost(hosts.map((host) => ({ host, port: 5000 })))).toBe(expected);
});

test('a tracker embedded on request runs beside the engine and is stopped after it', async () => {
  const playing = start({
    argv: ['peer', '--embedded-tracker', 'on', '--tracker', '127.0.0.1:1'],
    ports: { sharedFilesDir: path.join(folder, 'shared_files'), dataDir: folder },
  });
  await until(() => playing.engines.length > 0);
  playing.signal('SIGTERM');
  const { code, trackers } = await playing.finished;
  expect(code).toBe(0);
  expect(trackers.map(({ config, stops }) => [config.port, stops])).toEqual([[1, 1]]);
});

test('names that nobody chose come from the login, made safe', async () => {
  const { engines } = await play({ argv: ['peers'], launched: (engine) => engine.end(70) });
  expect(engines[0]?.config.name).toBe('Zoé-Doe');
});
