import { describe, expect, test } from '@jest/globals';
import type { DownloadState, EngineEvent, UploadView } from '../../src/core/engine/engine-api.ts';
import {
  channelBatch,
  clientWindowBytes,
  maxClientQuestions,
  maxEngineFrameBytes,
  viewIntervalMs,
} from '../../src/core/limits/engine.ts';
import { readTrusted } from '../../src/engine/link-frames.ts';
import { idOf } from '../helpers/download-bench.ts';
import { downloadView, engineSnapshot, uploadView } from '../helpers/views.ts';
import { TestClient, TestHub } from './hub.ts';
import * as fc from '../helpers/properties.ts';

const download = (changes: Parameters<typeof downloadView>[0]): EngineEvent => ({
  type: 'download',
  download: downloadView(changes),
});
const upload = (changes: Partial<UploadView>): EngineEvent => ({
  type: 'upload',
  upload: uploadView(changes),
});
const log = (text: string): EngineEvent => ({
  type: 'log',
  line: { atMs: 0, level: 'info', source: 'test', text },
});

/** Enough bytes in one event to fill a client's window. */
const flood = log('x'.repeat(clientWindowBytes));

describe('views', () => {
  test('of one transfer come at once, then at most once in each interval, the latest', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    for (let doneBytes = 0; doneBytes < 50; doneBytes++) test.publish(download({ doneBytes }));
    expect(client.of('download').map((event) => event.download.doneBytes)).toEqual([0]);
    test.advance(viewIntervalMs);
    expect(client.of('download').map((event) => event.download.doneBytes)).toEqual([0, 49]);
    test.advance(10 * viewIntervalMs);
    expect(client.of('download')).toHaveLength(2);
  });

  test('of different transfers do not wait for each other', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(
      download({ transfer: 1 }),
      download({ transfer: 2 }),
      upload({ upload: 1 }),
      upload({ upload: 2 }),
    );
    expect(client.heard).toHaveLength(4);
  });

  test('that are the last of a transfer come at once, and nothing older after them', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(
      download({ doneBytes: 1 }),
      download({ doneBytes: 2 }),
      download({ doneBytes: 3, state: 'done' }),
    );
    test.publish(upload({ sentBytes: 1 }), upload({ sentBytes: 2 }), upload({ sentBytes: 3, state: 'done' }));
    test.advance(viewIntervalMs);
    expect(client.of('download').map((event) => event.download.doneBytes)).toEqual([1, 3]);
    expect(client.of('upload').map((event) => event.upload.sentBytes)).toEqual([1, 3]);
  });

  test('of what has been removed do not come after the removal', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(download({ doneBytes: 1 }), download({ doneBytes: 2 }));
    test.publish({ type: 'removed', transfers: [1] });
    test.advance(viewIntervalMs);
    expect(client.heard.at(-1)).toEqual({ type: 'removed', transfers: [1] });
  });

  test('of the files of a folder arrive as they were, whatever they are called', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    const numbers = { sizeBytes: 5, doneBytes: 5, fetchedBytes: 2 ** 40, sources: 1 };
    const problem = { code: 'stale', message: 'It has changed: "ü"' } as const;
    const files = ['/s/plain', '/s/"quoted"\\\n', '/s/ünï/🌊\u2028'].flatMap((path) => [
      {
        id: idOf(1),
        path,
        ...numbers,
        outcome: 'done' as const,
        filePath: `/out${path}`,
        problem: undefined,
      },
      { id: idOf(2), path, ...numbers, outcome: 'failed' as const, filePath: undefined, problem },
    ]);
    const event: EngineEvent = { type: 'tree-files', transfer: 7, files };
    test.publish(event);
    expect(client.heard).toEqual([event]);
  });

  test('arrive whole, whatever changes from one to the next', () => {
    const states: DownloadState[] = ['queued', 'downloading', 'paused', 'done', 'failed'];
    const change = fc.record(
      {
        transfer: fc.integer({ min: 1, max: 3 }),
        state: fc.constantFrom(...states),
        doneBytes: fc.maxSafeNat(),
        sizeBytes: fc.option(fc.maxSafeNat(), { nil: undefined }),
        problem: fc.option(fc.constant({ code: 'io' as const, message: 'no' }), { nil: undefined }),
        availability: fc.option(fc.double({ min: 0, max: 9, noNaN: true }), { nil: undefined }),
      },
      { requiredKeys: ['transfer'] },
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const test = new TestHub();
        const client = new TestClient(test);
        for (const one of changes) {
          const event = download(one);
          test.publish(event);
          test.advance(viewIntervalMs);
          expect(client.heard.at(-1)).toStrictEqual(event);
        }
      }),
    );
  });

  test('whose counters alone have changed cost a few bytes', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(download({}));
    const wholeBytes = client.bytes;
    test.advance(viewIntervalMs);
    test.publish(download({ doneBytes: 1e9, fetchedBytes: 1e9 }));
    expect(client.bytes - wholeBytes).toBeLessThan(40);
  });
});

