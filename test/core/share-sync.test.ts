import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { contentId, decodeId } from '../../src/core/ids.ts';
import { maxFilesPerAdd } from '../../src/core/limits.ts';
import { bucketOf, ShareDigest } from '../../src/core/share-digest.ts';
import { ShareSync, type ShareSummary, type SyncMessage } from '../../src/core/share-sync.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

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
  log: string[] = [];
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
          sync.committed(rejected.map(({ path }) => ({ path, code: 'bad-name' })));
        } else if (!sync.stale()) throw new Error('gave up');
      }
    }
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
    expect(connect(sync, tracker)).toEqual(['add', 'add', 'commit']);
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

  test('one that lacks a little gets only the buckets that differ', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    sync.change(files(0, 5_000), []);
    connect(sync, tracker);
    sync.end();
    sync.change([file(9_999)], [file(17)]);
    let sent = 0;
    sync.begin(tracker.summary(), 1e6);
    for (let message = sync.next(); message !== undefined; message = sync.next()) {
      if (message.type === 'add') sent += message.files.length;
      tracker.take(message, sync);
    }
    expect(tracker.log).toEqual(expect.arrayContaining(['sync', 'drop-buckets', 'add', 'commit']));
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
  test('a refused file is withheld, and does not make the next sync differ', () => {
    const sync = new ShareSync(sha256);
    const tracker = new FakeTracker();
    tracker.refuses = ({ sizeBytes }) => sizeBytes === 3;
    sync.change(files(0, 10), []);
    connect(sync, tracker);
    expect([sync.phase, sync.publishedFiles, sync.withheldFiles]).toEqual(['synced', 9, 1]);
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
        } else {
          sync.end();
          wire = [];
          sync.begin(tracker.summary(), 1e6);
        }
      }
      for (const message of wire) tracker.take(message, sync);
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
