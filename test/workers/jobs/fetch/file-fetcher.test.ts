import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { contentIdOf } from '../../../../src/content/content-id.ts';
import { maxFilesDataBytes, maxStoreBacklogBytes } from '../../../../src/core/limits/trees.ts';
import { Pipeline } from '../../../../src/core/swarm/pipeline.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import { SharedWeight } from '../../../../src/core/rates/shared-weight.ts';
import type { PeerMessage, PeerMessageNamed } from '../../../../src/protocol/peer-messages.ts';
import { Asker, type FetchBase } from '../../../../src/workers/jobs/fetch/asker.ts';
import type { Connection } from '../../../../src/workers/jobs/connection.ts';
import { FileFetcher } from '../../../../src/workers/jobs/fetch/file-fetcher.ts';
import { manifestOf, someBytes } from '../../../helpers/transfer.ts';

const sizeBytes = 1000;
const bytes = someBytes(sizeBytes);
const id = contentIdOf(manifestOf(bytes));

function baseOf(connection: Connection, resumeReading: () => void): FetchBase {
  const pipeline = new Pipeline(0);
  const asker = new Asker(connection, pipeline, { isQueued: () => false, asked: () => undefined });
  return { connection, pipeline, asker, rate: new SharedRate(), began: () => undefined, resumeReading };
}

describe('what fetches small files', () => {
  let sent: PeerMessage[];
  let fetcher: FileFetcher;
  let resumed: number;
  let ports: MessagePort[];
  let end: () => void;

  beforeEach(() => {
    [sent, resumed, ports] = [[], 0, []];
    const ended = Promise.withResolvers<void>();
    end = ended.resolve;
    let requestId = 0;
    const connection = {
      ended: ended.promise,
      isOpen: true,
      session: { canAsk: true, nextRequestId: () => ++requestId },
      send: (message: PeerMessage) => sent.push(message),
      corked: (step: () => void) => step(),
    };
    const base = baseOf(connection as unknown as Connection, () => resumed++);
    fetcher = new FileFetcher(
      base,
      () => undefined,
      () => undefined,
    );
  });

  afterEach(async () => {
    end();
    await Promise.resolve();
    for (const port of ports) port.close();
  });

  function open(tree: number): void {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    fetcher.open({
      tree,
      store: port2,
      rate: new SharedRate().shared,
      weight: SharedWeight.of(tree, 'normal').shared,
    });
  }

  /** The answer to the request made last. */
  function answer(body: Uint8Array): void {
    const asked = sent.findLast((message) => message.type === 'get-files') as PeerMessageNamed<'get-files'>;
    const { requestId } = asked;
    fetcher.begins({
      type: 'files',
      requestId,
      dataLength: body.length,
      last: true,
      files: [{ sizeBytes: body.length, code: undefined }],
    });
    fetcher.data(requestId, body);
    fetcher.dataEnd(requestId);
  }

  test('gives up what is to come from elsewhere unless it is on its way', () => {
    open(1);
    const all = Array.from({ length: 40 }, (_, file) => ({ file, id, sizeBytes: 400_000 }));
    fetcher.want(1, all);
    const asked = sent.flatMap((message) => (message.type === 'get-files' ? message.ids : []));
    expect(asked.length).toBeGreaterThan(0);
    const dropped = fetcher.drop(
      1,
      all.map(({ file }) => file),
    );
    expect(dropped).toEqual(all.slice(asked.length).map(({ file }) => file));
    expect(sent.some(({ type }) => type === 'cancel')).toBe(false);
    expect(fetcher.drop(1, [39])).toEqual([]);
    expect(sent.some(({ type }) => type === 'cancel')).toBe(false);
    expect(fetcher.drop(2, [0])).toEqual([]);
  });

  test('gives up all that it waits for in a queue, but keeps its place while there is anything else', () => {
    open(1);
    const all = Array.from({ length: 3 }, (_, file) => ({ file, id, sizeBytes: 900_000 }));
    fetcher.want(1, all);
    const requests = sent.filter((message) => message.type === 'get-files').length;
    fetcher.queued(4);
    const numbers = all.map(({ file }) => file);
    expect(fetcher.drop(1, numbers)).toEqual(numbers.slice(1));
    expect(sent.filter(({ type }) => type === 'cancel')).toHaveLength(requests - 1);
    expect(fetcher.drop(1, numbers)).toEqual([0]);
    expect(sent.filter(({ type }) => type === 'cancel')).toHaveLength(requests);
    expect(fetcher.pace).toBe('idle');
  });

  test('waits for nobody who has closed a tree, however much it had not written yet', () => {
    open(1);
    for (let batch = 0; batch * maxFilesDataBytes < maxStoreBacklogBytes; batch++) {
      fetcher.want(1, [{ file: batch, id, sizeBytes }]);
      answer(bytes);
    }
    expect(fetcher.mayRead).toBe(false);
    const before = resumed;
    fetcher.close(1);
    expect(fetcher.mayRead).toBe(true);
    expect(resumed).toBeGreaterThan(before);
  });

  test('tells the source of a file that is not what was asked for', () => {
    open(1);
    fetcher.want(1, [{ file: 7, id, sizeBytes }]);
    answer(someBytes(sizeBytes, 2));
    expect(sent.at(-1)).toEqual({ type: 'spoiled', id, piece: 0 });
    expect(fetcher.takeReports()).toMatchObject([
      { tree: 1, refused: [{ file: 7, problem: { code: 'piece-mismatch' } }] },
    ]);
  });
});
