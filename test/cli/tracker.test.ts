import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { fail } from '../../src/core/result.ts';
import type { TrackerConfig } from '../../src/core/tracker-api.ts';
import { FakeTracker, peerId, start, until, type Scene } from './fakes.ts';

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
