import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultLimits } from '../../../src/core/engine/engine-api.ts';
import { SharedRate } from '../../../src/core/rates/shared-rate.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';
import { visit } from '../../helpers/visitor.ts';

const pieceBytes = 256 * 1024;
/** In a turn of 20 ms it allows one piece and a half, and several small files and a part of the next. */
const bytesPerSecond = (1.5 * pieceBytes * 1000) / 20;

describe('an upload under a limit', () => {
  let me: Identity;
  let bookings: jest.SpiedFunction<SharedRate['book']>;

  beforeEach(async () => {
    me = await makeIdentity();
    bookings = jest.spyOn(SharedRate.prototype, 'book');
  });

  afterEach(() => bookings.mockRestore());

  const bookedBytes = (): number => bookings.mock.calls.reduce((sum, [bytes]) => sum + bytes, 0);
  const limits = { ...defaultLimits, uploadBytesPerSecond: bytesPerSecond, limitsLan: true };

  test('takes of it exactly what is sent, whatever part of a piece a turn is worth', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 9 * pieceBytes + 1000);
    await using server = await TestServer.start([content]);
    server.rates.set(limits);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    const target = path.join(dir, 'partial');
    writeFileSync(target, '');
    truncateSync(target, content.bytes.length);
    await fetch.open(1, content, target);
    await fetch.remote.want(1, [{ first: 0, count: 10 }]);
    await until('all came', () => fetch.pieces(1, 'verified') === 10);
    expect(bookedBytes()).toBe(content.bytes.length);
  });

  test('takes of it exactly what is sent of small files', async () => {
    const dir = tempDir();
    const contents = [70_000, 300_000, 500_000, 0, 100_000, 90_000, 512 * 1024].map((size, at) =>
      makeContent(dir, `f${at}`, size, at + 1),
    );
    await using server = await TestServer.start(contents);
    server.rates.set(limits);
    const { socket, session } = await visit(server, me);
    socket.resume();
    socket.write(session.send({ type: 'get-files', requestId: 1, ids: contents.map(({ id }) => id) }));
    const wanted = contents.reduce((sum, { bytes }) => sum + bytes.length, 0);
    await until('all was sent', () => server.sentBytes === wanted);
    expect(bookedBytes()).toBe(wanted);
    socket.destroy();
  });
});
