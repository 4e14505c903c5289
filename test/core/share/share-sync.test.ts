import { createHash, hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { deniedFile } from '../../../src/core/tracker/deny-list.ts';
import { contentId, decodeId } from '../../../src/core/ids.ts';
import {
  maxDeniedOffered,
  maxJournalFiles,
  maxUnaskedChanges,
} from '../../../src/core/limits/tracker-link.ts';
import { maxFilesPerAdd } from '../../../src/core/limits/wire.ts';
import { bucketOf, ShareDigest } from '../../../src/core/share/share-digest.ts';
import { ShareSync, type ShareSummary, type SyncMessage } from '../../../src/core/share/share-sync.ts';
import * as fc from '../../helpers/properties.ts';

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

function file(number: number, path = `/s/${number}.txt`): SharedFile {
  const id = contentId(createHash('sha256').update(String(number)).digest());
  return { id, path, sizeBytes: number };
}

const files = (from: number, to: number): SharedFile[] =>
  Array.from({ length: to - from }, (_, at) => file(from + at));

/** A tracker's rows of one peer, as the protocol changes them. */
class FakeTracker {
  readonly rows = new Map<string, SharedFile>();
  generation = 0;
  refuses: (file: SharedFile) => boolean = () => false;
  /** So many comparisons and commits are put off. */
  busyFor = 0;
  log: string[] = [];
  refusal = 'bad-name';
  #rejected: SharedFile[] = [];

  summary(): ShareSummary {
    return { generation: this.generation, count: this.rows.size, digest: this.digest().digest() };
  }

  digest(extra: readonly SharedFile[] = []): ShareDigest {
    const digest = new ShareDigest(sha256);
    for (const row of [...this.rows.values(), ...extra]) digest.add(row);
    return digest;
  }

  /** Applies a message; calls back the answer it has. */
  take(message: SyncMessage, sync: ShareSync): void {
    this.log.push(message.type);
    if (this.busyFor > 0 && (message.type === 'sync' || message.type === 'commit')) {
      this.busyFor -= 1;
      return sync.busy();
    }
    switch (message.type) {
      case 'sync':
        if (this.#is(message.state)) sync.inSync();
        else sync.buckets(this.digest().bucketDigests());
        return;
      case 'drop-buckets':
        for (const [key, row] of this.rows)
          if (message.buckets.includes(bucketOf(decodeId(row.id)!))) this.rows.delete(key);
        return;
      case 'add':
        for (const added of message.files) {
          if (this.refuses(added)) this.#rejected.push(added);
          else this.rows.set(added.id + added.path, added);
        }
        return;
      case 'remove':
        for (const removed of message.files) this.rows.delete(removed.id + removed.path);
        return;
      case 'commit': {
        const rejected = this.#rejected;
        this.#rejected = [];
        if (this.#is(message.state, rejected)) {
          this.generation = message.state.generation;
          sync.committed(rejected.map(({ path }) => ({ path, code: this.refusal })));
        } else if (!sync.stale()) throw new Error('gave up');
      }
    }
  }

  /** Loses a row, if there are so many. */
  forget(at: number): void {
    const key = [...this.rows.keys()][at];
    if (key !== undefined) this.rows.delete(key);
  }

  #is(state: ShareSummary, extra: readonly SharedFile[] = []): boolean {
    const digest = this.digest(extra);
    return digest.count === state.count && Buffer.compare(digest.digest(), state.digest) === 0;
  }
}

function run(sync: ShareSync, tracker: FakeTracker): string[] {
  tracker.log = [];
  for (let message = sync.next(); message !== undefined; message = sync.next()) tracker.take(message, sync);
  return tracker.log;
}

function connect(sync: ShareSync, tracker: FakeTracker, maxFiles = 1e6): string[] {
  sync.begin(tracker.summary(), maxFiles);
  return run(sync, tracker);
}

describe('a share meets a tracker', () => {
  test('one that has never seen it gets all of it in bounded batches, then a commit', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, maxFilesPerAdd + 10), []);
    expect(connect(sync, tracker)).toEqual(['sync', 'add', 'add', 'commit']);
    expect(tracker.rows.size).toBe(maxFilesPerAdd + 10);
    expect(sync.phase).toBe('synced');
  });

  test('one that still knows it is sent nothing at all', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 100), []);
    connect(sync, tracker);
    const again = new ShareSync(sha256);
    again.change(files(0, 100).toReversed(), []);
    expect(connect(again, tracker)).toEqual([]);
    expect(again.phase).toBe('synced');
  });

  test('a small one is not asked about first', () => {
    const sync = new ShareSync(sha256);
    sync.change(files(0, maxUnaskedChanges), []);
    expect(connect(sync, new FakeTracker())).toEqual(['add', 'commit']);
  });

  test('one that lacks a little gets only the buckets that differ', () => {
    const tracker = new FakeTracker();
    const before = new ShareSync(sha256);
    before.change(files(0, 5_000), []);
    connect(before, tracker);
    const sync = new ShareSync(sha256);
    sync.change([...files(0, 17), ...files(18, 5_000), file(9_999)], []);
    let sent = 0;
    sync.begin(tracker.summary(), 1e6);
    tracker.log = [];
    for (let message = sync.next(); message !== undefined; message = sync.next()) {
      if (message.type === 'add') sent += message.files.length;
      tracker.take(message, sync);
    }
    expect(tracker.log).toEqual(['sync', 'drop-buckets', 'add', 'commit']);
    expect(sent).toBeLessThan(200);
    expect(tracker.rows.size).toBe(5_000);
    expect(tracker.rows.has(file(17).id + file(17).path)).toBe(false);
  });

  test('an empty share clears what a tracker remembers', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 10), []);
    connect(sync, tracker);
    expect(connect(new ShareSync(sha256), tracker)).toEqual(['sync', 'drop-buckets', 'commit']);
    expect(tracker.rows.size).toBe(0);
  });
});

