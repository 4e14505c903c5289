/** Which protocol versions and features we speak, and how two sides agree on one. */
import { RemoteProtocolError } from './errors.ts';

/** The oldest and newest version spoken here, of both protocols. */
export const minVersion = 1;
export const maxVersion = 1;

/** Optional abilities, one bit each; both sides use what both have. None are defined yet. */
export const features = 0;

export interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** The newest version that both speak. Throws a RemoteProtocolError `version`. */
export function commonVersion(remote: VersionRange): number {
  const version = Math.min(maxVersion, remote.maxVersion);
  if (version < Math.max(minVersion, remote.minVersion))
    throw new RemoteProtocolError(
      'version',
      `Versions ${minVersion} to ${maxVersion} are spoken here, not ${remote.minVersion} to ${remote.maxVersion}`,
    );
  return version;
}
