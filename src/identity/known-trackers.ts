/**
 * The keys of trackers seen before, in `<home>/known_trackers`: a line `host:port id` each, as ssh keeps its
 * hosts; empty lines and lines that begin with `#` are left alone. Invariant: the first line of an address
 * decides, and lines are only ever appended, so several processes may use the file at once.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrackerAddress } from '../core/engine/engine-api.ts';
import { isId, type PeerId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';

interface Pin {
  readonly line: number;
  readonly id: PeerId;
}

/**
 * Whether the tracker at this address may be the one with this id: `known` when it was before, `pinned` when
 * this is the first time, which is noted. `expected`: whom another tracker said we would find there.
 * Problems: `key-changed`, saying what to do; `io`.
 */
export async function checkTracker(
  home: string,
  address: TrackerAddress,
  id: PeerId,
  expected: PeerId = id,
): Promise<Result<'known' | 'pinned'>> {
  const path = join(home, 'known_trackers');
  const name = nameOf(address);
  if (expected !== id)
    return fail(
      'key-changed',
      `The tracker at ${name} is ${id}, and another tracker said it was ${expected}`,
    );
  try {
    const text = await readIfThere(path);
    const pin = find(text, name);
    if (pin) return pin.id === id ? ok('known') : changed(path, name, pin, id);
    await append(home, path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${name} ${id}\n`);
    // Another process may have been faster with another key: the first line decides for both.
    const first = find(await readIfThere(path), name);
    return !first || first.id === id ? ok('pinned') : changed(path, name, first, id);
  } catch (error) {
    return fail('io', `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function changed(path: string, name: string, pin: Pin, id: PeerId): Result<never> {
  return fail(
    'key-changed',
    `The tracker at ${name} now shows the id ${id}, but was ${pin.id} before: its key was changed, or someone else ` +
      `answers at its address. If its operator confirms the change, remove line ${pin.line} of ${path} and try again`,
  );
}

function nameOf({ host, port }: TrackerAddress): string {
  const lower = host.toLowerCase();
  return lower.includes(':') ? `[${lower}]:${port}` : `${lower}:${port}`;
}

function find(text: string, name: string): Pin | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    const [address, id] = line.trim().split(/\s+/);
    if (address === name && id !== undefined && isId(id)) return { line: index + 1, id: id as PeerId };
  }
  return undefined;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** One write in append mode: lines of several processes do not mix. */
async function append(home: string, path: string, text: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  try {
    await file.write(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
