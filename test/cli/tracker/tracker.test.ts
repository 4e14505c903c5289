import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CliPorts } from '../../../src/cli/peer/ports.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import type { TrackerQuestion } from '../../../src/core/tracker/tracker-stats.ts';
import type { StatsScreenOptions } from '../../../src/tui/stats/ports.ts';
import { trackerStats } from '../../engine/admin-scene.ts';
import type { TrackerConfig } from '../../../src/core/tracker/tracker-api.ts';
import { redisPlaceOf } from '../../../src/store/redis/redis-open.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { FakeTracker, peerId, start, until, type Scene } from '../fakes.ts';

const tracker = (argv: readonly string[], scene: Partial<Scene> = {}) =>
  start({ ...scene, argv: ['tracker', '--port', '0', ...argv] });

describe('tracker', () => {
  test('says where it listens once it does, for scripts', async () => {
    const playing = tracker(['--json']);
    await until(() => playing.stdout.text !== '');
    playing.signal('SIGTERM');
    const { code, stdout, trackers } = await playing.finished;
    expect(stdout.text).toBe(`{"event":"listening","host":"127.0.0.1","port":4242,"id":"${peerId(9)}"}\n`);
    expect([code, trackers[0]?.stops]).toEqual([0, 1]);
  });

  test('tells people its id and how to join', async () => {
    const playing = tracker([]);
    await until(() => playing.stdout.text !== '');
    playing.signal('SIGINT');
    const { code, stdout } = await playing.finished;
    expect(code).toBe(130);
    expect(stdout.lines).toEqual([
      'Tracker listening at 127.0.0.1:4242',
      `Its id is ${peerId(9)}`,
      'Peers join it with: shoal peer --tracker 127.0.0.1:4242',
    ]);
  });

  test('of all addresses, or behind another one, gives people an address that they can use', async () => {
    const joined = async (argv: readonly string[]): Promise<string | undefined> => {
      const playing = tracker(argv);
      await until(() => playing.stdout.text !== '');
      playing.signal('SIGINT');
      return (await playing.finished).stdout.lines[2];
    };
    expect(await joined(['--host', '0.0.0.0'])).toMatch(/--tracker HOST:4242, where HOST is/);
    expect(await joined(['--host', '0.0.0.0', '--announce', 't1.example:5000'])).toMatch(
      /--tracker t1.example:5000$/,
    );
  });

  test.each<[string[], Partial<TrackerConfig>]>([
    [[], { dataDir: '/nowhere/data/.trackers/0', store: 'sqlite', host: '127.0.0.1' }],
    [['--home', '/h'], { dataDir: '/h/tracker' }],
    [['--data', 'd', '--home', '/h'], { dataDir: '/nowhere/d' }],
    [['--store', 'memory:'], { store: 'memory:' }],
    [['--store', 'redis://127.0.0.1:6379'], { store: 'redis://127.0.0.1:6379' }],
    [
      ['--store', 'redis://127.0.0.1:1,127.0.0.1:2/?catalogue=x'],
      { store: 'redis://127.0.0.1:1,127.0.0.1:2/?catalogue=x' },
    ],
    [['--host', '0.0.0.0'], { host: '0.0.0.0', announce: undefined }],
    [['--announce', 'tracker.example:5000'], { announce: { host: 'tracker.example', port: 5_000 } }],
    [['--log-level', 'debug', '--log-file', 'log'], { log: { level: 'debug', file: '/nowhere/log' } }],
  ])('with %j is configured so', async (argv, expected) => {
    const playing = tracker(argv);
    await until(() => playing.trackers.length > 0);
    playing.signal('SIGTERM');
    const { trackers } = await playing.finished;
    expect(trackers[0]?.config).toMatchObject(expected);
  });

  test('of a catalogue that others have too says when they do not learn of it', async () => {
    const shared = ['--store', 'redis://127.0.0.1:6379', '--host', '0.0.0.0'];
    const said = async (argv: readonly string[]): Promise<string> => {
      const playing = tracker(argv);
      await until(() => playing.stdout.text !== '');
      playing.signal('SIGTERM');
      return (await playing.finished).stderr.text;
    };
    expect(await said(shared)).toContain('name it with --announce');
    expect(await said([...shared, '--announce', 'tracker.example:5000'])).toBe('');
  });

  describe('with a catalogue on Redis', () => {
    const started = async (store: string, env: Record<string, string>) => {
      const playing = tracker(['--store', store], { ports: { env } });
      await until(() => playing.trackers.length > 0 || playing.stderr.text !== '');
      playing.signal('SIGTERM');
      const { code, stderr, trackers } = await playing.finished;
      return { code, said: stderr.text, store: trackers[0]?.config.store };
    };

    test.each([
      ['redis://h:1', 'redis://:p%40ss%2F%3Aw%20rd@h:1'],
      ['rediss://ann@h:1,i:2/?catalogue=x', 'rediss://ann:p%40ss%2F%3Aw%20rd@h:1,i:2/?catalogue=x'],
    ])('%s takes the password of the environment, or of a file that it names', async (given, completed) => {
      const password = 'p@ss/:w rd';
      expect(await started(given, { SHOAL_REDIS_PASSWORD: password })).toEqual({
        code: 0,
        said: '',
        store: completed,
      });
      const file = path.join(tempDir(), 'password');
      writeFileSync(file, `${password}\n`);
      expect(await started(given, { SHOAL_REDIS_PASSWORD_FILE: file })).toMatchObject({ store: completed });
      expect(redisPlaceOf(completed)).toMatchObject({ value: { access: { password } } });
    });

    test('says that everybody can read a password in its arguments, and uses that one', async () => {
      const { said, store } = await started('redis://:secret@h:1', { SHOAL_REDIS_PASSWORD: 'other' });
      expect(store).toBe('redis://:secret@h:1');
      expect(said).toMatch(/everybody on this machine can read a password .* SHOAL_REDIS_PASSWORD/);
      expect(said).not.toContain('secret');
    });

    test('takes all before the last @ for the login, warns of it and shows none of it', async () => {
      const url = 'redis://ann:top@secret@h:1';
      const { said, store } = await started(url, {});
      expect(store).toBe(url);
      expect(said).toMatch(/everybody on this machine can read a password/);
      expect(redisPlaceOf(url)).toMatchObject({
        value: { access: { username: 'ann', password: 'top@secret' }, seeds: [{ host: 'h', port: 1 }] },
      });
      const refused = redisPlaceOf('redis://ann:top@secret@h:99999');
      expect(JSON.stringify(refused)).toContain('redis://…@h:99999');
      expect(JSON.stringify(refused)).not.toMatch(/top|secret/);
      const wrong = await started('redis://ann:top/@secret@h:1', {});
      expect(wrong).toMatchObject({ code: 64, said: expect.stringContaining('redis://…@h:1') });
      expect(wrong.said).not.toMatch(/top|secret/);
    });

    test('says that others can read the file of the password', async () => {
      const file = path.join(tempDir(), 'password');
      writeFileSync(file, 'secret');
      const said = async (mode: number): Promise<string> => {
        chmodSync(file, mode);
        return (await started('redis://h:1', { SHOAL_REDIS_PASSWORD_FILE: file })).said;
      };
      if (process.platform !== 'win32') expect(await said(0o644)).toContain(`can read ${file}`);
      expect(await said(0o600)).toBe('');
    });

    test('is not started when it is not clear which password is meant', async () => {
      const empty = path.join(tempDir(), 'empty');
      writeFileSync(empty, '\n');
      const gone = path.join(tempDir(), 'gone');
      expect(
        await started('redis://h:1', { SHOAL_REDIS_PASSWORD: 'a', SHOAL_REDIS_PASSWORD_FILE: empty }),
      ).toMatchObject({ code: 64, store: undefined, said: expect.stringContaining('got both') });
      expect(await started('redis://h:1', { SHOAL_REDIS_PASSWORD_FILE: empty })).toMatchObject({ code: 64 });
      expect(await started('redis://h:1', { SHOAL_REDIS_PASSWORD_FILE: gone })).toMatchObject({
        code: 64,
        said: expect.stringContaining(gone),
      });
      expect(await started('sqlite', { SHOAL_REDIS_PASSWORD_FILE: gone })).toMatchObject({ code: 0 });
    });
  });

  test('a port that is taken is refused in plain words', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr, trackers } = await tracker(['--port', String(port)]).finished;
    server.close();
    expect([code, trackers.length]).toEqual([64, 0]);
    expect(stderr.text).toBe(
      `shoal: cannot listen at 127.0.0.1:${port}: the port is taken; choose another with --port, or 0 for a free one\n`,
    );
  });

  test('one that cannot start says why', async () => {
    class Unable extends FakeTracker {
      override readonly ready = Promise.resolve(fail('io', 'cannot read its folder'));
    }
    const { code, stderr } = await tracker([], { ports: { launchTracker: (config) => new Unable(config) } })
      .finished;
    expect([code, stderr.text]).toEqual([74, 'shoal: cannot read its folder\n']);
  });

  test('one whose supervisor gives up ends with 70', async () => {
    const playing = tracker(['--json']);
    await until(() => playing.stdout.text !== '');
    playing.trackers[0]?.end(70);
    expect((await playing.finished).code).toBe(70);
  });
});

