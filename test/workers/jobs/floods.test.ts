import { describe, expect, test } from '@jest/globals';
import { defaultLimits } from '../../../src/core/engine/engine-api.ts';
import { visitorQuestions } from '../../../src/core/limits/connections.ts';
import { maxWaitingAnswers } from '../../../src/core/limits/uploads.ts';
import { SharedRate } from '../../../src/core/rates/shared-rate.ts';
import { nowUs } from '../../../src/workers/jobs/pacer.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';
import { visit } from '../../helpers/visitor.ts';

const me = await makeIdentity();

describe('a serve job', () => {
  test.each(['spoiled', 'unwatch'] as const)('shows out who floods it with %s', async (type) => {
    const content = makeContent(tempDir(), 'a', 1024);
    await using server = await TestServer.start([content]);
    const { socket, session } = await visit(server, me);
    const message = type === 'spoiled' ? { type, id: content.id, piece: 0 } : { type, id: content.id };
    const flood = visitorQuestions.burst + 4 * maxWaitingAnswers;
    socket.write(Buffer.concat(Array.from({ length: flood }, () => session.send(message))));
    await until('it was shown out', () => server.ended.length === 1);
    expect(server.ended[0]?.problem.code).toBe('limit');
    expect(server.spoiled.length).toBeLessThan(flood - maxWaitingAnswers);
    socket.destroy();
  });

  test('shows out who says more than it may before it was let in', async () => {
    await using server = await TestServer.start([]);
    const admission = Promise.withResolvers<void>();
    server.admission = admission.promise;
    const { socket, session } = await visit(server, me);
    const { id } = makeContent(tempDir(), 'a', 1024);
    const flood = Array.from({ length: maxWaitingAnswers + 1 }, () => session.send({ type: 'unwatch', id }));
    socket.write(Buffer.concat(flood));
    await until('it was shown out', () => server.ended.length === 1);
    expect(server.ended[0]?.problem.code).toBe('limit');
    admission.resolve();
    socket.destroy();
  });

  test('knows what it sent of each of many small files', async () => {
    const dir = tempDir();
    const contents = [1, 2, 3].map((seed) => makeContent(dir, `f${seed}`, seed * 1000, seed));
    await using server = await TestServer.start(contents);
    const { socket, session } = await visit(server, me);
    socket.resume();
    socket.write(session.send({ type: 'get-files', requestId: 1, ids: contents.map(({ id }) => id) }));
    await until('it was told', () => server.parts.length === 3);
    expect(server.parts).toEqual(
      contents.map(({ id, bytes }) => ({ id, bytes: bytes.length, isFirst: true })),
    );
    socket.destroy();
  });

  test('counts manifests and lists against the limit for uploads', async () => {
    const content = makeContent(tempDir(), 'a', 1024);
    const large = { ...content, manifest: { ...content.manifest, leaves: new Uint8Array(1024 * 1024) } };
    await using server = await TestServer.start([large]);
    server.rates.set({ ...defaultLimits, uploadBytesPerSecond: 10 * 1024 });
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.remote.manifest(content.id);
    const rate = new SharedRate(server.rates.shared, 0);
    await until('it was booked', () => rate.aheadMs(nowUs()) > 50_000);
  });
});