describe('a share that changed while there was no connection', () => {
  function synced(count: number): { sync: ShareSync; tracker: FakeTracker } {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, count), []);
    connect(sync, tracker);
    sync.end();
    return { sync, tracker };
  }

  test('is told of what was touched, and of nothing else', () => {
    const { sync, tracker } = synced(5_000);
    sync.change(files(8_000, 8_006), files(10, 14));
    sync.change([file(10)], [file(8_000)]);
    sync.begin(tracker.summary(), 1e6);
    const sent = [sync.next()!, sync.next()!, sync.next()!];
    expect(sent).toMatchObject([{ type: 'remove' }, { type: 'add' }, { type: 'commit' }]);
    expect(sent[0]).toHaveProperty('files.length', 4);
    expect(sent[1]).toHaveProperty('files.length', 6);
    for (const message of sent) tracker.take(message, sync);
    expect([sync.phase, tracker.rows.size]).toEqual(['synced', 5_002]);
  });

  test('even where the answer to the last commit was lost, or the store went back to an earlier one', () => {
    const { sync, tracker } = synced(1_000);
    const earlier = { rows: new Map(tracker.rows), generation: tracker.generation };
    sync.begin(tracker.summary(), 1e6);
    sync.change([file(2_000)], []);
    for (const message of [sync.next()!, sync.next()!]) tracker.take(message, new ShareSync(sha256));
    sync.end();
    expect(connect(sync, tracker)).toEqual([]);
    sync.change([file(2_001)], []);
    run(sync, tracker);
    sync.end();
    tracker.rows.clear();
    for (const [key, row] of earlier.rows) tracker.rows.set(key, row);
    tracker.generation = earlier.generation;
    expect(connect(sync, tracker)).toEqual(['add', 'commit']);
    expect(tracker.rows.size).toBe(1_002);
  });

  test('compares where the store remembers the commit and has lost rows', () => {
    const { sync, tracker } = synced(1_000);
    for (const key of [...tracker.rows.keys()].slice(0, 3)) tracker.rows.delete(key);
    sync.change([file(2_000)], []);
    expect(connect(sync, tracker)).toEqual(['add', 'commit', 'sync', 'drop-buckets', 'add', 'commit']);
    expect(tracker.rows.size).toBe(1_001);
    expect(sync.phase).toBe('synced');
  });

  test('compares when more was touched than is remembered', () => {
    const { sync, tracker } = synced(3_000);
    for (let round = 0; round < maxJournalFiles; round++) sync.change([file(9_000)], [file(9_000)]);
    sync.change([file(9_001)], []);
    expect(connect(sync, tracker)[0]).toBe('sync');
    expect(tracker.rows.size).toBe(3_002);
  });
});

