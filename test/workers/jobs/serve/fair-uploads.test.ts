import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ContentId } from '../../../../src/core/ids.ts';
import { sendBufferBytes } from '../../../../src/core/limits/connections.ts';
import type { PeerMessage } from '../../../../src/protocol/peer-messages.ts';
import type { Sendable } from '../../../../src/protocol/session-events.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../../helpers/transfer.ts';
import { visit } from '../../../helpers/visitor.ts';

const me = await makeIdentity();
const MiB = 1024 * 1024;

/** Asks for all of it at once, and gives whose each chunk of data is that comes, and how long, by request. */
async function ask(
  server: TestServer,
  requests: readonly Sendable<PeerMessage>[],
  bytes: number,
): Promise<{ requestId: number; length: number }[]> {
  const { socket, session } = await visit(server, me);
  const came: { requestId: number; length: number }[] = [];
  let cameBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    session.receive(chunk, 0);
    for (let event = session.next(); event; event = session.next()) {
      if (event.type !== 'data') continue;
      came.push({ requestId: event.requestId, length: event.bytes.length });
      cameBytes += event.bytes.length;
    }
  });
  socket.write(Buffer.concat(requests.map((request) => session.send(request))));
  await until('all came', () => cameBytes === bytes);
  socket.destroy();
  return came;
}

/** What had come for others when the last of these requests was answered. */
function othersBefore(
  came: readonly { readonly requestId: number; readonly length: number }[],
  ended: ReadonlySet<number>,
): number {
  const last = came.findLastIndex(({ requestId }) => ended.has(requestId));
  return came
    .slice(0, last)
    .filter(({ requestId }) => !ended.has(requestId))
    .reduce((sum, { length }) => sum + length, 0);
}

const pieces = (requestId: number, id: ContentId, weight: number | undefined = 1): Sendable<PeerMessage> => ({
  type: 'get-pieces',
  requestId,
  id,
  firstPiece: 0,
  count: 16,
  weight,
});

describe('a visitor that asks for much at once', () => {
  test('is sent a large file and many small ones side by side', async () => {
    const dir = tempDir();
    const large = makeContent(dir, 'large', 4 * MiB, 1);
    const small = Array.from({ length: 20 }, (_, at) => makeContent(dir, `s${at}`, 400_000, at + 2));
    await using server = await TestServer.start([large, ...small]);
    const files = small.map(
      ({ id }, at) => ({ type: 'get-files', requestId: at + 2, ids: [id], weight: 1 }) as const,
    );
    const came = await ask(server, [...files, pieces(1, large.id)], 4 * MiB + 20 * 400_000);
    const before = othersBefore(came, new Set([1]));
    expect(before).toBeGreaterThan(2 * MiB);
    expect(before).toBeLessThanOrEqual(4 * MiB + 2 * sendBufferBytes);
  });

  test('is sent several large files by their weights, and one after the other only what is of one', async () => {
    const dir = tempDir();
    const [heavy, light] = [makeContent(dir, 'heavy', 4 * MiB, 1), makeContent(dir, 'light', 4 * MiB, 2)];
    await using server = await TestServer.start([heavy, light]);
    const requests = [pieces(1, light.id, 1_000), pieces(2, heavy.id, 9_000)];
    const came = await ask(server, requests, 8 * MiB);
    expect(othersBefore(came, new Set([2]))).toBeLessThanOrEqual(sendBufferBytes);
    const even = await ask(server, [pieces(1, light.id), pieces(2, heavy.id)], 8 * MiB);
    expect(othersBefore(even, new Set([1]))).toBeGreaterThan(2 * MiB);
  });
});

describe('a visitor that knows nothing of weights', () => {
  test('is sent one thing after the other, however little a limit lets go at a time', async () => {
    const dir = tempDir();
    const contents = Array.from({ length: 12 }, (_, at) => makeContent(dir, `f${at}`, 400_000, at + 1));
    await using server = await TestServer.start(contents);
    server.rates.set({ uploadBytesPerSecond: 4 * MiB, downloadBytesPerSecond: 0, limitsLan: true });
    const requests = contents.map(({ id }, at) => {
      const request: Sendable<PeerMessage> = {
        type: 'get-pieces',
        requestId: at + 1,
        id,
        firstPiece: 0,
        count: 2,
      };
      return request;
    });
    const came = await ask(server, requests, 12 * 400_000);
    const turns = came.filter(({ requestId }, at) => requestId !== came[at - 1]?.requestId);
    expect(turns.map(({ requestId }) => requestId)).toEqual(contents.map((_, at) => at + 1));
  });
});

describe('two downloads over one connection', () => {
  test('both go on at once where the source is slow', async () => {
    const dir = tempDir();
    const contents = [1, 2].map((seed) => makeContent(dir, `f${seed}`, 8 * MiB, seed));
    await using server = await TestServer.start(contents);
    server.rates.set({ uploadBytesPerSecond: 4 * MiB, downloadBytesPerSecond: 0, limitsLan: true });
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    const begin = async (number: number): Promise<void> => {
      const target = path.join(dir, `t${number}`);
      writeFileSync(target, Buffer.alloc(8 * MiB));
      await fetch.open(number, contents[number - 1]!, target);
      await fetch.remote.want(number, [{ first: 0, count: 32 }]);
    };
    await begin(1);
    await until('the first has begun', () => fetch.pieces(1, 'verified') > 0);
    await begin(2);
    await until('the second has pieces too', () => fetch.pieces(2, 'verified') >= 4);
    expect(fetch.pieces(1, 'verified')).toBeLessThan(32);
  });
});
