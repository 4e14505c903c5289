import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { maxSmallFileBytes } from '../../../src/core/limits/trees.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;
let me: Identity;
beforeAll(async () => {
  me = await makeIdentity();
});

function emptyFile(dir: string, name: string, size: number): string {
  const file = path.join(dir, name);
  writeFileSync(file, Buffer.alloc(size));
  return file;
}

describe('a visitor without a slot', () => {
  test('is sent small files in a minislot, and the large one it asked for before once it has a slot', async () => {
    const dir = tempDir();
    const large = makeContent(dir, 'large', 4 * MiB, 1);
    const small = makeContent(dir, 'small', maxSmallFileBytes, 2);
    await using server = await TestServer.start([large, small]);
    server.position = 7;
    server.hasMinislot = true;
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, large, emptyFile(dir, 'got large', large.bytes.length));
    const gotSmall = emptyFile(dir, 'got small', small.bytes.length);
    await fetch.open(2, small, gotSmall);
    await fetch.remote.want(1, [{ first: 0, count: 16 }]);
    await until('it waits', () => fetch.reports.at(-1)?.queuePosition === 7);
    await fetch.remote.want(2, [{ first: 0, count: 2 }]);
    await until('the small one came', () => fetch.pieces(2, 'verified') === 2);
    expect(fetch.pieces(1, 'verified')).toBe(0);
    expect(readFileSync(gotSmall).equals(small.bytes)).toBe(true);
    server.position = 0;
    await server.controls[0]?.place(0, true);
    await until('the large one came', () => fetch.pieces(1, 'verified') === 16);
    await until('all is reported', () => server.sentBytes === large.bytes.length + small.bytes.length);
    const sentOf = (id: string): number =>
      server.parts.filter((part) => part.id === id).reduce((sum, { bytes }) => sum + bytes, 0);
    expect([sentOf(large.id), sentOf(small.id)]).toEqual([large.bytes.length, small.bytes.length]);
    expect(server.parts.filter(({ isFirst }) => isFirst).map(({ id }) => id)).toEqual([small.id, large.id]);
  });

  test('is not sent a few pieces of a large file in a minislot', async () => {
    const dir = tempDir();
    const large = makeContent(dir, 'large', maxSmallFileBytes + 1);
    await using server = await TestServer.start([large]);
    server.position = 1;
    server.hasMinislot = true;
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, large, emptyFile(dir, 'got', large.bytes.length));
    await fetch.remote.want(1, [{ first: 0, count: 1 }]);
    await until('it waits', () => fetch.reports.at(-1)?.queuePosition === 1);
    server.position = 0;
    await server.controls[0]?.place(0, false);
    await until('the piece came', () => fetch.pieces(1, 'verified') === 1);
    expect(server.sentBytes).toBeLessThan(MiB);
  });
});

describe('a visitor that asks for the same again and again', () => {
  test('is refused in the end, and told why', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    let round = 0;
    const isRefused = (): boolean => fetch.end(round)?.problem.code === 'limit';
    for (round = 1; round <= 8 && !isRefused(); round++) {
      await fetch.open(round, content, emptyFile(dir, `got ${round}`, content.bytes.length));
      await fetch.remote.want(round, [{ first: 0, count: 4 }]);
      await until('it comes or is refused', () => fetch.pieces(round, 'verified') === 4 || isRefused());
      if (isRefused()) break;
      await fetch.remote.close(round);
    }
    expect(fetch.end(round)?.problem.message).toMatch(/again and again/);
    expect(round).toBeGreaterThan(3);
    expect(server.sentBytes).toBeLessThan(6 * MiB);
  });
});
