import { describe, expect, test } from '@jest/globals';
import { control } from '../../../src/actors/peer/downloads/download-control.ts';
import { TransferBook } from '../../../src/actors/peer/downloads/transfer-book.ts';
import { viewOf, type TransferRecord } from '../../../src/actors/peer/downloads/transfer-record.ts';
import type { CliPorts } from '../../../src/cli/peer/ports.ts';
import { chooseDownloads } from '../../../src/cli/queue/queue-targets.ts';
import type { AttachedEngine, DownloadView, EngineCommand } from '../../../src/core/engine/engine-api.ts';
import { maxQueueRows } from '../../../src/core/limits/cli.ts';
import { ok } from '../../../src/core/result.ts';
import { checkCommand } from '../../../src/engine/command-check.ts';
import { formatClock } from '../../../src/tui/text/numbers.ts';
import { downloadView, engineSnapshot } from '../../helpers/views.ts';
import { contentId, FakeEngine, peerId, play, type Played } from '../fakes.ts';

type Changes = Partial<Omit<TransferRecord, 'request' | 'rate'>>;

/** The engine of another process that has nothing but a queue: the real book, under the real commands. */
class QueueEngine {
  readonly book = new TransferBook();
  readonly sent: EngineCommand[] = [];
  /** Whether it does what it is told. */
  isDeaf = false;
  #count = 0;

