import { describe, expect, jest, test } from '@jest/globals';
import type { ListEntry, SearchResult } from '../../../src/core/catalogue.ts';
import type { DownloadView, EngineCommand } from '../../../src/core/engine/engine-api.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { formatClock } from '../../../src/tui/text/numbers.ts';
import { contentId, peerId, play, start, unreachable, until, type FakeEngine } from '../fakes.ts';
import { downloadView, trackerView } from '../../helpers/views.ts';

const view = (transfer: number, changes: Partial<DownloadView> = {}): DownloadView =>
  downloadView({
    transfer,
    id: contentId(transfer),
    name: `file-${transfer}`,
    state: 'downloading',
    sizeBytes: 1000,
    doneBytes: 0,
    fetchedBytes: 0,
    sources: 1,
    usedSources: 0,
    ...changes,
  });

const done = (transfer: number, changes: Partial<DownloadView> = {}): DownloadView =>
  view(transfer, {
    state: 'done',
    doneBytes: 1000,
    fetchedBytes: 600,
    usedSources: 2,
    path: `/out/file-${transfer}`,
    ...changes,
  });

/** Gives the nth download the number n, and lets a script go on from there. */
function downloading(script: (engine: FakeEngine, transfer: number, command: EngineCommand) => void) {
  let transfers = 0;
  return (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type === 'find-name' || command.type === 'find-contents')
      engine.emit({ type: `answer-${command.type}`, requestId: command.requestId, answer: ok([]) });
    if (command.type !== 'download') return;
    transfers += 1;
    const transfer = transfers;
    engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(transfer) });
    queueMicrotask(() => script(engine, transfer, command));
  };
}

