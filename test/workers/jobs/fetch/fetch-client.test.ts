import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MessageChannel } from 'node:worker_threads';
import { contentIdOf } from '../../../../src/content/content-id.ts';
import { stallTimeoutMs } from '../../../../src/core/limits/connections.ts';
import { rateSilenceMs } from '../../../../src/core/limits/pipelining.ts';
import { maxFilesDataBytes, maxStoreBacklogBytes } from '../../../../src/core/limits/trees.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import { SharedWeight } from '../../../../src/core/rates/shared-weight.ts';
import { PieceWriters } from '../../../../src/core/swarm/piece-writers.ts';
import type { Problem } from '../../../../src/core/result.ts';
import type { PeerMessage } from '../../../../src/protocol/peer-messages.ts';
import type { Calls } from '../../../../src/workers/channel.ts';
import type { Connection, PeerEvent } from '../../../../src/workers/jobs/connection.ts';
import { FetchClient } from '../../../../src/workers/jobs/fetch/fetch-client.ts';
import type { FetchHost, FetchInput, FetchReport } from '../../../../src/workers/transfer-contract.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, manifestOf, someBytes } from '../../../helpers/transfer.ts';

const pieces = 64;
const stopped = { code: 'closed', message: '' } as const;
const small = someBytes(1_000);
const smallId = contentIdOf(manifestOf(small));
/** So many answers are as much as may wait for the disk. */
const batches = Math.ceil(maxStoreBacklogBytes / maxFilesDataBytes);

describe('what is fetched over one connection', () => {
  let channel: MessageChannel;
  let sent: PeerMessage[];
  let problems: Problem[];
  let told: FetchReport[];
  let hear: (event: PeerEvent) => void;
  let over: PromiseWithResolvers<Problem>;
  let client: FetchClient;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    [sent, problems, told, over] = [[], [], [], Promise.withResolvers()];
    channel = new MessageChannel();
    let requestId = 0;
    const connection = {
      isOpen: true,
      ended: over.promise,
      closed: over.promise.then(() => undefined),
      end: (problem: Problem) => problems.push(problem),
      session: { canAsk: true, isSwarming: true, nextRequestId: () => ++requestId },
      send: (message: PeerMessage) => sent.push(message),
      corked: (step: () => void) => step(),
    };
    const host = { report: async (report: FetchReport) => void told.push(report) };
    client = new FetchClient(
      host as unknown as Calls<FetchHost>,
      '' as FetchInput['peer'],
      new SharedRate(),
      (onEvent) => {
        hear = onEvent;
        return connection as unknown as Connection;
      },
      () => undefined,
    );
    await openBoth();
  });

  afterEach(async () => {
    over.resolve(stopped);
    await client.end(stopped);
    jest.useRealTimers();
    channel.port1.close();
  });

  /** A large content and the small files of a tree, both asked for. */
  async function openBoth(): Promise<void> {
    const content = makeContent(tempDir(), 'a', pieces * 256 * 1024);
    const { id, manifest, filePath } = content;
    const shared = (transfer: number) => ({
      rate: new SharedRate().shared,
      weight: SharedWeight.of(transfer, 'normal').shared,
    });
    const writers = PieceWriters.of(pieces).shared;
    const opened = await client.open({
      content: 1,
      id,
      manifest,
      filePath,
      ...shared(1),
      isPartial: false,
      writers,
    });
    expect(opened.ok).toBe(true);
    client.files.open({ tree: 2, store: channel.port2, ...shared(2) });
    // More than come here.
    const files = Array.from({ length: batches + 1 }, (_, file) => ({
      file,
      id: smallId,
      sizeBytes: small.length,
    }));
    client.files.want(2, files);
    client.downloader.want(1, [{ first: 0, count: pieces }]);
  }

  const asked = (type: 'get-pieces' | 'get-files'): number =>
    sent.flatMap((message) => (message.type === type ? [message.requestId] : []))[0] ?? 0;

  /** The next file of the tree begins. */
  function fileBegins(): number {
    const requestId = asked('get-files');
    const files = [{ sizeBytes: small.length, code: undefined }];
    hear({ type: 'files', requestId, dataLength: small.length, last: false, files });
    return requestId;
  }

  test('is silent only while nothing of it comes: pieces that wait for small files end no connection', () => {
    expect([asked('get-pieces'), asked('get-files')]).not.toContain(0);
    const requestId = fileBegins();
    for (let ms = 0; ms < 3 * stallTimeoutMs; ms += 1_000) {
      hear({ type: 'data', requestId, bytes: small.subarray(0, 1) });
      jest.advanceTimersByTime(1_000);
    }
    expect(problems).toEqual([]);
    expect(told.filter(({ stallsAtMs }) => stallsAtMs !== undefined)).toEqual([]);
    jest.advanceTimersByTime(stallTimeoutMs + 1_000);
    expect(problems[0]).toMatchObject({ code: 'timeout' });
  });

  test('is said to be silent once nothing at all has come for a while', async () => {
    await jest.advanceTimersByTimeAsync(rateSilenceMs + 2_000);
    expect(told.at(-1)?.stallsAtMs).toBeDefined();
  });

  test('is not silent while the disk keeps us from reading, be it for the other kind', () => {
    for (let batch = 0; batch < batches; batch++) {
      const requestId = fileBegins();
      hear({ type: 'data', requestId, bytes: small });
      hear({ type: 'data-end', requestId });
    }
    expect(client.mayRead).toBe(false);
    expect(client.downloader.pace).toBe('due');
    jest.advanceTimersByTime(3 * stallTimeoutMs);
    expect(problems).toEqual([]);
  });
});
