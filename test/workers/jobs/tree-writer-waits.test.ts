/** What a writer of small files waits for before it flushes and names them: never for what is not to come with them. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { maxSmallFileBytes } from '../../../src/core/limits/trees.ts';
import { handOver, openChannel } from '../../../src/workers/channel.ts';
import { writeTree } from '../../../src/workers/jobs/disk/tree-writer.ts';
import type {
  FilesForDisk,
  PlacedFile,
  TreeWriterControl,
  TreeWriterHost,
} from '../../../src/workers/tree-contract.ts';
import { idOf } from '../../helpers/download-bench.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

// The time after which files are flushed in any case never comes here.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'hrtime', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

async function happens(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition() && performance.now() < deadlineMs) await turn();
  expect(condition()).toBe(true);
}

const placed = (file: number, sizeBytes: number): PlacedFile => {
  return { file, id: idOf(file), sizeBytes, folders: ['new'], name: String(file) };
};

const message = (file: number): FilesForDisk => {
  return { bytes: new Uint8Array(1), files: Uint32Array.from([file, 0, 1]) };
};

async function begin(files: readonly PlacedFile[]) {
  const outDir = tempDir();
  const { port1, port2 } = new MessageChannel();
  const store = new MessageChannel();
  const host: TreeWriterHost = { report: () => undefined };
  const channel = openChannel<TreeWriterControl>(port1, host);
  const over = writeTree({ link: port2, outDir, staging: tempDir(), adopts: false });
  await channel.remote.connect(handOver(store.port2, [store.port2]));
  await channel.remote.prepare({ folders: [], files });
  const folder = path.join(outDir, 'new');
  return {
    remote: channel.remote,
    folder,
    named: (): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []),
    send: (...sent: readonly number[]) => {
      for (const file of sent) store.port1.postMessage(message(file));
    },
    stop: () => channel.remote.stop().then(() => over.finally(() => channel.close())),
  };
}

test('small files are named when the last has come, wherever large ones stand in the list', async () => {
  const large = maxSmallFileBytes + 1;
  const writer = await begin([placed(0, 1), placed(1, large), placed(2, 1), placed(3, large)]);
  writer.send(0, 2);
  await happens(() => writer.named().length === 2);
  await writer.stop();
});

test('a file is named while another of the same content waits to be copied from it, and then the copy is', async () => {
  const writer = await begin([placed(0, 1), { ...placed(1, 1), id: idOf(0) }, placed(2, 1)]);
  await writer.remote.setAside([1]);
  writer.send(0, 2);
  await happens(() => writer.named().length === 2);
  await writer.stop();
});

test('what has come is named when the rest is set aside after it, and what was set aside is taken if it comes', async () => {
  const writer = await begin([placed(0, 1), placed(1, 1)]);
  writer.send(0);
  await turn();
  await writer.remote.setAside([1]);
  await happens(() => writer.named().join() === '0');
  writer.send(1);
  await happens(() => writer.named().join() === '0,1');
  await writer.stop();
});
