/**
 * Which other trackers of the same catalogue a profile has been told of, in `<home>/known_neighbours`: a line
 * `host:port host:port/id …` for each tracker that a person named. Invariant: the file is replaced whole, so a reader
 * never sees half of it; what is not understood is left out, as it can be learnt again.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrackerAddress } from '../core/engine/engine-api.ts';
import { hostPort } from '../core/host.ts';
import { isId, type PeerId } from '../core/ids.ts';
import { maxRememberedTrackers } from '../core/limits/tracker-link.ts';
import { maxToldTrackers } from '../core/limits/wire.ts';
import type { NeighbourTracker } from '../core/tracker/neighbours.ts';

/** By the address of the named tracker, as `hostPort` writes it. Nothing where the file cannot be read. */
export type KnownNeighbours = ReadonlyMap<string, readonly NeighbourTracker[]>;

export async function readNeighbours(home: string): Promise<KnownNeighbours> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => '');
  const known = new Map<string, readonly NeighbourTracker[]>();
  for (const line of text.split('\n').slice(0, maxRememberedTrackers)) {
    const [named, ...others] = line.split(' ');
    if (named !== undefined && named !== '')
      known.set(named, others.slice(0, maxToldTrackers).flatMap(neighbourOf));
  }
  return known;
}

/** Notes what was told at one of them, the newest first. Rejects with the error of the disk. */
export async function noteNeighbours(
  home: string,
  named: TrackerAddress,
  neighbours: readonly NeighbourTracker[],
): Promise<void> {
  const known = new Map(await readNeighbours(home));
  known.delete(hostPort(named));
  const entries = [[hostPort(named), neighbours] as const, ...known].slice(0, maxRememberedTrackers);
  const lines = entries.map(([address, others]) =>
    [address, ...others.map((other) => `${hostPort(other)}/${other.id}`)].join(' '),
  );
  await mkdir(home, { recursive: true, mode: 0o700 });
  const draft = `${fileIn(home)}.${process.pid}`;
  await writeFile(draft, `${lines.join('\n')}\n`, { mode: 0o600 });
  await rename(draft, fileIn(home));
}

function neighbourOf(text: string): NeighbourTracker[] {
  const [, host = '', port, id = ''] = /^\[?([^[\]\s/]+)\]?:(\d{1,5})\/([a-z2-7]+)$/.exec(text) ?? [];
  return isId(id) ? [{ host, port: Number(port), id: id as PeerId }] : [];
}

const fileIn = (home: string): string => join(home, 'known_neighbours');