describe('get, for scripts', () => {
  test('reports progress and the end with the keys and order scripts rely on', async () => {
    const { code, stdout, events } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: downloading((engine) => {
        engine.emit({ type: 'download', download: view(1, { doneBytes: 400 }) });
        engine.emit({ type: 'download', download: done(1) });
      }),
    });
    expect(code).toBe(0);
    expect(stdout.lines[0]).toMatch(
      /^\{"event":"progress","id":"\w{52}","name":"file-1","done":400,"size":1000,"bytesPerSecond":\d+,"sources":1,"state":"downloading","fetched":0\}$/,
    );
    expect(events[1]).toEqual({
      event: 'done',
      id: contentId(1),
      path: '/out/file-1',
      size: 1000,
      fetched: 600,
      seconds: 0,
      sources: 2,
    });
    expect(Object.keys(events[1] ?? {})).toEqual([
      'event',
      'id',
      'path',
      'size',
      'fetched',
      'seconds',
      'sources',
    ]);
  });

  test('reports progress of each file at most twice a second', async () => {
    let nowMs = 0;
    const { events } = await play({
      argv: ['get', '--json', contentId(1), contentId(2)],
      ports: { now: () => nowMs },
      answer: downloading((engine, transfer) => {
        if (transfer < 2) return;
        for (; nowMs < 2000; nowMs += 10)
          for (const at of [1, 2])
            engine.emit({ type: 'download', download: view(at, { doneBytes: nowMs / 10 }) });
        engine.emit({ type: 'download', download: done(1) }, { type: 'download', download: done(2) });
      }),
    });
    const ofFirst = events.filter(({ event, id }) => event === 'progress' && id === contentId(1));
    expect(ofFirst.map((progress) => progress['done'])).toEqual([0, 50, 100, 150]);
    expect(events).toHaveLength(10);
  });

  test('says why a file waits and when it is tried again', async () => {
    const problem = { code: 'busy', message: 'All sources are busy' } as const;
    const waits = { state: 'waiting', sources: 0, queuePosition: 2, attempts: 1, nextAttemptMs: 9 } as const;
    const { events } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: downloading((engine) => {
        engine.emit({ type: 'download', download: view(1, { ...waits, problem }) });
        engine.emit({ type: 'download', download: done(1) });
      }),
    });
    const { queuePosition, attempts, nextAttemptMs } = waits;
    expect(events[0]).toMatchObject({ state: 'waiting', problem, queuePosition, attempts, nextAttemptMs });
  });

  test('says once what was not found, and nothing beside it', async () => {
    const { code, events, stderr } = await play({
      argv: ['get', '--json', 'b.txt'],
      answer: downloading(() => undefined),
    });
    expect([code, stderr.text]).toEqual([66, '']);
    expect(events).toMatchObject([{ event: 'failed', code: 'not-found', target: 'b.txt' }]);
  });

  test('a failure is a line with its code, and decides the exit code', async () => {
    const { code, stdout } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: downloading((engine) => {
        const problem = { code: 'disk-full', message: 'the disk is full' } as const;
        engine.emit({ type: 'download', download: view(1, { state: 'failed', problem }) });
      }),
    });
    expect(code).toBe(74);
    expect(stdout.text).toBe(
      `{"event":"failed","id":"${contentId(1)}","code":"disk-full","message":"the disk is full"}\n`,
    );
  });

  test('some done and some failed for different reasons is exit code 1, and each is reported', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', contentId(1), contentId(2), contentId(3)],
      answer: downloading((engine, transfer) => {
        const problem = { code: transfer === 2 ? 'disk-full' : 'unreachable', message: 'no' } as const;
        const download = transfer === 1 ? done(1) : view(transfer, { state: 'failed', problem });
        engine.emit({ type: 'download', download });
      }),
    });
    expect(code).toBe(1);
    expect(events.map(({ event }) => event)).toEqual(['done', 'failed', 'failed']);
  });

  test('downloads what a list names beside its arguments', async () => {
    const list = `{"id":"${contentId(2)}","name":"b"}\n${contentId(3)}\n`;
    const { code, events } = await play({
      argv: ['get', '--json', contentId(1), '--input', 'list'],
      ports: { readTargetList: (file) => Promise.resolve(file === 'list' ? ok(list) : fail('io', file)) },
      answer: downloading((engine, transfer) => engine.emit({ type: 'download', download: done(transfer) })),
    });
    expect(code).toBe(0);
    expect(events.map(({ event, id }) => [event, id])).toEqual(
      [1, 2, 3].map((seed) => ['done', contentId(seed)]),
    );
  });

  test('keeps the folders of what a list says the path of, and asks for each place once', async () => {
    const line = (path: string): string => JSON.stringify({ path, size: 4, id: contentId(1) });
    const list = [line('/m/a/1.mp3'), line('/m/b/1.mp3'), line('/m/a/1.mp3'), contentId(1)].join('\n');
    const asked: EngineCommand[] = [];
    await play({
      argv: ['get', '--json', '--input', 'list'],
      ports: { readTargetList: () => Promise.resolve(ok(list)) },
      answer: downloading((engine, transfer, command) => {
        asked.push(command);
        engine.emit({ type: 'download', download: done(transfer) });
      }),
    });
    expect(asked.map((command) => command.type === 'download' && command.target)).toMatchObject([
      { id: contentId(1), folders: ['m', 'a'], name: '1.mp3' },
      { id: contentId(1), folders: ['m', 'b'], name: '1.mp3' },
      { id: contentId(1), folders: [], name: contentId(1) },
    ]);
  });

  test('a line of a list that is no target fails alone', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', '--input', 'list'],
      ports: { readTargetList: () => Promise.resolve(ok(`a/b.txt\n${contentId(1)}\n`)) },
      answer: downloading((engine, transfer) => engine.emit({ type: 'download', download: done(transfer) })),
    });
    expect(code).toBe(64);
    expect(events).toMatchObject([
      { event: 'failed', code: 'bad-request', target: 'a/b.txt' },
      { event: 'done', id: contentId(1) },
    ]);
  });

  test('an argument that is no target fails alone', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', 'shoal:link.txt', contentId(1), 'b.txt'],
      answer: downloading((engine, transfer) => engine.emit({ type: 'download', download: done(transfer) })),
    });
    expect(code).toBe(1);
    expect(events).toMatchObject([
      { event: 'failed', code: 'bad-request', target: 'shoal:link.txt' },
      { event: 'failed', code: 'not-found', target: 'b.txt' },
      { event: 'done', id: contentId(1) },
    ]);
  });

  test('a reader that goes away stops it in silence, and it has not done what it was to do', async () => {
    const playing = start({
      argv: ['get', '--json', contentId(1)],
      answer: downloading((engine, transfer) =>
        engine.emit({ type: 'download', download: view(transfer, {}) }),
      ),
    });
    await until(() => playing.stdout.lines.length > 0);
    playing.stdout.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    const { code, stderr } = await playing.finished;
    expect([code, stderr.lines]).toEqual([1, []]);
  });

  test('a download that the engine refuses is a failure too', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: (command, engine) => {
        if (command.type === 'find-contents')
          engine.emit({ type: 'answer-find-contents', requestId: command.requestId, answer: ok([]) });
        if (command.type === 'download')
          engine.emit({
            type: 'answer-download',
            requestId: command.requestId,
            answer: fail('io', 'no permission'),
          });
      },
    });
    expect(code).toBe(74);
    expect(events).toEqual([{ event: 'failed', id: contentId(1), code: 'io', message: 'no permission' }]);
  });

  test('an id that no tracker can be asked about ends the command at once', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: (command, engine) => {
        if (command.type === 'find-contents')
          engine.emit({ type: 'answer-find-contents', requestId: command.requestId, answer: unreachable });
      },
    });
    expect(code).toBe(69);
    expect(events).toMatchObject([{ event: 'failed', code: 'unreachable' }]);
  });
});