describe('tracker with an operator', () => {
  test('opens the admin port that is asked for, and says which', async () => {
    const playing = tracker(['--admin', '0', '--json']);
    await until(() => playing.stdout.text !== '');
    playing.signal('SIGTERM');
    const { stdout, trackers } = await playing.finished;
    expect(JSON.parse(stdout.text)).toMatchObject({ event: 'listening', admin: 4343 });
    expect(trackers[0]?.config.admin).toEqual({ port: 0 });
  });

  test.each([
    [false, 1, 0],
    [true, 0, 1],
  ])('takes SIGHUP for new settings, but on a terminal (%p) for an end', async (tty, reloads, stops) => {
    const playing = tracker([], { tty });
    await until(() => playing.stdout.text !== '');
    playing.signal('SIGHUP');
    const [running] = playing.trackers;
    await until(() => running?.reloads === reloads && running.stops === stops);
    playing.signal('SIGTERM');
    expect((await playing.finished).code).toBe(0);
  });

  test('backs up to a path as the shell means it, and prints size and time', async () => {
    const asked: unknown[] = [];
    const askTracker = async (dataDir: string, question: TrackerQuestion) => {
      asked.push([dataDir, question]);
      return ok({ path: '/nowhere/b', sizeBytes: 2_048, tookMs: 1_500 });
    };
    const ports = { askTracker };
    const lines = await start({ argv: ['tracker', 'backup', '--data', 'd', 'b'], ports }).finished;
    const json = await start({ argv: ['tracker', '--data', 'd', 'backup', 'b', '--force', '--json'], ports })
      .finished;
    expect(lines.stdout.lines).toEqual(['/nowhere/b: 2 KiB in 1.5 s']);
    expect(json.events).toEqual([{ event: 'backup', path: '/nowhere/b', size: 2_048, seconds: 1.5 }]);
    expect(asked).toEqual([
      ['/nowhere/d', { type: 'backup', path: '/nowhere/b', force: false }],
      ['/nowhere/d', { type: 'backup', path: '/nowhere/b', force: true }],
    ]);
  });

  test('reloads, and says what has changed or why not', async () => {
    const report = { file: '/d/tracker.json', changed: ['leaseMs'], denied: 1 };
    const done = { askTracker: async () => ok(report) };
    const { code, stdout } = await start({ argv: ['tracker', 'reload'], ports: done }).finished;
    expect([code, stdout.lines]).toEqual([0, ['/d/tracker.json: changed: leaseMs; 1 entry denied']]);
    const refused = {
      askTracker: async () => fail('bad-request', '/d/tracker.json: limits: expected an object'),
    };
    const played = await start({ argv: ['tracker', 'reload'], ports: refused }).finished;
    expect([played.code, played.stderr.text]).toEqual([
      64,
      'shoal: /d/tracker.json: limits: expected an object\n',
    ]);
  });

  test('that does not run is unavailable, for each command', async () => {
    for (const command of [['stats'], ['reload'], ['backup', 'file']]) {
      const { code, stderr } = await start({ argv: ['tracker', ...command] }).finished;
      expect([code, stderr.text]).toEqual([69, 'shoal: No tracker runs here; name its folder with --data\n']);
    }
  });

  test('shows how it is as lines or JSON where there is no terminal, and as a view where there is', async () => {
    let looks = 0;
    const views: string[] = [];
    const ports = {
      askTracker: async () =>
        ok(trackerStats(new TrackerCounters(['tracker']), { atMs: 1_000_000 + 1_000 * looks++ })),
      wait: async () => undefined,
      showTrackerStats: async ({ env }: StatsScreenOptions) => void views.push(typeof env),
    };
    const lines = await start({ argv: ['tracker', 'stats'], ports }).finished;
    expect([lines.code, lines.stdout.lines[0]]).toEqual([
      0,
      expect.stringMatching(/^Tracker 127\.0\.0\.1:5000 /),
    ]);
    expect(lines.stdout.text).not.toContain('\u001b');
    const json = await start({ argv: ['tracker', 'stats', '--once', '--json'], ports }).finished;
    expect(json.events).toMatchObject([{ event: 'stats', format: 1, rates: { seconds: 1 } }]);
    const view = await start({ argv: ['tracker', 'stats'], ports, tty: true }).finished;
    const once = await start({ argv: ['tracker', 'stats', '--once'], ports, tty: true }).finished;
    expect([view.code, view.stdout.text, views.length]).toEqual([0, '', 1]);
    expect(once.stdout.lines.length).toBeGreaterThan(5);
  });

  test('of a folder that no tracker runs with asks for one only where none was given', async () => {
    const message = 'No tracker with the folder /nosuch runs here';
    const ports = { askTracker: async () => fail('unreachable', message) };
    const named = await start({ argv: ['tracker', 'stats', '--data', '/nosuch'], ports }).finished;
    const usual = await start({ argv: ['tracker', 'reload'], ports }).finished;
    expect([named.code, named.stderr.text]).toEqual([69, `shoal: ${message}\n`]);
    expect(usual.stderr.text).toBe(`shoal: ${message}; name its folder with --data\n`);
  });

  describe('where nobody says which', () => {
    const running = (...folders: readonly string[]) => {
      const dataDir = tempDir();
      for (const port of ['700', '5000', '6000'])
        mkdirSync(path.join(dataDir, '.trackers', port), { recursive: true });
      const at = folders.map((name) => path.join(dataDir, '.trackers', name));
      const asked: string[] = [];
      const askTracker: CliPorts['askTracker'] = async (folder, question) => {
        if (!at.includes(folder)) return fail('unreachable', 'No tracker runs there');
        if (question.type === 'reload') asked.push(path.basename(folder));
        return ok({ file: '/f', changed: [], denied: 0 });
      };
      return { asked, at, ports: { dataDir, askTracker } };
    };

    test.each([
      [
        'a chosen home, for which none runs',
        ['--home', '/h', 'tracker', 'reload'],
        ['5000', '700'],
        ['5000'],
      ],
      ['the only one, whatever its port', ['tracker', 'reload'], ['6000'], ['6000']],
      ['the one at the port', ['tracker', '--port', '700', 'reload'], ['5000', '700'], ['700']],
      ['none at the port that was meant', ['tracker', '--port', '700', 'reload'], ['5000'], []],
    ])('is meant: %s', async (_which, argv, folders, expected) => {
      const { asked, ports } = running(...folders);
      const { code } = await start({ argv, ports }).finished;
      expect([code, asked]).toEqual([expected.length === 0 ? 69 : 0, expected]);
    });

    test('several of which none is at the usual port are named', async () => {
      const { asked, at, ports } = running('700', '6000');
      const { code, stderr } = await start({ argv: ['tracker', 'reload'], ports }).finished;
      expect([code, asked]).toEqual([69, []]);
      expect(stderr.text).toBe(`shoal: Several trackers run here; name one with --data: ${at.join(', ')}\n`);
    });
  });

  test('of another version is not misread', async () => {
    const ports = { askTracker: async () => ok({ format: 99 }) };
    const { code, stderr } = await start({ argv: ['tracker', 'stats', '--once'], ports }).finished;
    expect([code, stderr.text]).toEqual([69, expect.stringContaining('of another version')]);
  });
});

test.each(['stats', 'backup', 'reload'])(
  'the help of tracker %s names what it takes of tracker',
  async (part) => {
    const { code, stdout } = await tracker([part, '--help']).finished;
    expect(code).toBe(0);
    expect(stdout.text).toContain('--data <dir>');
  },
);
