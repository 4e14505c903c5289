import { describe, expect, test } from '@jest/globals';
import type {
  DownloadView,
  EngineCommand,
  EngineEvent,
  TreeFile,
} from '../../../src/core/engine/engine-api.ts';
import { fail, ok, type Problem } from '../../../src/core/result.ts';
import { contentId, peerId, play, start, until, type FakeEngine } from '../fakes.ts';
import { downloadView } from '../../helpers/views.ts';

const bob = { peer: peerId(5), name: 'bob', host: '127.0.0.1', port: 4005 };

const view = (changes: Partial<DownloadView> = {}): DownloadView =>
  downloadView({
    transfer: 7,
    id: undefined,
    name: 'b',
    sizeBytes: 300,
    doneBytes: 0,
    sources: 1,
    ...changes,
  });

const file = (seed: number, changes: Partial<TreeFile> = {}): TreeFile => ({
  id: contentId(seed),
  path: `/a/b/${seed}`,
  sizeBytes: 100,
  outcome: 'done',
  filePath: `/out/b/${seed}`,
  doneBytes: 100,
  fetchedBytes: 100,
  sources: 1,
  problem: undefined,
  ...changes,
});

const failed = (seed: number, problem: Problem): TreeFile =>
  file(seed, { outcome: 'failed', filePath: undefined, doneBytes: 0, fetchedBytes: 0, sources: 0, problem });

const told = (...files: readonly TreeFile[]): EngineEvent => ({ type: 'tree-files', transfer: 7, files });
const shown = (changes: Partial<DownloadView> = {}): EngineEvent => ({
  type: 'download',
  download: view(changes),
});

/** Finds bob, starts the tree as transfer 7, and tells what happens to it. */
function tree(...events: readonly EngineEvent[]) {
  return (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type === 'find-peer')
      engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer: ok(bob) });
    if (command.type !== 'download') return;
    engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(7) });
    queueMicrotask(() => engine.emit(...events));
  };
}