const bob = { peer: peerId(5), name: 'bob', host: '127.0.0.1', port: 4005 };

describe('get, where many targets come to nothing for one reason', () => {
  const asked = ['bob:/a/1.txt', 'bob:/a/2.txt', 'bob:/b/'];
  const scene = (argv: readonly string[]) => ({
    argv,
    answer(command: EngineCommand, engine: FakeEngine): void {
      const { requestId } = command as { requestId: number };
      const answer = fail('not-found', 'No peer bob is online');
      if (command.type === 'browse') engine.emit({ type: 'answer-browse', requestId, answer, last: true });
      if (command.type === 'find-peer') engine.emit({ type: 'answer-find-peer', requestId, answer });
    },
  });

  test('people are told once', async () => {
    const { code, stderr } = await play(scene(['get', ...asked]));
    expect([code, stderr.lines]).toEqual([66, ['shoal: No peer bob is online (3 targets)']]);
  });

  test('scripts are told of each', async () => {
    const { events } = await play(scene(['get', '--json', ...asked]));
    expect(events.map(({ event, target }) => [event, target])).toEqual(asked.map((text) => ['failed', text]));
  });
});

describe('what get is told to get', () => {
  const result = (seed: number, name: string): SearchResult => ({
    id: contentId(seed),
    name,
    names: [name],
    sizeBytes: 1000,
    type: 'other',
    sources: [bob],
  });

  const knowing =
    (results: readonly SearchResult[], entries: readonly ListEntry[] = []) =>
    (command: EngineCommand, engine: FakeEngine): void => {
      if (command.type === 'find-name' || command.type === 'find-contents')
        engine.emit({ type: `answer-${command.type}`, requestId: command.requestId, answer: ok(results) });
      if (command.type === 'find-peer')
        engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer: ok(bob) });
      if (command.type === 'browse')
        engine.emit({ type: 'answer-browse', requestId: command.requestId, answer: ok(entries), last: true });
      if (command.type === 'download' && command.target.kind === 'tree')
        engine.emit(
          { type: 'answer-download', requestId: command.requestId, answer: ok(1) },
          { type: 'download', download: done(1) },
        );
      if (command.type === 'download' && command.target.kind === 'content') {
        const transfer = engine.sent.filter(({ type }) => type === 'download').indexOf(command) + 1;
        const { id } = command.target;
        engine.emit(
          { type: 'download', download: done(transfer, { id }) },
          { type: 'answer-download', requestId: command.requestId, answer: ok(transfer) },
        );
      }
    };

  const downloadsOf = (engine: FakeEngine | undefined) =>
    (engine?.sent ?? []).filter((command) => command.type === 'download').map(({ target }) => target);

  test('a name that only one content carries is that content, with its sources', async () => {
    const { code, engines } = await play({
      argv: ['get', 'Moby Dick.epub', '--out', 'books'],
      answer: knowing([result(1, 'Moby Dick.epub')]),
    });
    expect(code).toBe(0);
    expect(engines[0]?.sent).toContainEqual({
      type: 'download',
      requestId: 2,
      target: {
        kind: 'content',
        id: contentId(1),
        name: 'Moby Dick.epub',
        folders: [],
        sources: [{ peer: peerId(5), name: 'bob', host: '127.0.0.1', port: 4005 }],
      },
      outDir: '/nowhere/books',
      bytesPerSecond: 0,
      sizeBytes: 1000,
      giveUpAfterMs: 86_400_000,
    });
  });

  test('a name that several contents carry lists them with their ids', async () => {
    const { code, stdout, stderr, engines } = await play({
      argv: ['get', 'a.txt'],
      answer: knowing([result(1, 'a.txt'), result(2, 'a.txt')]),
    });
    expect([code, stdout.text]).toEqual([66, '']);
    expect(stderr.text).toContain('several files are called "a.txt"');
    expect(stderr.text).toContain(contentId(1));
    expect(stderr.text).toContain(contentId(2));
    expect(downloadsOf(engines[0])).toEqual([]);
  });

  test('a name that nothing carries is exit code 66, for scripts with a line', async () => {
    const { code, events } = await play({ argv: ['get', '--json', 'a.txt'], answer: knowing([]) });
    expect(code).toBe(66);
    expect(events).toEqual([
      { event: 'failed', id: null, code: 'not-found', message: 'nothing is called "a.txt"', target: 'a.txt' },
    ]);
  });

  test('what looks like a peer is told how its folders are written', async () => {
    const { code, stderr } = await play({ argv: ['get', 'bob:'], answer: knowing([]) });
    expect(code).toBe(66);
    expect(stderr.text).toBe('shoal: nothing is called "bob:"; all that bob shares is bob:/\n');
  });

  test('the name of a peer that is online is told how its folders are written; a file is no peer', async () => {
    const { code, stderr } = await play({ argv: ['get', 'bob'], answer: knowing([]) });
    expect([code, stderr.text]).toEqual([
      66,
      'shoal: nothing is called "bob"; all that bob shares is bob:/\n',
    ]);
    const file = await play({ argv: ['get', 'bob.txt'], answer: knowing([]) });
    expect(file.engines[0]?.sent.map(({ type }) => type)).not.toContain('find-peer');
    const nobody = await play({
      argv: ['get', 'bobby'],
      answer(command, engine) {
        if (command.type !== 'find-peer') return knowing([])(command, engine);
        const answer = fail('not-found', 'No peer bobby is online');
        engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer });
      },
    });
    expect([nobody.code, nobody.stderr.text]).toEqual([66, 'shoal: nothing is called "bobby"\n']);
  });

  test.each([
    [contentId(1).slice(1), 'an id has 52 letters, this has 51'],
    [`${contentId(1)}a`, 'an id has 52 letters, this has 53'],
    [`1${contentId(1).slice(1)}`, 'one of its letters is wrong'],
  ])('what is nearly an id is told to be none: %s', async (typed, why) => {
    const { code, stderr } = await play({ argv: ['get', typed], answer: knowing([]) });
    expect([code, stderr.text]).toEqual([
      66,
      `shoal: nothing is called "${typed}", and it is no id: ${why}\n`,
    ]);
  });

  test('an id gets the name that trackers know', async () => {
    const { engines } = await play({
      argv: ['get', contentId(3)],
      answer: knowing([result(3, 'real name.txt')]),
    });
    expect(downloadsOf(engines[0])).toMatchObject([{ id: contentId(3), name: 'real name.txt' }]);
  });

  test('a link carries id and name', async () => {
    const { engines } = await play({
      argv: ['get', `shoal:${contentId(3)}?name=a%20b.txt&size=5`],
      answer: knowing([]),
    });
    expect(downloadsOf(engines[0])).toMatchObject([{ id: contentId(3), name: 'a b.txt' }]);
  });

  test('a path without a slash at its end may be a folder too', async () => {
    const { engines } = await play({
      argv: ['get', 'bob:/a/b'],
      answer: knowing([], [{ kind: 'folder', path: '/a/b/', files: 1, sizeBytes: 1 }]),
    });
    expect(downloadsOf(engines[0])).toEqual([{ kind: 'tree', source: bob, path: '/a/b/' }]);
  });

  test('a path without a slash at its end is the file there', async () => {
    const { engines } = await play({
      argv: ['get', 'bob:/a/y.txt'],
      answer: knowing(
        [],
        [
          { kind: 'file', path: '/a/x.txt', id: contentId(1), sizeBytes: 1 },
          { kind: 'file', path: '/a/y.txt', id: contentId(2), sizeBytes: 1 },
        ],
      ),
    });
    expect(engines[0]?.sent).toContainEqual(
      expect.objectContaining({ type: 'browse', path: '/a/', recursive: false }),
    );
    expect(downloadsOf(engines[0])).toMatchObject([{ id: contentId(2), name: 'y.txt', folders: [] }]);
  });

  test('a colon without a slash after it is part of a name', async () => {
    const { engines } = await play({
      argv: ['get', 'Alien: Romulus.mkv'],
      answer: knowing([result(1, 'x')]),
    });
    expect(engines[0]?.sent[0]).toMatchObject({ type: 'find-name', name: 'Alien: Romulus.mkv' });
  });

  test("a limit is the engine's, for all that is fetched with it, and divided among nothing", async () => {
    const script = downloading((engine, transfer) =>
      engine.emit({ type: 'download', download: done(transfer) }),
    );
    const limited = await play({
      argv: ['get', contentId(1), contentId(2), contentId(3), '--limit-rate', '5M'],
      answer: script,
    });
    expect(limited.engines[0]?.config.limits).toEqual({
      downloadBytesPerSecond: 5 * 1024 * 1024,
      limitsLan: true,
    });
    const ofEach = limited.engines[0]?.sent.flatMap((command) =>
      command.type === 'download' ? [command.bytesPerSecond] : [],
    );
    expect(ofEach).toEqual([0, 0, 0]);
    const free = await play({ argv: ['get', contentId(1)], answer: script });
    expect(free.engines[0]?.config.limits).toEqual({});
  });

  test('many files are with the engine a window at a time', async () => {
    const open = new Set<number>();
    let transfers = 0;
    let most = 0;
    const ids = Array.from({ length: 200 }, (_, at) => contentId(at + 1));
    const { code, engines } = await play({
      argv: ['get', ...ids],
      answer: (command, engine) => {
        if (command.type !== 'download' || command.target.kind !== 'content')
          return knowing([])(command, engine);
        const transfer = (transfers += 1);
        const { id } = command.target;
        open.add(transfer);
        most = Math.max(most, open.size);
        engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(transfer) });
        setImmediate(() => {
          open.delete(transfer);
          engine.emit({ type: 'download', download: done(transfer, { id }) });
        });
      },
    });
    expect(code).toBe(0);
    expect(downloadsOf(engines[0])).toHaveLength(200);
    expect(most).toBeLessThanOrEqual(32);
  });
});

