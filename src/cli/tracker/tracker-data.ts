/**
 * Where a tracker of this machine keeps its identity and catalogue. By port, not by profile: whichever peer
 * brings up the tracker at an address, the others know its key.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CliPorts } from '../peer/ports.ts';
import type { Settings } from '../peer/settings.ts';

/** The folder of the tracker at `port`; below a home that was chosen, or beside the profiles. */
export function trackerDataDir(settings: Settings, ports: CliPorts, port: number): string {
  if (settings.homeGiven) return path.join(settings.home, 'tracker');
  return embeddedTrackerDataDir(ports, port);
}

/** The folder of a tracker that runs inside a peer: always the one that other profiles' peers would use too. */
export function embeddedTrackerDataDir(ports: CliPorts, port: number): string {
  return path.join(trackersDir(ports), String(port));
}

/** The folders of all trackers that were started without one, whether they run or not, by their ports. */
export async function knownTrackerDirs(ports: CliPorts): Promise<readonly string[]> {
  const entries = await readdir(trackersDir(ports), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names
    .sort((one, other) => Number(one) - Number(other))
    .map((name) => path.join(trackersDir(ports), name));
}

const trackersDir = ({ dataDir }: CliPorts): string => path.join(dataDir, '.trackers');