describe('events', () => {
  test('other than views come at once and in order, many in a frame', () => {
    const test = new TestHub();
    const client = new TestClient(test, 10_000);
    const lines = Array.from({ length: 2_000 }, (_, at) => log(String(at)));
    test.publish(...lines);
    expect(client.heard).toEqual(lines);
  });

  test('that come many at once are no sign of a slow client', () => {
    const test = new TestHub();
    const client = new TestClient(test, 10);
    test.publish(...Array.from({ length: 100 }, (_, at) => log(String(at))));
    expect(client.of('log')).toHaveLength(100);
  });

  test('leave no timer behind once all is said', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(download({ doneBytes: 1 }), download({ doneBytes: 2 }));
    test.advance(10 * viewIntervalMs);
    const heard = client.heard.length;
    test.advance(1e6);
    expect(client.heard).toHaveLength(heard);
  });
});

describe('questions', () => {
  test('of two clients under the same number are answered to who asked each', () => {
    const test = new TestHub();
    const [one, two] = [new TestClient(test), new TestClient(test)];
    one.send({ type: 'find-name', requestId: 7, name: 'one' });
    const first = test.lastRequest('find-name');
    two.send({ type: 'find-name', requestId: 7, name: 'two' });
    const second = test.lastRequest('find-name');
    test.answer({ type: 'answer-find-name', requestId: second, answer: { ok: true, value: [] } });
    expect([one.heard, two.of('answer-find-name').map(({ requestId }) => requestId)]).toEqual([[], [7]]);
    test.answer({ type: 'answer-find-name', requestId: first, answer: { ok: true, value: [] } });
    expect(one.of('answer-find-name').map(({ requestId }) => requestId)).toEqual([7]);
  });

  test('may have answers of several parts, and none after the last', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    client.send({ type: 'browse', requestId: 1, peer: 'bob', path: '/', recursive: false });
    const requestId = test.lastRequest('browse');
    for (const last of [false, false, true, true])
      test.answer({ type: 'answer-browse', requestId, answer: { ok: true, value: [] }, last });
    expect(client.of('answer-browse').map(({ last }) => last)).toEqual([false, false, true]);
  });

  test('beyond the bound are refused at once, until others are answered', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    for (let requestId = 1; requestId <= maxClientQuestions + 1; requestId++)
      client.send({ type: 'peers', requestId });
    expect(client.heard).toMatchObject([
      { requestId: maxClientQuestions + 1, answer: { problem: { code: 'busy' } } },
    ]);
    test.answer({
      type: 'answer-peers',
      requestId: test.lastRequest('peers'),
      answer: { ok: true, value: [] },
    });
    client.send({ type: 'peers', requestId: 1_000 });
    expect(client.heard).toHaveLength(2);
  });

  test('of a client that has left are forgotten', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    client.send({ type: 'peers', requestId: 1 });
    client.joined.leave();
    test.answer({
      type: 'answer-peers',
      requestId: test.lastRequest('peers'),
      answer: { ok: true, value: [] },
    });
    test.publish(log('later'));
    expect(client.heard).toEqual([]);
  });

  test('for a snapshot are answered after the views that wait, which are older', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    test.publish(download({ doneBytes: 1 }), download({ doneBytes: 2 }));
    test.snapshot = engineSnapshot({ downloads: [downloadView({ doneBytes: 3 })] });
    client.send({ type: 'snapshot', requestId: 1 });
    expect(client.heard.map(({ type }) => type)).toEqual(['download', 'download', 'answer-snapshot']);
    expect(client.heard.at(-1)).toStrictEqual({
      type: 'answer-snapshot',
      requestId: 1,
      answer: { ok: true, value: test.snapshot },
    });
    test.advance(viewIntervalMs);
    expect(client.heard).toHaveLength(3);
  });
});

test('what does not fit in one frame comes in several, views whole', () => {
  const test = new TestHub();
  const client = new TestClient(test);
  const half = log('x'.repeat(maxEngineFrameBytes / 2));
  const view = downloadView({ doneBytes: 7 });
  test.publish({ type: 'download', download: view }, half, half);
  expect(client.heard.map(({ type }) => type)).toEqual(['download', 'log', 'log']);
  expect(client.of('download')[0]?.download).toEqual(view);
});