describe('get of a folder, for scripts', () => {
  test('is one download of the engine, with a line for each file', async () => {
    const { code, events, engines } = await play({
      argv: ['get', '--json', 'bob:/a/b/', '--out', 'here', '--limit-rate', '1M'],
      answer: tree(
        told(file(1), file(2, { fetchedBytes: 0, sources: 0 })),
        told(file(3)),
        shown({ state: 'done', doneBytes: 300 }),
      ),
    });
    expect(code).toBe(0);
    expect(engines[0]?.sent.filter(({ type }) => type === 'download')).toEqual([
      {
        type: 'download',
        requestId: 2,
        target: { kind: 'tree', source: bob, path: '/a/b/' },
        outDir: '/nowhere/here',
        bytesPerSecond: 0,
        giveUpAfterMs: 60_000,
      },
    ]);
    expect(events).toEqual([
      { event: 'done', id: contentId(1), path: '/out/b/1', size: 100, fetched: 100, seconds: 0, sources: 1 },
      { event: 'done', id: contentId(2), path: '/out/b/2', size: 100, fetched: 0, seconds: 0, sources: 0 },
      { event: 'done', id: contentId(3), path: '/out/b/3', size: 100, fetched: 100, seconds: 0, sources: 1 },
    ]);
  });

  test('says of a file that it was copied from another one here', async () => {
    const copied = file(1, { fetchedBytes: 0, sources: 0, isCopy: true });
    const events = [told(copied, file(2)), shown({ state: 'done', doneBytes: 200 })];
    const forScripts = await play({ argv: ['get', '--json', 'bob:/a/b/'], answer: tree(...events) });
    expect(forScripts.events.map(({ copied }) => copied)).toEqual([true, undefined]);
    const forPeople = await play({ argv: ['get', 'bob:/a/b/'], answer: tree(...events) });
    expect(forPeople.stdout.lines[0]).toBe('Verified  /out/b/1  100 B, copied from another file here');
    expect(forPeople.stderr.lines.at(-1)).toContain('(100 B fetched now, 1 file copied from others here)');
  });

  test('says one thing of files of which nothing was fetched', async () => {
    const copied = { fetchedBytes: 0, sources: 0, isCopy: true };
    const here = { fetchedBytes: 0, sources: 0 };
    const lastLine = async (second: typeof here): Promise<string | undefined> => {
      const events = [told(file(1, copied), file(2, second)), shown({ state: 'done', doneBytes: 200 })];
      return (await play({ argv: ['get', 'bob:/a/b/'], answer: tree(...events) })).stderr.lines.at(-1);
    };
    expect(await lastLine(copied)).toMatch(/verified in .*: 200 B, all of it copied from other files here$/);
    expect(await lastLine(here)).toMatch(/: 200 B, nothing fetched, 1 file copied from others here$/);
  });

  test('shows how far all of it is, at most twice a second', async () => {
    let nowMs = 0;
    const files = { total: 3, done: 1, failed: 0 };
    const { events } = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      ports: { now: () => nowMs },
      answer: (command, engine) => {
        tree()(command, engine);
        if (command.type !== 'download') return;
        queueMicrotask(() => {
          for (; nowMs < 1_000; nowMs += 100) engine.emit(shown({ doneBytes: nowMs / 10, files }));
          engine.emit(shown({ state: 'done', files }));
        });
      },
    });
    expect(events).toEqual([
      expect.objectContaining({ event: 'progress', id: null, name: 'b', done: 0, size: 300, files }),
      expect.objectContaining({ event: 'progress', id: null, name: 'b', done: 50, size: 300, sources: 1 }),
    ]);
  });

  test('what failed is told file by file, and decides the exit code', async () => {
    const problem = { code: 'not-shared', message: 'it is not shared any more' } as const;
    const full = { code: 'disk-full', message: 'the disk is full' } as const;
    const some = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      answer: tree(told(file(1), failed(2, problem), failed(3, full)), shown({ state: 'failed', problem })),
    });
    expect(some.code).toBe(1);
    expect(some.events.slice(1)).toEqual([
      { event: 'failed', id: contentId(2), ...problem },
      { event: 'failed', id: contentId(3), ...full },
      expect.objectContaining({ event: 'disk-full', disk: expect.stringMatching(/^\//), needed: 100 }),
    ]);
    const disk = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      answer: tree(told(failed(3, full)), shown({ state: 'failed', problem: full })),
    });
    expect(disk.code).toBe(74);
  });

  test('a folder that is not there is exit code 66, with a line', async () => {
    const problem = { code: 'not-found', message: 'Nothing is shared by that path' } as const;
    const { code, events } = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      answer: tree(shown({ state: 'failed', problem })),
    });
    expect(code).toBe(66);
    expect(events).toEqual([{ event: 'failed', id: null, ...problem, target: 'bob:/a/b/' }]);
  });

  test('people are told which folder is not there', async () => {
    const problem = { code: 'not-found', message: 'Nothing is shared by that path' } as const;
    const { stderr } = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(shown({ state: 'failed', problem })),
    });
    expect(stderr.text).toBe('shoal: bob:/a/b/: Nothing is shared by that path\n');
  });

  test('a peer that is not online is exit code 66, with a line', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', 'bob:/'],
      answer: (command, engine) => {
        if (command.type !== 'find-peer') return;
        const answer = fail('not-found', 'no peer is called bob');
        engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer });
      },
    });
    expect(code).toBe(66);
    expect(events).toMatchObject([{ event: 'failed', id: null, code: 'not-found', target: 'bob:/' }]);
  });

  test('what the engine tells before it has said which transfer it is counts too', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      answer: (command, engine) => {
        if (command.type === 'find-peer')
          engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer: ok(bob) });
        if (command.type !== 'download') return;
        engine.emit({ type: 'tree-files', transfer: 6, files: [file(9)] }, told(file(1)));
        engine.emit(shown({ state: 'done' }));
        engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(7) });
      },
    });
    expect(code).toBe(0);
    expect(events.map(({ id }) => id)).toEqual([contentId(1)]);
  });

  test('the same folder named twice is downloaded once', async () => {
    const { engines } = await play({
      argv: ['get', 'bob:/a/b/', 'bob:/a/b/'],
      answer: tree(shown({ state: 'done' })),
    });
    expect(engines[0]?.sent.filter(({ type }) => type === 'download')).toHaveLength(1);
  });

  test('larger files are told of on their way, with the speed of each', async () => {
    let nowMs = 0;
    let looks = 0;
    const playing = start({
      argv: ['get', '--json', 'bob:/a/b/'],
      ports: { now: () => nowMs },
      answer: (command, engine) => {
        tree(shown())(command, engine);
        if (command.type !== 'details') return;
        looks += 1;
        nowMs += 1_000;
        const doneBytes = looks * 4_000;
        const open = { outcome: 'open', filePath: undefined, sizeBytes: 900_000 } as const;
        const answer = ok({
          download: view(),
          pieceLength: undefined,
          pieces: undefined,
          pieceMap: undefined,
          sources: [],
          openFiles: [
            file(1, { ...open, doneBytes, fetchedBytes: doneBytes }),
            file(2, { ...open, doneBytes: 0, fetchedBytes: 0 }),
            // Was there before this run.
            file(3, { ...open, doneBytes: 500, fetchedBytes: 0 }),
          ],
        });
        engine.emit({ type: 'answer-details', requestId: command.requestId, answer });
      },
    });
    await until(() => playing.stdout.lines.filter((line) => line.includes(contentId(1))).length > 1, 'lines');
    playing.engines[0]?.emit(told(file(1), file(2), file(3)), shown({ state: 'done' }));
    const { events } = await playing.finished;
    const progress = events.filter(({ event, id }) => event === 'progress' && id !== null);
    const ofFirst = progress.filter(({ id }) => id === contentId(1));
    expect(ofFirst.slice(0, 2)).toMatchObject([
      { name: '1', done: 4_000, size: 900_000 },
      { name: '1', done: 8_000, size: 900_000 },
    ]);
    for (const { bytesPerSecond } of ofFirst) expect(Number(bytesPerSecond) / 4_000).toBeCloseTo(1, 1);
    expect(progress.find(({ id }) => id === contentId(3))).toMatchObject({ done: 500, bytesPerSecond: 0 });
    expect(new Set(progress.map(({ id }) => id))).toEqual(new Set([contentId(1), contentId(3)]));
  });

  test('Ctrl-C says nothing of files that the stop made fail', async () => {
    const playing = start({ argv: ['get', '--json', 'bob:/a/b/'], answer: tree(told(file(1))) });
    await until(() => playing.stdout.text.includes(contentId(1)), 'the first file');
    playing.signal('SIGINT');
    playing.engines[0]?.emit(told(failed(2, { code: 'cancelled', message: 'stopped' })));
    const { code, events } = await playing.finished;
    expect([code, events]).toMatchObject([130, [{ event: 'done' }]]);
  });

  test('an engine that ends by itself ends the command', async () => {
    const playing = start({ argv: ['get', '--json', 'bob:/a/b/'], answer: tree(told(file(1))) });
    await until(() => playing.stdout.text.includes(contentId(1)), 'the first file');
    playing.engines[0]?.end(70);
    expect((await playing.finished).code).toBe(70);
  });
});

