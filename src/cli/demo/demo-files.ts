/** The sample files of the demo: what people share, in names and sizes, with random bytes for contents. */
import { randomFillSync } from 'node:crypto';
import { copyFile, mkdir, open } from 'node:fs/promises';
import path from 'node:path';

export interface SampleFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Who shares it; the same bytes where there are several. */
  readonly owners: readonly string[];
}

export const sampleFiles: readonly SampleFile[] = [
  { path: 'Field Recordings/2024-06-02 Dawn Chorus, Biebrza.flac', sizeBytes: 25_413_702, owners: ['alice'] },
  { path: 'Books/Moby-Dick; or, The Whale (1851).epub', sizeBytes: 1_284_377, owners: ['alice', 'carol'] },
  { path: 'Images/debian-13.1.0-amd64-netinst.iso', sizeBytes: 52_166_656, owners: ['bob', 'carol'] },
  { path: 'Talks/Lecture 4, Crash-Only Software.mp4', sizeBytes: 33_907_219, owners: ['bob'] },
  { path: 'Photos/2023 Ísland/DSC_0412.NEF', sizeBytes: 14_680_064, owners: ['carol'] },
  { path: 'Notes/README.md', sizeBytes: 4_211, owners: ['alice', 'bob', 'carol'] },
];

const blockBytes = 1024 * 1024;

/** Writes the samples into a folder for each owner below `folder`. */
export async function writeSamples(
  samples: readonly SampleFile[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { path: name, sizeBytes, owners } of samples) {
    const [first = '', ...others] = owners.map((owner) => path.join(folder, owner, name));
    await mkdir(path.dirname(first), { recursive: true });
    await writeRandom(first, sizeBytes, signal);
    for (const copy of others) {
      await mkdir(path.dirname(copy), { recursive: true });
      await copyFile(first, copy);
    }
  }
}

async function writeRandom(file: string, sizeBytes: number, signal: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx');
  const block = Buffer.alloc(blockBytes);
  try {
    for (let at = 0; at < sizeBytes; at += blockBytes) {
      signal.throwIfAborted();
      await handle.write(randomFillSync(block), 0, Math.min(blockBytes, sizeBytes - at), at);
    }
  } finally {
    await handle.close();
  }
}
