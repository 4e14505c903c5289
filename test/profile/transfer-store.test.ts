import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { TransferBook } from '../../src/actors/peer/downloads/transfer-book.ts';
import { openDatabase } from '../../src/profile/database.ts';
import { TransferStore } from '../../src/profile/transfer-store.ts';
import type { StoredTransfer } from '../../src/profile/stored-transfer.ts';
import { idOf } from '../helpers/download-bench.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const source = { peer: idOf(7), name: 'alice', host: '127.0.0.1', port: 5 };
const content = { kind: 'content', id: idOf(1), name: 'a', folders: ['b'], sources: [source] };
const whole = {
  target: content,
  outDir: '/out',
  priority: 'normal',
  order: 'rarest',
  bytesPerSecond: 0,
  keptBytes: 3,
  addedMs: 5,
};

/** Rows that make no sense, each for one reason. */
const damaged: readonly unknown[] = [
  '{',
  'null',
  '[]',
  { target: { kind: 'content' } },
  { ...whole, target: { ...content, kind: 'other' } },
  { ...whole, target: { ...content, id: 'x' } },
  { ...whole, target: { ...content, folders: undefined } },
  { ...whole, target: { ...content, folders: [1] } },
  { ...whole, target: { ...content, sources: [{ ...source, port: 'x' }] } },
  { ...whole, target: { kind: 'tree', path: '/s/' } },
  { ...whole, outDir: undefined },
  { ...whole, priority: 'urgent' },
  { ...whole, order: 3 },
  { ...whole, bytesPerSecond: -1 },
  { ...whole, keptBytes: '3' },
  { ...whole, files: { total: 1 } },
  { ...whole, problem: 'no' },
  { ...whole, folder: {} },
];

describe('the rows of the queue', () => {
  test('that make no sense are passed over, and cost the others nothing', () => {
    const opened = openDatabase(path.join(tempDir(), 'db'));
    if (!opened.ok) throw new Error(opened.problem.message);
    using database = opened.value;
    const put = database.prepare('INSERT INTO transfer (number, state, place, body) VALUES (?, ?, ?, ?)');
    const text = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
    for (const [at, body] of damaged.entries()) put.run(at + 10, 'open', at, text(body));
    put.run(1, 'open', 7, text(whole));
    put.run(2, 'nowhere', 8, text(whole));
    put.run(3, 'open', 1e300, text({ ...whole, outDir: '/b' }));
    put.run(4, 'paused', 7, text({ ...whole, target: { kind: 'tree', source, path: '/s/' } }));
    const store = new TransferStore(database);
    expect(store.load().map(({ transfer }: StoredTransfer) => transfer)).toEqual([1, 4]);
    // A second one for the same thing, and two with one place.
    put.run(5, 'open', 9, text(whole));
    const book = new TransferBook(store);
    expect(Array.from(book.order(), ({ transfer }) => transfer)).toEqual([1, 4]);
    book.save(Infinity);
    expect(store.load().map(({ transfer }) => transfer)).toEqual([1, 4]);
    for (const record of [...book.order()]) book.remove(record);
    expect([...book.order()]).toEqual([]);
  });
});