describe('a client that does not keep up', () => {
  test('is told nothing of what ended unheard, and of what is new under its number all', () => {
    const test = new TestHub();
    const slow = new TestClient(test, 10);
    test.publish(upload({ upload: 1, peerName: 'bob' }), download({ transfer: 2, name: 'gone' }));
    slow.isStalled = true;
    test.publish(flood);
    for (let at = 0; at < 100; at++) test.publish(log(String(at)));
    test.publish({ type: 'removed', transfers: [2] });
    test.snapshot = engineSnapshot();
    slow.wake();
    const before = slow.bytes;
    test.advance(viewIntervalMs);
    test.publish(download({ transfer: 2, name: 'gone' }));
    expect(slow.bytes - before).toBeGreaterThan(100);
    expect(slow.of('download').at(-1)?.download).toEqual(downloadView({ transfer: 2, name: 'gone' }));
  });

  test('gets no more than a window of bytes, and the others all', () => {
    const test = new TestHub();
    const [slow, quick] = [new TestClient(test), new TestClient(test)];
    slow.isStalled = true;
    test.publish(flood);
    test.publish(log('next'));
    expect(slow.heard).toHaveLength(1);
    expect(quick.heard).toHaveLength(2);
    slow.wake();
    expect(slow.heard).toEqual(quick.heard);
  });

  test('gets what tells of many files in frames of its own, however much of it waits, and as it was', () => {
    const test = new TestHub();
    const client = new TestClient(test);
    const frames: number[] = [];
    test.hub.join((body) => {
      const frame = readTrusted(body);
      if (frame?.kind === 'events') frames.push(frame.events.length);
    }, 1_000);
    const files = Array.from({ length: channelBatch }, (_, at) => ({
      id: idOf(at),
      path: `/a/it's "${at}" \\ é.txt`,
      sizeBytes: 2 ** 40 + at,
    }));
    test.publish({ type: 'shared', files }, { type: 'unshared', files }, log('a'), log('b'));
    expect(frames).toEqual([1, 1, 2]);
    expect(client.heard.slice(0, 2)).toEqual([
      { type: 'shared', files },
      { type: 'unshared', files },
    ]);
  });

  test('gets all that waits for it before the engine ends, however far behind it is', () => {
    const test = new TestHub();
    const slow = new TestClient(test);
    slow.isStalled = true;
    test.publish(flood);
    test.publish(log('waits'), { type: 'stopped' });
    expect(slow.heard).toHaveLength(1);
    test.hub.flush();
    expect(slow.heard.slice(1)).toEqual([log('waits'), { type: 'stopped' }]);
  });

  test('misses what is beyond its backlog, and is told then how all is, and from then on everything', () => {
    const test = new TestHub();
    const [slow, quick] = [new TestClient(test, 10), new TestClient(test, 10)];
    slow.isStalled = true;
    test.publish(flood);
    for (let at = 0; at < 100; at++) test.publish(log(String(at)));
    expect(quick.heard).toHaveLength(101);
    const snapshot = engineSnapshot({ name: 'as it is now' });
    test.snapshot = snapshot;
    slow.wake();
    expect(slow.heard.slice(1)).toEqual([{ type: 'resync', snapshot }]);
    test.publish(log('later'));
    expect(slow.heard.at(-1)).toEqual(log('later'));
    expect(quick.of('resync')).toEqual([]);
  });

  test('loses no event that comes while its snapshot is made', () => {
    const test = new TestHub();
    const slow = new TestClient(test, 10);
    slow.isStalled = true;
    test.publish(flood);
    for (let at = 0; at < 20; at++) test.publish(log(String(at)));
    test.snapshot = undefined;
    slow.wake();
    test.publish(log('meanwhile'));
    const requestId = test.lastRequest('snapshot');
    test.answer({ type: 'answer-snapshot', requestId, answer: { ok: true, value: engineSnapshot() } });
    expect(slow.heard.slice(1).map(({ type }) => type)).toContain('resync');
    expect(slow.heard).toContainEqual(log('meanwhile'));
  });

  test('is asked for again when its snapshot fails, or when it has missed more meanwhile', () => {
    const test = new TestHub();
    const slow = new TestClient(test, 10);
    slow.isStalled = true;
    test.publish(flood);
    for (let at = 0; at < 20; at++) test.publish(log(String(at)));
    test.snapshot = undefined;
    slow.wake();
    const requestId = test.lastRequest('snapshot');
    const problem = { code: 'timeout', message: 'late' } as const;
    test.answer({ type: 'answer-snapshot', requestId, answer: { ok: false, problem } });
    expect(slow.of('resync')).toEqual([]);
    test.snapshot = engineSnapshot();
    test.advance(60_000);
    expect(slow.of('resync')).toHaveLength(1);
  });

  test('has its questions refused whose answers it could not take', () => {
    const test = new TestHub();
    const slow = new TestClient(test, 3);
    slow.isStalled = true;
    test.publish(flood);
    slow.send({ type: 'browse', requestId: 5, peer: 'bob', path: '/', recursive: true });
    const requestId = test.lastRequest('browse');
    for (let page = 0; page < 10; page++)
      test.answer({ type: 'answer-browse', requestId, answer: { ok: true, value: [] }, last: page === 9 });
    slow.wake();
    expect(slow.of('answer-browse')).toMatchObject([
      { requestId: 5, last: true, answer: { problem: { code: 'busy' } } },
    ]);
  });

  test('keeps its views in step over what it has missed', () => {
    const test = new TestHub();
    const slow = new TestClient(test, 5);
    test.publish(download({ doneBytes: 1 }));
    slow.isStalled = true;
    test.publish(flood);
    for (let doneBytes = 2; doneBytes < 40; doneBytes++) {
      test.publish(download({ doneBytes, name: `name ${doneBytes}` }), log('noise'));
      test.advance(viewIntervalMs);
    }
    slow.wake();
    const last = download({ doneBytes: 99, name: 'at last' });
    test.publish(last);
    test.advance(viewIntervalMs);
    expect(slow.of('download').at(-1)).toStrictEqual(last);
  });
});