describe('a tracker that is busy', () => {
  test('is sent nothing more until it may be asked again, and then what has changed since as well', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    tracker.busyFor = 2;
    sync.change(files(0, 1_000), []);
    expect(connect(sync, tracker)).toEqual(['sync']);
    sync.change([file(5_000)], [file(3)]);
    expect(run(sync, tracker)).toEqual([]);
    sync.resume();
    expect(run(sync, tracker)).toEqual(['sync']);
    sync.resume();
    // It has nothing that would have to be dropped.
    expect(run(sync, tracker)).toEqual(['sync', 'add', 'add', 'commit']);
    expect(sync.phase).toBe('synced');
    expect(tracker.rows.size).toBe(1_000);
  });

  test('at the commit is asked to commit again', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    tracker.busyFor = 1;
    sync.change([file(1)], []);
    expect(connect(sync, tracker)).toEqual(['add', 'commit']);
    sync.resume();
    expect(run(sync, tracker)).toEqual(['commit']);
    expect(sync.phase).toBe('synced');
  });
});

describe('verifying', () => {
  test('costs one question where nothing was lost', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 500), []);
    connect(sync, tracker);
    expect(sync.verify()).toBe(true);
    expect(run(sync, tracker)).toEqual(['sync']);
    expect(sync.phase).toBe('synced');
  });

  test('restores the rows that a store has lost', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 500), []);
    connect(sync, tracker);
    for (const key of [...tracker.rows.keys()].slice(0, 40)) tracker.rows.delete(key);
    sync.verify();
    expect(run(sync, tracker)).toEqual(['sync', 'drop-buckets', 'add', 'commit']);
    expect(tracker.rows.size).toBe(500);
  });

  test('waits where there is something to say anyway', () => {
    const sync = new ShareSync(sha256);
    connect(sync, new FakeTracker());
    sync.change([file(1)], []);
    expect(sync.verify()).toBe(false);
  });
});

test('many live changes ask first, and go as they are rather than bucket by bucket', () => {
  const sync = new ShareSync(sha256);
  const tracker = new FakeTracker();
  sync.change(files(0, 5_000), []);
  connect(sync, tracker);
  sync.change(files(10_000, 10_400), []);
  expect(run(sync, tracker)).toEqual(['sync', 'add', 'commit']);
  expect(tracker.rows.size).toBe(5_400);
});

describe('live changes', () => {
  test('go as they come, each round closed by a commit of a newer generation', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    connect(sync, tracker);
    sync.change([file(1), file(2)], []);
    expect(run(sync, tracker)).toEqual(['add', 'commit']);
    const { generation } = tracker;
    sync.change([file(3)], [file(1)]);
    expect(run(sync, tracker)).toEqual(['remove', 'add', 'commit']);
    expect(tracker.generation).toBeGreaterThan(generation);
    expect([...tracker.rows.values()]).toEqual([file(2), file(3)]);
  });

  test('what was known already, or never was, is nothing to send', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change([file(1)], []);
    connect(sync, tracker);
    sync.change([file(1)], [file(7)]);
    expect(run(sync, tracker)).toEqual([]);
  });

  test('those that come while a commit is under way are committed by another one', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change([file(1)], []);
    sync.begin(tracker.summary(), 1e6);
    const first = [sync.next()!, sync.next()!];
    sync.change([file(2)], []);
    const second = sync.next()!;
    expect(sync.next()).toBeUndefined();
    for (const message of [...first, second]) tracker.take(message, sync);
    expect(sync.phase).toBe('sending');
    expect(run(sync, tracker)).toEqual(['commit']);
    expect(sync.phase).toBe('synced');
  });
});

