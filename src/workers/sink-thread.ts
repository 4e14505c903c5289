/**
 * The thread that proves and writes pieces for a receiving thread. It waits for nothing but orders, so everything in
 * it is synchronous: the cheapest way there is, and what is written is still in this processor's cache.
 * Invariant: only bytes that have the hash they must have are written.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { blake3 } from '../content/hash.ts';
import { leafBytes } from '../core/swarm/manifest.ts';
import {
  SinkMemory,
  sinkWritten,
  sinkWrong,
  type SinkOrder,
  type SinkOutcome,
  type SinkShare,
} from './jobs/disk/sink-memory.ts';
import { beginWritingOf, WriteBack } from './write-back.ts';

const memory = new SinkMemory(workerData as SinkShare);
const writeBack = new WriteBack(beginWritingOf());

// Not while modules are still being evaluated: ending the thread then would be the end of the whole process.
setImmediate(() => memory.carryOut(carryOut, () => parentPort?.postMessage(undefined)));

function carryOut({ slot, lengthBytes, leaf, fd, position }: SinkOrder): SinkOutcome {
  const bytes = memory.slots[slot]?.subarray(0, lengthBytes) ?? new Uint8Array(0);
  return isRight(bytes, leaf) ? write(bytes, fd, position) : sinkWrong;
}

function isRight(bytes: Uint8Array, leaf: SinkOrder['leaf']): boolean {
  const hash = blake3.hash(bytes);
  for (let at = 0; at < leafBytes; at++) if (leaf[at] !== hash[at]) return false;
  return true;
}

function write(bytes: Uint8Array, fd: number, position: number): SinkOutcome {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
    writeBack.wrote(fd, bytes.length);
    return sinkWritten;
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    // Anything but a system error is a fault of ours: it ends the thread, and whoever started it hears of it.
    if (errno === undefined) throw error;
    return errno;
  }
}
