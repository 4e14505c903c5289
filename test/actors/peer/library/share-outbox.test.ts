import { describe, expect, test } from '@jest/globals';
import { ShareOutbox, type IndexWriter } from '../../../../src/actors/peer/library/share-outbox.ts';
import type { SharedFile } from '../../../../src/core/catalogue.ts';
import type { Problem } from '../../../../src/core/result.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const full: Problem = { code: 'io', message: 'the disk is full' };
const file = (at: number): SharedFile => ({ id: idOf(at), path: `/a/${at}`, sizeBytes: at });

/** An index on a disk that fails while it is told to. */
class FakeIndex implements IndexWriter {
  isFull = false;
  compared = 0;
  readonly paths = new Set<string>();

  reconcile(shared: { files(): Iterable<SharedFile> }): void {
    this.#fail();
    this.compared += 1;
    this.paths.clear();
    for (const { path } of shared.files()) this.paths.add(path);
  }

  update(removed: readonly string[], added: readonly SharedFile[]): void {
    this.#fail();
    for (const path of removed) this.paths.delete(path);
    for (const { path } of added) this.paths.add(path);
  }

  #fail(): void {
    if (this.isFull) throw new Error(full.message);
  }
}

function scene() {
  const shared = new Map<string, SharedFile>();
  const index = new FakeIndex();
  const outbox = new ShareOutbox({ path: '/clients', tell: () => undefined, offer: () => true }, index, {
    at: (path) => shared.get(path),
    files: () => shared.values(),
    get size() {
      return shared.size;
    },
  });
  const attempt = (write: () => void): Problem | undefined => {
    try {
      write();
      return undefined;
    } catch {
      return full;
    }
  };
  return {
    index,
    outbox,
    flush: () => outbox.flush(attempt),
    add: (at: number, isKnown = false): void => {
      shared.set(file(at).path, file(at));
      outbox.changed({ kind: 'added', file: file(at), isKnown });
    },
  };
}

describe('the index on the disk', () => {
  test('is compared again at the next flush when it could not be, and then no more', () => {
    const { add, flush, index, outbox } = scene();
    add(1, true);
    outbox.scanned();
    expect(flush()).toBeUndefined();
    index.isFull = true;
    expect(flush()).toEqual(full);
    expect([outbox.isIndexBehind, outbox.isEmpty]).toEqual([true, true]);
    index.isFull = false;
    expect(flush()).toBeUndefined();
    expect([outbox.isIndexBehind, outbox.isEmpty, index.compared]).toEqual([false, true, 1]);
    expect([...index.paths]).toEqual(['/a/1']);
    flush();
    expect(index.compared).toBe(1);
  });

  test('has what could not be written while the disk was full, once it is not', () => {
    const { add, flush, index, outbox } = scene();
    outbox.scanned();
    flush();
    flush();
    index.isFull = true;
    add(1);
    expect(flush()).toEqual(full);
    expect(outbox.isIndexBehind).toBe(true);
    index.isFull = false;
    add(2);
    expect(flush()).toBeUndefined();
    expect([...index.paths]).toEqual(['/a/1', '/a/2']);
    expect([outbox.isIndexBehind, index.compared]).toEqual([false, 2]);
  });
});