test('the same place named twice is downloaded once', async () => {
  const { events } = await play({
    argv: ['get', '--json', contentId(1), contentId(1)],
    answer: downloading((engine, transfer) => engine.emit({ type: 'download', download: done(transfer) })),
  });
  expect(events).toHaveLength(1);
});

describe('get, when things do not go well', () => {
  test('Ctrl-C stops the engine and says that the same command goes on', async () => {
    const playing = start({ argv: ['get', contentId(1)], answer: downloading(() => undefined) });
    await until(() => playing.engines[0]?.sent.some(({ type }) => type === 'download') ?? false);
    playing.signal('SIGINT');
    const { code, stderr, engines } = await playing.finished;
    expect(code).toBe(130);
    expect(engines[0]?.sent.at(-1)).toEqual({ type: 'stop', when: 'now' });
    expect(stderr.text).toContain('The same command goes on');
  });

  test('Ctrl-C says how much of what was under way is kept', async () => {
    const playing = start({
      argv: ['get', contentId(1)],
      answer: downloading((engine) => {
        const sizes = { sizeBytes: 300 * 2 ** 20, doneBytes: 115 * 2 ** 20 };
        engine.emit({ type: 'download', download: view(1, sizes) });
        playing.signal('SIGINT');
      }),
    });
    expect((await playing.finished).stderr.text).toContain('Stopped: 38 % of 300 MiB is kept. The same');
  });

  test('names that were changed on the way are counted, and told to scripts', async () => {
    const of = (flags: readonly string[]) =>
      play({
        argv: ['get', ...flags, ...[1, 2].map((seed) => `shoal:${contentId(seed)}?name=a%5C${seed}`)],
        answer: downloading((engine, at) =>
          engine.emit({
            type: 'download',
            download: done(at, { path: at === 1 ? '/out/a_1' : '/out/a\\2' }),
          }),
        ),
      });
    const { events } = await of(['--json']);
    expect(events.map(({ renamed }) => renamed)).toEqual(['a\\1', undefined]);
    expect((await of([])).stderr.lines.at(-1)).toMatch(/; 1 name was changed, such as a\\1 to a_1$/);
  });

  test('a second Ctrl-C does not wait for the engine', async () => {
    const playing = start({
      argv: ['get', contentId(1)],
      launched: (engine) => Object.assign(engine, { end: () => undefined }),
    });
    await until(() => playing.engines.length > 0);
    playing.signal('SIGINT');
    playing.signal('SIGINT');
    expect((await playing.finished).code).toBe(130);
  });

  test('a file that nobody has is given up after the time-out, and what is there of it is kept', async () => {
    const { code, events, engines } = await play({
      argv: ['get', '--json', '--timeout', '20ms', contentId(1)],
      answer: downloading((engine) =>
        engine.emit({ type: 'download', download: view(1, { state: 'finding', sources: 0 }) }),
      ),
    });
    expect(code).toBe(66);
    expect(events.at(-1)).toMatchObject({ event: 'failed', code: 'not-found' });
    expect(engines[0]?.sent).toContainEqual({ type: 'pause', transfers: [1] });
  });

  test('the time-out says when it is the tracker that does not answer', async () => {
    const { code } = await play({
      argv: ['get', '--timeout', '20ms', contentId(1)],
      answer: downloading((engine) => {
        const problem = unreachable.ok ? undefined : unreachable.problem;
        const tracker = trackerView({ state: 'waiting', id: undefined, problem });
        engine.emit(
          { type: 'tracker', tracker },
          { type: 'download', download: view(1, { state: 'finding', sources: 0 }) },
        );
      }),
    });
    expect(code).toBe(69);
  });

  test('what no tracker knows is given up sooner, however often it is looked for', async () => {
    let nowMs = 0;
    const notFound = { code: 'not-found', message: 'Nobody who is online has it' } as const;
    const { code } = await play({
      argv: ['get', contentId(1)],
      ports: { now: () => nowMs },
      answer: downloading((engine) => {
        const finding = view(1, { state: 'finding', sources: 0 });
        engine.emit({ type: 'download', download: finding });
        nowMs = 5_000;
        engine.emit({ type: 'download', download: { ...finding, state: 'waiting', problem: notFound } });
        nowMs = 9_990;
        engine.emit({ type: 'download', download: finding });
      }),
    });
    expect(code).toBe(66);
  });

  test.each([
    ['ends soon where its only peer has it no more, however often that is asked', 0, 1],
    ['goes on where something comes of it again', 10, 0],
  ])('a file that %s', async (_how, fetchedBytes, expected) => {
    let nowMs = 0;
    const { code, events } = await play({
      argv: ['get', '--json', contentId(1)],
      ports: { now: () => nowMs },
      answer: downloading((engine) => {
        const refused = { code: 'not-shared', message: 'The peer that was asked does not share it' } as const;
        const waiting = view(1, { state: 'waiting', sources: 0, problem: refused });
        engine.emit({ type: 'download', download: waiting });
        nowMs = 8_000;
        engine.emit({ type: 'download', download: view(1, { fetchedBytes }) });
        nowMs = 11_000;
        engine.emit({ type: 'download', download: { ...waiting, fetchedBytes } });
        if (fetchedBytes > 0) engine.emit({ type: 'download', download: done(1) });
      }),
    });
    expect(code).toBe(expected);
    expect(events.at(-1)?.['event']).toBe(expected === 0 ? 'done' : 'failed');
  });

  test('what nobody shares is counted among what was asked for', async () => {
    const { code, stderr } = await play({
      argv: ['get', contentId(1), 'b.txt'],
      answer: downloading((engine) => engine.emit({ type: 'download', download: done(1) })),
    });
    expect(code).toBe(66);
    expect(stderr.lines).toEqual([
      'shoal: nothing is called "b.txt"',
      expect.stringMatching(/^1 of 2 files verified in \/nowhere: /),
    ]);
  });

  test('folders that are not found are counted apart: nobody knows how many files they have', async () => {
    const playDownload = downloading((engine) => engine.emit({ type: 'download', download: done(1) }));
    const { stderr } = await play({
      argv: ['get', contentId(1), 'b.txt', 'bob:/x/', 'bob:/y/'],
      answer(command, engine) {
        if (command.type === 'find-peer')
          engine.emit({
            type: 'answer-find-peer',
            requestId: command.requestId,
            answer: fail('not-found', 'no'),
          });
        else playDownload(command, engine);
      },
    });
    expect(stderr.lines.at(-1)).toMatch(
      /^1 of 2 files verified in \/nowhere: .*; 2 folders could not be had$/,
    );
  });

  test('a file that comes to wait is told of at once, and again only for another reason', async () => {
    const problem = { code: 'busy', message: 'All sources are busy' } as const;
    const waiting = view(1, { state: 'waiting', sources: 0, problem, nextAttemptMs: 86_400_000 });
    const { stdout } = await play({
      argv: ['get', contentId(1)],
      answer: downloading((engine) => {
        for (const download of [waiting, { ...waiting, state: 'finding' as const }, waiting, done(1)])
          engine.emit({ type: 'download', download });
      }),
    });
    expect(stdout.lines).toEqual([
      `0 %  file-1  waiting: All sources are busy, next attempt at ${formatClock(86_400_000, true)}`,
      expect.stringMatching(/^Verified/),
    ]);
  });

  test('files and folders come from the front where that is said', async () => {
    const { engines } = await play({
      argv: ['get', '--sequential', contentId(1)],
      answer: downloading((engine) => engine.emit({ type: 'download', download: done(1) })),
    });
    expect(engines[0]?.sent.find(({ type }) => type === 'download')).toMatchObject({ order: 'sequential' });
  });

  test('what its only peer shares no more is told by the name of that peer', async () => {
    const alice = { peer: peerId(2), name: 'alice', host: '127.0.0.1', port: 4001 };
    const problem = { code: 'not-shared', message: 'The peer that was asked does not share it' } as const;
    const playDownload = downloading((engine) =>
      engine.emit({ type: 'download', download: view(1, { state: 'waiting', sources: 0, problem }) }),
    );
    const { events } = await play({
      argv: ['get', '--json', '--timeout', '5ms', 'a.txt'],
      answer(command, engine) {
        if (command.type !== 'find-name') return playDownload(command, engine);
        const found = [
          { id: contentId(1), name: 'a.txt', names: ['a.txt'], sizeBytes: 9, type: 'document' as const },
        ];
        const answer = ok(found.map((one) => ({ ...one, sources: [alice] })));
        engine.emit({ type: 'answer-find-name', requestId: command.requestId, answer });
      },
    });
    expect(events.at(-1)).toMatchObject({
      code: 'not-shared',
      message: 'no source was found in time: alice does not share it any more',
    });
  });

  test('being in a queue is no reason to give up', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { code } = await play({
        argv: ['get', '--timeout', '1h', contentId(1)],
        answer: downloading((engine) => {
          engine.emit({ type: 'download', download: view(1, { state: 'finding', sources: 0 }) });
          engine.emit({
            type: 'download',
            download: view(1, { state: 'waiting', sources: 0, queuePosition: 3 }),
          });
          setImmediate(() => {
            jest.advanceTimersByTime(2 * 3_600_000);
            engine.emit({ type: 'download', download: done(1) });
          });
        }),
      });
      expect(code).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('an engine that gives up fails what was under way and what was to come', async () => {
    const { code, events, stderr } = await play({
      argv: ['get', '--json', ...Array.from({ length: 40 }, (_, at) => contentId(at))],
      answer: downloading((engine, transfer) => {
        if (transfer < 5) return;
        engine.emit({ type: 'fault', problem: { code: 'internal', message: 'too many restarts' } });
        engine.end(70);
      }),
    });
    expect(code).toBe(70);
    expect(events.filter(({ code }) => code === 'internal')).toHaveLength(40);
    expect(stderr.text).toBe('');
  });

  test('Ctrl-C reports no failures', async () => {
    const playing = start({
      argv: ['get', '--json', contentId(1), contentId(2)],
      answer: downloading(() => undefined),
    });
    await until(() => (playing.engines[0]?.sent.filter(({ type }) => type === 'download').length ?? 0) === 2);
    playing.signal('SIGINT');
    expect((await playing.finished).events).toEqual([]);
  });

  test('when nothing comes of anything, files are not all waited for as long as the first', async () => {
    const { code, events } = await play({
      argv: ['get', '--json', '--timeout', '50ms', ...Array.from({ length: 100 }, (_, at) => contentId(at))],
      ports: { now: () => performance.now() },
      answer: downloading((engine, transfer) =>
        engine.emit({ type: 'download', download: view(transfer, { state: 'finding', sources: 0 }) }),
      ),
    });
    expect(code).toBe(66);
    expect(events.filter(({ event }) => event === 'failed')).toHaveLength(100);
  });

  test('hostile names reach neither terminal nor log raw', async () => {
    const hostile = 'a\u001b]52;c;eA==\u0007\u001b[2J\r\n\u009b\u202egpj.exe';
    const { stdout, stderr } = await play({
      argv: ['get', contentId(1)],
      answer: downloading((engine) => {
        engine.emit({ type: 'download', download: done(1, { path: `/out/${hostile}` }) });
      }),
    });
    expect(stdout.lines).toHaveLength(1);
    expect(stdout.text + stderr.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('for scripts a hostile name keeps its value but not its power', async () => {
    const hostile = 'a\u009b\u202e\u{e0041}\u007fb';
    const { stdout, events } = await play({
      argv: ['get', '--json', contentId(1)],
      answer: downloading((engine) => {
        engine.emit({ type: 'download', download: done(1, { path: hostile }) });
      }),
    });
    expect(events.at(-1)?.['path']).toBe(hostile);
    expect(stdout.text).toMatch(/"a\\u009b\\u202e\\udb40\\udc41\\u007fb"/);
  });

  test('says what was wrong with a target before anything is started', async () => {
    const { code, engines, stderr } = await play({ argv: ['get', 'shoal:nonsense'] });
    expect([code, engines.length]).toEqual([64, 0]);
    expect(stderr.text).toContain('expected a link');
  });
});