describe('get of a folder, for people', () => {
  test('Ctrl-C says nothing of how many there were: what was not begun is not counted', async () => {
    const playing = start({ argv: ['get', 'bob:/a/b/'], answer: tree(told(file(1), file(2))) });
    await until(() => playing.stdout.lines.length === 2, 'the first files');
    playing.signal('SIGINT');
    const { code, stderr } = await playing.finished;
    expect(code).toBe(130);
    expect(stderr.text).not.toContain('files verified');
  });

  test('a line for each file, and how many there were', async () => {
    const problem = { code: 'not-shared', message: 'it is gone' } as const;
    const { code, stdout, stderr } = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(told(file(1), file(2), failed(3, problem)), shown({ state: 'failed', problem })),
    });
    expect(code).toBe(1);
    expect(stdout.lines).toEqual([
      expect.stringMatching(/^Verified {2}\/out\/b\/1 /),
      expect.stringMatching(/^Verified {2}\/out\/b\/2 /),
    ]);
    expect(stderr.text).toContain('Failed    a/b/3: it is gone (not-shared)');
    expect(stderr.text).toContain('2 of 3 files verified in /nowhere: 200 B in 0.0 s');
  });

  test('only a file that was a download of its own says how long it took, the end says it of all', async () => {
    let nowMs = 0;
    const { stdout, stderr } = await play({
      argv: ['get', 'bob:/a/b/', '--out', 'x'],
      ports: { now: () => nowMs },
      answer: (command, engine) => {
        if (command.type === 'download') nowMs += 2_000;
        const path = '/nowhere/x/b';
        const here = file(3, { fetchedBytes: 0, sources: 0 });
        const end = shown({ state: 'done', doneBytes: 300, path });
        tree(shown({ path }), told(file(1), file(2, { tookMs: 500 }), here), end)(command, engine);
      },
    });
    expect(stdout.lines).toEqual([
      'Verified  /out/b/1  100 B from 1 peer',
      'Verified  /out/b/2  100 B in 0.5 s, 200 B/s from 1 peer',
      'Verified  /out/b/3  100 B, was already here',
    ]);
    expect(stderr.lines).toEqual([
      '3 of 3 files verified in x/b: 300 B (200 B fetched now) in 2.0 s, 100 B/s',
    ]);
  });

  test('does not say of what holds nothing that it was here already, nor who sent it', async () => {
    const empty = { sizeBytes: 0, doneBytes: 0, fetchedBytes: 0, sources: 0 };
    const { stdout, stderr } = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(told(file(1, empty), file(2, empty)), shown({ state: 'done', path: '/nowhere/b' })),
    });
    expect(stdout.lines).toEqual(['Verified  /out/b/1  0 B', 'Verified  /out/b/2  0 B']);
    expect(stderr.lines).toEqual(['2 of 2 files verified in b: 0 B in 0.0 s']);
  });

  test.each([
    [['get', 'bob:/a/b/'], 'Verified  b/  an empty folder\n'],
    [
      ['get', '--json', 'bob:/a/b/'],
      '{"event":"done","id":null,"path":"/nowhere/b","size":0,"fetched":0,"seconds":0.123,"sources":0}\n',
    ],
  ])('an empty folder is told to be one: %j', async (argv, said) => {
    let nowMs = 0;
    const { code, stdout, stderr } = await play({
      argv,
      ports: { now: () => nowMs },
      answer: (command, engine) => {
        if (command.type === 'download') nowMs = 123.4;
        tree(shown({ state: 'done', path: '/nowhere/b' }))(command, engine);
      },
    });
    expect([code, stdout.text, stderr.text]).toEqual([0, said, '']);
  });

  test('calls a file that failed as it would be called here, and of the disk only the folder', async () => {
    const path = '/nowhere/b';
    const part = `/nowhere/b/.shoal/${contentId(1)}.part`;
    const full = { code: 'disk-full', message: `The disk is full: ${part}` } as const;
    const gone = { code: 'not-shared', message: 'it is gone' } as const;
    const only = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(shown({ path }), told(failed(1, gone), failed(2, full)), shown({ state: 'failed', path })),
    });
    expect(only.stderr.lines).toEqual([
      'Failed    b/1: it is gone (not-shared)',
      'Failed    b/2: The disk is full: /nowhere/b (disk-full)',
      '0 of 2 files verified in b: all of them failed',
      expect.stringMatching(/^The disk at \/.* full: 100 B are still to come, .* free/),
    ]);
    const several = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(shown({ path }), told(failed(1, full), failed(2, full)), shown({ state: 'failed', path })),
    });
    expect(several.stderr.lines[0]).toBe('Failed    b/: 2 files: The disk is full: /nowhere/b (disk-full)');
  });

  test('says that all of it was here already', async () => {
    const here = { fetchedBytes: 0, sources: 0 };
    const { stderr } = await play({
      argv: ['get', 'bob:/a/b/'],
      answer: tree(told(file(1, here), file(2, here)), shown({ state: 'done', path: '/elsewhere/b' })),
    });
    expect(stderr.lines).toEqual([
      '2 of 2 files verified in /elsewhere/b: 200 B, all of it was already here',
    ]);
  });

  test.each([false, true])('a folder that cannot be written is one line (on a terminal: %p)', async (tty) => {
    const denied = (seed: number, name = String(seed)): TreeFile => ({
      ...failed(seed, { code: 'io', message: `Permission denied: /out/b/${name}` }),
      path: `/a/b/${name}`,
    });
    const gone = { code: 'not-shared', message: 'it is gone' } as const;
    const full = { code: 'disk-full', message: 'The disk is full: /out/b/8' } as const;
    const { code, stdout, stderr } = await play({
      argv: ['get', 'bob:/a/b/'],
      tty,
      answer: tree(
        told(denied(1), denied(2, 'x: y'), failed(5, gone)),
        told(denied(3), failed(6, gone), denied(4, 'c/4'), failed(8, full)),
        shown({ state: 'failed', problem: gone }),
      ),
    });
    expect(code).toBe(1);
    const lines = (tty ? stdout : stderr).text.match(/Failed .*$/gmu)?.map((line) => line.trim());
    expect(lines).toEqual([
      'Failed    a/b/5: it is gone (not-shared)',
      'Failed    a/b/6: it is gone (not-shared)',
      'Failed    a/b/: 3 files: Permission denied: /out/b (io)',
      'Failed    a/b/c/4: Permission denied: /out/b/c/4 (io)',
      'Failed    a/b/8: The disk is full: /out/b/8 (disk-full)',
    ]);
    expect(stderr.text).toContain('0 of 7 files verified in /nowhere: all of them failed');
  });

  test('scripts get a line for each file that cannot be written', async () => {
    const problem = { code: 'io', message: 'Permission denied: /out/b/1' } as const;
    const { events } = await play({
      argv: ['get', '--json', 'bob:/a/b/'],
      answer: tree(told(failed(1, problem), failed(2, problem)), shown({ state: 'failed', problem })),
    });
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ['failed', contentId(1)],
      ['failed', contentId(2)],
    ]);
  });

  test('on a terminal one bar for all of it, gone at the end', async () => {
    const files = { total: 1_000, done: 1, failed: 0 };
    const playing = start({
      argv: ['get', 'bob:/a/b/'],
      tty: true,
      answer: tree(told(file(1)), shown({ doneBytes: 100, files })),
    });
    await until(() => playing.stdout.text.includes('1 of 1000 files'), 'the bar');
    playing.engines[0]?.emit(shown({ state: 'done', files }));
    const { code } = await playing.finished;
    expect(code).toBe(0);
  });
});
