/** What the operating system knows of this process and its files. What it does not tell is null, and never a failure. */
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import type { ProcessStats } from '../core/tracker/tracker-stats.ts';

export async function processStats(): Promise<ProcessStats> {
  const { user, system } = process.cpuUsage();
  return {
    pid: process.pid,
    rssBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    openFiles: await openFiles(),
    maxOpenFiles: await maxOpenFiles(),
  };
}

/** The size of a file; null when there is none. */
export async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(({ size }) => size, unknown);
}

/** What one who is not the administrator may still write there. */
export async function freeBytes(folder: string): Promise<number | null> {
  return statfs(folder).then(({ bavail, bsize }) => bavail * bsize, unknown);
}

const unknown = (): null => null;

async function openFiles(): Promise<number | null> {
  return readdir('/proc/self/fd').then((names) => names.length, unknown);
}

/** It never changes while a process runs. */
let limit: Promise<number | null> | undefined;

function maxOpenFiles(): Promise<number | null> {
  limit ??= readFile('/proc/self/limits', 'utf8').then((text) => {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
    return soft === undefined ? null : Number(soft);
  }, unknown);
  return limit;
}
