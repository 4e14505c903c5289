/**
 * Where a tracker of this machine keeps its identity and catalogue. By port, not by profile: whichever peer
 * brings up the tracker at an address, the others know its key.
 */
import path from 'node:path';
import type { CliPorts } from './ports.ts';
import type { Settings } from './settings.ts';

/** The folder of the tracker at `port`; below a home that was chosen, or beside the profiles. */
export function trackerDataDir(settings: Settings, ports: CliPorts, port: number): string {
  if (settings.homeGiven) return path.join(settings.home, 'tracker');
  return path.join(ports.dataDir, '.trackers', String(port));
}

/** The folder of a tracker that runs inside a peer: always the one that other profiles' peers would use too. */
export function embeddedTrackerDataDir(ports: CliPorts, port: number): string {
  return path.join(ports.dataDir, '.trackers', String(port));
}