describe('what a tracker does not take', () => {
  test('what was denied is offered again at the next meeting, some at a time, and listed once it is allowed', () => {
    const tracker = new FakeTracker();
    tracker.refusal = deniedFile.code;
    tracker.refuses = ({ path }) => path.includes('2');
    const sync = new ShareSync(sha256);
    const shared = files(0, 30);
    const denied = shared.filter(tracker.refuses).length;
    sync.change(shared, []);
    connect(sync, tracker);
    expect(sync.withheldFiles).toBe(denied);
    expect(connect(sync, tracker)).toEqual(['add', 'commit']);
    expect([sync.phase, sync.withheldFiles, tracker.rows.size]).toEqual(['synced', denied, 30 - denied]);
    tracker.refuses = () => false;
    expect(connect(sync, tracker)).toEqual(['add', 'commit']);
    expect([sync.phase, sync.withheldFiles, tracker.rows.size]).toEqual(['synced', 0, 30]);
    expect(connect(sync, tracker)).toEqual([]);
  });

  test('of very many that were denied each has its turn', () => {
    const tracker = new FakeTracker();
    tracker.refusal = deniedFile.code;
    tracker.refuses = () => true;
    const sync = new ShareSync(sha256);
    sync.change(files(0, 2 * maxDeniedOffered + 1), []);
    for (let time = 0; time < 2; time++) connect(sync, tracker);
    expect(sync.withheldFiles).toBe(2 * maxDeniedOffered + 1);
    tracker.refuses = () => false;
    for (let time = 1; time <= 3; time++) {
      connect(sync, tracker);
      expect(sync.withheldFiles).toBe(Math.max(0, 2 * maxDeniedOffered + 1 - time * maxDeniedOffered));
    }
  });

  test('a refused file is withheld, and does not make the next sync differ', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    tracker.refuses = ({ sizeBytes }) => sizeBytes === 3;
    sync.change(files(0, 10), []);
    connect(sync, tracker);
    expect([sync.phase, sync.publishedFiles, sync.withheldFiles]).toEqual(['synced', 9, 1]);
    expect(sync.firstWithheld).toMatchObject({ path: file(3).path });
    sync.end();
    expect(connect(sync, tracker)).toEqual([]);
    sync.change([], [file(3)]);
    expect(run(sync, tracker)).toEqual([]);
  });

  test('files beyond its limit wait until there is room', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 10), []);
    connect(sync, tracker, 6);
    expect([tracker.rows.size, sync.withheldFiles]).toEqual([6, 4]);
    expect(sync.firstWithheld).toMatchObject({ code: 'limit' });
    connect(sync, tracker, 8);
    expect([tracker.rows.size, sync.withheldFiles]).toEqual([8, 2]);
  });

  test('a tracker that contradicts every commit is left alone after a few comparisons', () => {
    const sync = new ShareSync(sha256);
    sync.change([file(1)], []);
    sync.begin({ generation: 0, count: 0, digest: new Uint8Array(16) }, 10);
    let comparisons = 0;
    for (let gaveUp = false; !gaveUp;) {
      const message = sync.next()!;
      if (message.type === 'commit') gaveUp = !sync.stale();
      if (message.type === 'sync') {
        comparisons += 1;
        sync.buckets(new Uint8Array(256 * 8));
      }
    }
    expect(comparisons).toBe(3);
  });
});

test('however changes, answers and lost connections interleave, the tracker ends with the share', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), number: fc.nat(40) }),
    fc.record({ do: fc.constant('remove' as const), number: fc.nat(40) }),
    fc.record({ do: fc.constantFrom('send' as const, 'deliver' as const, 'lose' as const) }),
    fc.record({ do: fc.constantFrom('busy' as const, 'resume' as const, 'verify' as const) }),
    fc.record({ do: fc.constant('forget' as const), number: fc.nat(40) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sync = new ShareSync(sha256);
      const tracker = new FakeTracker();
      tracker.refuses = ({ sizeBytes }) => sizeBytes % 13 === 5;
      const share = new Set<number>();
      let wire: SyncMessage[] = [];
      sync.begin(tracker.summary(), 1e6);
      for (const one of steps) {
        if (one.do === 'add') {
          sync.change([file(one.number)], []);
          share.add(one.number);
        } else if (one.do === 'remove') {
          sync.change([], [file(one.number)]);
          share.delete(one.number);
        } else if (one.do === 'send') {
          const message = sync.next();
          if (message !== undefined) wire.push(message);
        } else if (one.do === 'deliver') {
          const message = wire.shift();
          if (message !== undefined) tracker.take(message, sync);
        } else if (one.do === 'busy') tracker.busyFor = 1;
        else if (one.do === 'resume') sync.resume();
        else if (one.do === 'verify') sync.verify();
        else if (one.do === 'forget') tracker.forget(one.number);
        else {
          sync.end();
          wire = [];
          sync.begin(tracker.summary(), 1e6);
        }
      }
      tracker.busyFor = 0;
      for (const message of wire) tracker.take(message, sync);
      sync.resume();
      run(sync, tracker);
      sync.verify();
      run(sync, tracker);
      const expected = [...share].filter((number) => number % 13 !== 5).toSorted((a, b) => a - b);
      const kept = [...tracker.rows.values()].map(({ sizeBytes }) => sizeBytes).toSorted((a, b) => a - b);
      expect(kept).toEqual(expected);
      expect(sync.phase).toBe('synced');
    }),
  );
});

test('a tracker that claims the last of all generations is still told a number that exists', () => {
  const sync = new ShareSync(sha256);
  sync.change([file(1)], []);
  sync.begin({ generation: Number.MAX_SAFE_INTEGER, count: 0, digest: new Uint8Array(16) }, 1e6);
  const sent = [sync.next(), sync.next()];
  expect(sent[1]).toMatchObject({ type: 'commit', state: { generation: Number.MAX_SAFE_INTEGER } });
});