  connect(): AttachedEngine {
    const client = new FakeEngine({} as never, (command) => this.#obey(command, client));
    return Object.assign(client, { pid: 4242, close: () => client.end(0) });
  }

  add(name: string, changes: Changes = {}): this {
    const id = contentId((this.#count += 1));
    const target = { kind: 'content', id, name, folders: [], sources: [] } as const;
    const added = this.book.add({ target, outDir: '/out', bytesPerSecond: 0 }, 0);
    if (!added.ok) throw new Error(added.problem.message);
    const { record } = added.value;
    Object.assign(record, { sizeBytes: 1000, ...changes });
    this.#changed(record);
    return this;
  }

  addFolder(path: string): this {
    this.#count += 1;
    const source = { peer: peerId(7), name: 'alice', host: '127.0.0.1', port: 4007 };
    const target = { kind: 'tree', source, path } as const;
    this.book.add({ target, outDir: '/out', bytesPerSecond: 0 }, 0);
    return this;
  }

  /** In the order of their turns. */
  get names(): readonly string[] {
    return Array.from(this.book.order(), (record) => viewOf(record).name);
  }

  view(transfer: number): DownloadView | undefined {
    const record = this.book.get(transfer);
    return record && viewOf(record);
  }

  #obey(command: EngineCommand, client: FakeEngine): void {
    expect(checkCommand(command)).toBe(true);
    this.sent.push(command);
    const turns = {
      stop: () => true,
      wake: () => undefined,
      workerOf: () => undefined,
      rouse: () => undefined,
    };
    const remove = (records: readonly TransferRecord[]): void =>
      records.forEach((record) => this.book.remove(record));
    if (command.type === 'snapshot') {
      this.book.renumber(Infinity);
      const snapshot = engineSnapshot({ downloads: Array.from(this.book.records(), viewOf) });
      client.emit({ type: 'answer-snapshot', requestId: command.requestId, answer: ok(snapshot) });
    } else if ('transfers' in command && !this.isDeaf)
      control(command, { book: this.book, turns, changed: (record) => this.#changed(record), remove });
  }

  #changed(record: TransferRecord): void {
    if (['done', 'failed', 'cancelled'].includes(record.state)) this.book.end(record, 5);
  }
}

const run = (engine: QueueEngine, argv: readonly string[], ports: Partial<CliPorts> = {}): Promise<Played> =>
  play({
    argv: ['queue', ...argv],
    ports: { connectEngine: () => Promise.resolve(ok(engine.connect())), ...ports },
  });

const full = (): QueueEngine =>
  new QueueEngine()
    .add('film.mkv', { state: 'downloading', doneBytes: 450, sources: 2 })
    .add('song.flac')
    .add('book.epub', { state: 'paused' })
    .add('old.iso', { state: 'done', doneBytes: 1000 })
    .add('bad.iso', { state: 'failed', problem: { code: 'piece-mismatch', message: 'It is wrong' } });

describe('shoal queue', () => {
  test('lists what runs, waits, is paused and has ended, those that come first before, with what there is to say', async () => {
    const nextAttemptMs = 86_400_000;
    const problem = { code: 'busy', message: 'All sources are busy' } as const;
    const engine = full().add('late.txt', {
      ...{ state: 'waiting', queuePosition: 2, problem, nextAttemptMs, priority: 'normal' as const },
    });
    engine.book.get(1)?.rate.setRate(2048);
    const { code, stdout } = await run(engine, []);
    expect(code).toBe(0);
    expect(stdout.lines).toEqual([
      'No.  State         Done   Size  Speed  Left  Sources  Priority  Name',
      '  1  downloading   45 %  1 KiB      -     -        2  normal    film.mkv',
      '     at most 2 KiB/s',
      '  2  queued         0 %  1 KiB      -     -        0  normal    song.flac',
      '  3  paused         0 %  1 KiB      -     -        0  normal    book.epub',
      '  6  waiting        0 %  1 KiB      -     -        0  normal    late.txt',
      `     waits: All sources are busy, place 2 in the queue, next attempt at ${formatClock(nextAttemptMs, true)}`,
      '  5  failed         0 %  1 KiB      -     -        -  -         bad.iso',
      '     It is wrong',
      '  4  done         100 %  1 KiB      -     -        -  -         old.iso',
    ]);
  });

  test('tells scripts of each with its state, why it waits and when it is tried again', async () => {
    const problem = { code: 'not-found', message: 'Nobody has it' } as const;
    const engine = new QueueEngine().add('a.txt', {
      state: 'waiting',
      problem,
      attempts: 3,
      nextAttemptMs: 77.25,
    });
    const { events } = await run(engine, ['--json']);
    expect(events).toEqual([
      {
        ...{ transfer: 1, id: contentId(1), name: 'a.txt', place: 1, state: 'waiting', problem, attempts: 3 },
        ...{
          nextAttemptMs: 78,
          priority: 'normal',
          sequential: false,
          limit: 0,
          done: 0,
          size: 1000,
          percent: 0,
        },
        ...{ bytesPerSecond: 0, sources: 0, knownSources: 0, out: '/out', path: null, addedMs: 0 },
      },
    ]);
  });

  test('measures how fast they are', async () => {
    const engine = full();
    let nowMs = 0;
    const wait = (): Promise<void> => {
      nowMs += 1_000;
      Object.assign(engine.book.get(1) ?? {}, { fetchedBytes: 20_480 });
      return Promise.resolve();
    };
    const { events } = await run(engine, ['1', '--json'], { now: () => nowMs, wait });
    expect(events).toMatchObject([{ transfer: 1, bytesPerSecond: 20_480 }]);
  });

  test.each(['done', 'failed', 'paused', 'cancelled', 'waiting'] as const)(
    'gives no speed to what is %s, though bytes came a moment ago',
    async (state) => {
      const engine = full();
      let nowMs = 0;
      const wait = (): Promise<void> => {
        nowMs += 1_000;
        Object.assign(engine.book.get(1) ?? {}, { fetchedBytes: 20_480, state });
        return Promise.resolve();
      };
      const { events } = await run(engine, ['1', '--json'], { now: () => nowMs, wait });
      expect(events).toMatchObject([{ transfer: 1, state, bytesPerSecond: 0 }]);
    },
  );

  test('shows people a bounded number, scripts all', async () => {
    const engine = new QueueEngine();
    for (let at = 0; at <= maxQueueRows; at++) engine.add(`file-${at}`);
    const { stdout } = await run(engine, []);
    expect([stdout.lines.length, stdout.lines.at(-1)]).toEqual([maxQueueRows + 2, 'and 1 other, see --json']);
    expect((await run(engine, ['--json'])).events).toHaveLength(maxQueueRows + 1);
  });

  test.each([
    ['puase', '3', 'pause'],
    ['Canel', '3', 'cancel'],
    ['remvoe', 'done', 'remove'],
  ])('takes a mistyped command for one: %s', async (typed, target, meant) => {
    const { code, stdout, stderr } = await run(full(), [typed, target]);
    expect([code, stdout.text, stderr.lines]).toEqual([
      64,
      '',
      [`shoal: ${typed}: no such command (did you mean ${meant}?); see shoal queue --help`],
    ]);
  });

  test('says so without a running peer too, and of what is no command that there is none', async () => {
    const mistyped = await play({ argv: ['queue', 'puase', '3'] });
    expect([mistyped.code, mistyped.stderr.lines]).toEqual([
      64,
      ['shoal: puase: no such command (did you mean pause?); see shoal queue --help'],
    ]);
    expect((await play({ argv: ['queue', 'film.mkv'] })).code).toBe(69);
    expect((await play({ argv: ['queue'] })).code).toBe(69);
  });

  test('takes no download and no word for many for a mistyped command', async () => {
    const { code, stdout } = await run(new QueueEngine().add('puase'), ['puase']);
    expect([code, stdout.lines.length]).toEqual([0, 2]);
    for (const typed of ['pasued', 'nothere', 'al']) expect((await run(full(), [typed, '3'])).code).toBe(66);
  });

  test('says that there is nothing, and that no peer runs', async () => {
    expect((await run(new QueueEngine(), [])).stdout.lines).toEqual(['Nothing is in the queue.']);
    expect((await play({ argv: ['queue'] })).code).toBe(69);
    expect((await play({ argv: ['queue', 'pause', 'all'] })).code).toBe(69);
  });
});

describe('a change of the queue', () => {
  test('pauses, resumes, cancels and takes up again, and says what was done', async () => {
    const engine = full();
    const paused = await run(engine, ['pause', '1', 'song.flac']);
    expect([paused.code, paused.stdout.lines]).toEqual([0, ['Paused: 1 film.mkv', 'Paused: 2 song.flac']]);
    expect([engine.view(1)?.state, engine.view(2)?.state]).toEqual(['paused', 'paused']);
    const resumed = await run(engine, ['resume', '2', '--json']);
    expect(resumed.events).toEqual([
      {
        ...{ event: 'queue', action: 'resume', transfer: 2, id: contentId(2), name: 'song.flac' },
        ...{ state: 'queued', place: 2, changed: true },
      },
    ]);
    const cancelled = await run(engine, ['cancel', contentId(3).slice(0, 6)]);
    expect(cancelled.stdout.lines).toEqual(['Cancelled; what is on the disk stays: 3 book.epub']);
    const retried = await run(engine, ['retry', 'failed']);
    expect(retried.stdout.lines).toEqual(['Trying again: 5 bad.iso', 'Trying again: 3 book.epub']);
    expect([engine.view(3)?.state, engine.view(5)?.state]).toEqual(['queued', 'queued']);
  });

  test('does nothing twice, and says that it is so already', async () => {
    const engine = full();
    const { code, stdout } = await run(engine, ['pause', 'book.epub']);
    expect([code, stdout.lines]).toEqual([0, ['Paused already: 3 book.epub']]);
    expect(engine.sent.map(({ type }) => type)).toEqual(['snapshot']);
  });

  test('refuses what makes no sense for a download that is named, and passes it over among many', async () => {
    const engine = full();
    const { code, stderr } = await run(engine, ['pause', '4', '1']);
    expect([code, stderr.lines, engine.view(1)?.state]).toEqual([
      1,
      ['shoal: 4 old.iso is finished: nothing to pause'],
      'paused',
    ]);
    const all = await run(engine, ['pause', 'all']);
    expect([all.code, all.stdout.lines, all.stderr.text]).toEqual([0, ['Paused: 2 song.flac'], '']);
    const none = await run(engine, ['pause', 'done']);
    expect([none.code, none.stderr.lines]).toEqual([0, ['There is nothing to pause.']]);
  });

  test('tells only what has come about', async () => {
    const engine = full();
    engine.isDeaf = true;
    const { code, stdout, stderr } = await run(engine, ['pause', '1']);
    expect([code, stdout.text, stderr.lines]).toEqual([
      1,
      '',
      ['shoal: 1 film.mkv is downloading still: nothing was done'],
    ]);
  });

  test('takes them off the list, with what they wrote where that is said', async () => {
    const engine = full();
    const removed = await run(engine, ['remove', 'done']);
    expect(removed.stdout.lines).toEqual(['Removed from the list; what is on the disk stays: 4 old.iso']);
    expect(engine.sent[1]).toEqual({ type: 'remove', transfers: [4], deletesData: false });
    const deleted = await run(engine, ['remove', '--delete-data', '1', '--json']);
    expect(engine.sent.find((command) => command.type === 'remove' && command.deletesData)).toBeDefined();
    expect(deleted.events).toEqual([
      { event: 'queue', action: 'remove', transfer: 1, id: contentId(1), name: 'film.mkv', changed: true },
    ]);
    expect([engine.view(1), engine.view(4)]).toEqual([undefined, undefined]);
  });

  test('of what is to be deleted says no more than is so: not yet, and of a folder not all', async () => {
    const engine = new QueueEngine().add('film.mkv').addFolder('/music/');
    const { stdout } = await run(engine, ['remove', '--delete-data', '1', '2']);
    expect(stdout.lines).toEqual([
      'Removed; what it wrote is being deleted: 1 film.mkv',
      'Removed; its unfinished files are being deleted, finished ones stay: 2 music/',
    ]);
  });

  test.each([
    ['top', ['c', 'a', 'b', 'd'], 'Moved to the top: 3 c, place 1'],
    ['up', ['a', 'c', 'b', 'd'], 'Moved up: 3 c, place 2'],
    ['down', ['a', 'b', 'd', 'c'], 'Moved down: 3 c, place 4'],
    ['bottom', ['a', 'b', 'd', 'c'], 'Moved to the bottom: 3 c, place 4'],
  ])('moves to another place: %s', async (way, names, told) => {
    const engine = new QueueEngine().add('a').add('b').add('c').add('d');
    const { code, stdout } = await run(engine, [way, 'c']);
    expect([code, engine.names, stdout.lines]).toEqual([0, names, [told]]);
  });

  test('says where one stays that can move no further', async () => {
    const { code, stdout } = await run(full(), ['up', '1']);
    expect([code, stdout.lines]).toEqual([
      0,
      ['Stays where it is: 1 film.mkv, place 1, first of priority normal; priority comes before place'],
    ]);
  });

  test.each([
    ['up', '2', 'Stays where it is: 2 b, place 2, first of priority normal; priority comes before place'],
    ['bottom', '1', 'Stays where it is: 1 a, place 1, last of priority high; priority comes before place'],
  ])('says that one may not pass those of another priority: %s', async (way, target, told) => {
    const engine = new QueueEngine().add('a').add('b').add('c');
    await run(engine, ['priority', 'high', '1']);
    const { code, stdout } = await run(engine, [way, target]);
    expect([code, engine.names, stdout.lines]).toEqual([0, ['a', 'b', 'c'], [told]]);
  });

  test('calls only the first of those that stay together the first', async () => {
    const { stdout } = await run(new QueueEngine().add('a').add('b').add('c'), ['top', '1', '2']);
    expect(stdout.lines).toEqual([
      'Stays where it is: 1 a, place 1, first of priority normal; priority comes before place',
      'Stays where it is: 2 b, place 2',
    ]);
  });

  test.each([
    [['cancel', '4'], '4 old.iso is finished: nothing to cancel'],
    [['resume', '4'], '4 old.iso is finished: nothing to resume'],
    [['retry', '4'], '4 old.iso is finished: nothing to try again'],
    [['retry', '3'], '3 book.epub is paused: shoal queue resume lets it go on'],
    [['pause', '5'], '5 bad.iso has failed: nothing to pause'],
    [['resume', '5'], '5 bad.iso has failed: shoal queue retry takes it up again'],
    [['up', '4'], '4 old.iso is finished: it has no place to move from'],
    [['priority', 'high', '4'], '4 old.iso is finished: priority makes no difference'],
    [['limit', '5M', '4'], '4 old.iso is finished: nothing to limit'],
    [['sequential', 'on', '4'], '4 old.iso is finished: no pieces left to order'],
  ])('says why %j makes no sense', async (argv, why) => {
    const { code, stdout, stderr } = await run(full(), argv);
    expect([code, stdout.text, stderr.lines]).toEqual([1, '', [`shoal: ${why}`]]);
  });

  test('sets priority, limit and the order of pieces, and takes them back', async () => {
    const engine = full();
    const lines = async (...argv: readonly string[]): Promise<readonly string[]> =>
      (await run(engine, argv)).stdout.lines;
    expect(await lines('priority', 'high', '2')).toEqual(['Priority high: 2 song.flac, place 1']);
    expect(engine.names[0]).toBe('song.flac');
    expect(await lines('limit', '500K', '1', '2')).toHaveLength(2);
    expect(engine.view(1)?.limitBytesPerSecond).toBe(500 * 1024);
    expect(await lines('limit', '0', '1')).toEqual(['No limit: 1 film.mkv']);
    expect(await lines('sequential', 'on', '1')).toEqual(['From the front: 1 film.mkv']);
    expect(await lines('sequential', 'on', '1')).toEqual(['From the front already: 1 film.mkv']);
    expect(await lines('sequential', 'off', '1')).toEqual(['Rarest pieces first: 1 film.mkv']);
  });

  test.each([
    [['priority', 'urgent', '1'], /priority: expected one of high, normal, low, got "urgent"/],
    [['limit', 'fast', '1'], /rate: expected bytes per second, such as 500K or 5M, got "fast"/],
    [['sequential', 'yes', '1'], /expected one of on, off, got "yes"/],
    [['pause'], /expected TARGET, got nothing; see shoal queue pause --help/],
  ])('refuses %j with what was expected', async (argv, words) => {
    const { code, stderr } = await run(full(), argv);
    expect(code).toBe(64);
    expect(stderr.text).toMatch(words);
  });

  test('says of what nothing is called so, once, and goes on with the others', async () => {
    const people = await run(full(), ['pause', 'nothere', '1']);
    expect([people.code, people.stdout.lines]).toEqual([66, ['Paused: 1 film.mkv']]);
    expect(people.stderr.lines).toEqual([
      'shoal: nothing in the queue is "nothere": expected a number that shoal queue shows, the first 4 letters of an id or more, a name, or all, active, waiting, paused, done, failed',
    ]);
    const scripts = await run(full(), ['pause', 'nothere', '--json']);
    expect([scripts.code, scripts.stderr.text]).toEqual([66, '']);
    expect(scripts.events).toMatchObject([
      { event: 'failed', action: 'pause', target: 'nothere', code: 'not-found' },
    ]);
  });
});

describe('a target in the queue', () => {
  const ids = [1, 2, 3].map((seed) => contentId(seed));
  const named = (...names: readonly string[]): readonly DownloadView[] =>
    names.map((name, at) => downloadView({ transfer: at + 1, name, id: ids[at] }));
  const chosen = (target: string, downloads: readonly DownloadView[]): unknown => {
    const { downloads: found, problems } = chooseDownloads([target], downloads);
    return problems[0]?.problem.code ?? found.map(({ transfer }) => transfer);
  };

  test.each([
    ['2', ['2', 'b'], [2]],
    ['b', ['a', 'b'], [2]],
    ['B', ['a', 'b'], [2]],
    ['B', ['b', 'B'], [2]],
    ['music/', ['a', 'music'], [2]],
    ['all', ['a', 'b'], [1, 2]],
    ['active', ['a', 'b'], [1, 2]],
    ['paused', ['a', 'b'], []],
    ['same', ['same', 'same'], 'ambiguous'],
    ['c', ['a', 'b'], 'not-found'],
    ['', ['a', 'b'], 'not-found'],
    ['constructor', ['a'], 'not-found'],
  ])('%j among %j is %j', (target, names, meant) => {
    expect(chosen(target, named(...names))).toEqual(meant);
  });

  test('is an id by as many letters of it as no other has', () => {
    const [one = '', two = ''] = ids;
    let shared = 0;
    while (one[shared] === two[shared]) shared += 1;
    expect(chosen(one.slice(0, Math.max(4, shared + 1)), named('a', 'b'))).toEqual([1]);
    expect(chosen(one.slice(0, 3), named('a', 'b'))).toBe('not-found');
    expect(
      chosen(one, [downloadView({ transfer: 1, id: ids[0] }), downloadView({ transfer: 2, id: ids[0] })]),
    ).toBe('ambiguous');
  });

  test('is one download however often it is meant', () => {
    const { downloads } = chooseDownloads(['a', '1', 'all'], named('a', 'b'));
    expect(downloads.map(({ transfer }) => transfer)).toEqual([1, 2]);
  });
});
