import { expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { flushEveryMs } from '../../../../src/core/limits/downloads.ts';
import { flushGroupBytes, maxSmallFileBytes } from '../../../../src/core/limits/trees.ts';
import { handOver, openChannel } from '../../../../src/workers/channel.ts';
import { writeTree } from '../../../../src/workers/jobs/disk/tree-writer.ts';
import type {
  FilesForDisk,
  PlacedFile,
  TreeWriterControl,
  TreeWriterHost,
  WriterReport,
} from '../../../../src/workers/tree-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

/** The job, with its end that is the actor's and one that is a connection's. */
function begin(outDir: string) {
  const { port1, port2 } = new MessageChannel();
  const told: WriterReport[] = [];
  const host: TreeWriterHost = { report: (report) => void told.push(report) };
  const channel = openChannel<TreeWriterControl>(port1, host);
  const { remote } = channel;
  const over = writeTree({ link: port2, outDir, staging: tempDir(), adopts: false });
  const connect = async (): Promise<MessagePort> => {
    const store = new MessageChannel();
    await remote.connect(handOver(store.port2, [store.port2]));
    return store.port1;
  };
  const ended = (): number =>
    told.reduce((sum, { named, written, failed }) => sum + named.length + written.length + failed.length, 0);
  return {
    remote,
    connect,
    ended,
    stop: () => remote.stop().then(() => over.finally(() => channel.close())),
  };
}

const placed = (file: number, sizeBytes: number): PlacedFile => {
  return { file, id: idOf(file), sizeBytes, folders: ['new'], name: String(file) };
};

const message = (file: number, sizeBytes: number): FilesForDisk => {
  return { bytes: new Uint8Array(sizeBytes), files: Uint32Array.from([file, 0, sizeBytes]) };
};

test('a new folder is named while more and more comes for it, as soon as there is much to lose', async () => {
  // The time after which it is named in any case never comes.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'hrtime', 'queueMicrotask'] });
  try {
    const outDir = tempDir();
    const writer = begin(outDir);
    const store = await writer.connect();
    const large = Array.from({ length: flushGroupBytes / maxSmallFileBytes }, (_, at) => at);
    const small = [large.length, large.length + 1];
    const missing = large.length + 2;
    await writer.remote.prepare({
      folders: [],
      files: [
        ...large.map((file) => placed(file, maxSmallFileBytes)),
        ...[...small, missing].map((file) => placed(file, 1)),
      ],
    });
    for (const file of large) store.postMessage(message(file, maxSmallFileBytes));
    // They come while those are flushed, and then are not flushed themselves.
    for (const file of small) store.postMessage(message(file, 1));
    const names = (): string[] => readdirSync(path.join(outDir, 'new')).sort();
    const deadlineMs = performance.now() + 60_000;
    while (writer.ended() < large.length && performance.now() < deadlineMs) await turn();
    const before = [writer.ended(), names()];
    await writer.stop();
    expect(before).toEqual([large.length, large.map(String).sort()]);
    // What had come has got its name, in the same folder.
    expect(readdirSync(outDir)).toEqual(['new']);
    expect(names()).toEqual([...large, ...small].map(String).sort());
  } finally {
    jest.useRealTimers();
  }
});

test('what has come has its name at the end, also when its time is over while the last of it is flushed', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'hrtime', 'queueMicrotask'] });
  const outDir = tempDir();
  const probe = await open(path.join(tempDir(), 'any'), 'w');
  const flushing = Promise.withResolvers<void>();
  const flush = jest
    .spyOn(Object.getPrototypeOf(probe) as typeof probe, 'datasync')
    .mockImplementation(() => flushing.promise);
  try {
    const writer = begin(outDir);
    const store = await writer.connect();
    await writer.remote.prepare({ folders: [], files: [placed(0, 1), placed(1, 1), placed(2, 1)] });
    for (const file of [0, 1]) {
      store.postMessage(message(file, 1));
      await once(store, 'message');
    }
    const stopped = writer.stop();
    while (flush.mock.calls.length === 0) await turn();
    jest.advanceTimersByTime(flushEveryMs);
    for (let turns = 0; turns < 100; turns++) await turn();
    flushing.resolve();
    await stopped;
    expect(readdirSync(path.join(outDir, 'new'))).toEqual(['0', '1']);
    expect(writer.ended()).toBe(2);
  } finally {
    flush.mockRestore();
    jest.useRealTimers();
    await probe.close();
  }
});
