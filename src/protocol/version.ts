/** Which protocol versions and features we speak, and how two sides agree on one. */
import { RemoteProtocolError } from './errors.ts';

/** The oldest and newest version spoken here, of both protocols. */
export const minVersion = 1;
export const maxVersion = 1;

/**
 * The ability to give and take pieces of what is not complete yet: between peers `watch` and what follows it, with a
 * tracker `join` and what follows it.
 */
export const swarming = 1;

/** The ability to be sent to another tracker: `trackers` and `redirect`. */
export const moving = 2;

/** The ability to have a connection opened the other way round: `reach`, `call` and `called`. */
export const calling = 4;

/** The ability to find many contents by their ids at once: `find-contents`. */
export const finding = 8;

/** The ability of a peer to be told that its share is to be compared: `compare`. */
export const comparing = 16;

/** Optional abilities, one bit each; both sides use what both have. */
export const features = swarming | moving | calling | finding | comparing;

/** What both sides use. */
export interface Agreement {
  readonly version: number;
  readonly features: number;
}

/** What a side offers in its hello. */
export interface Offer {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly features: number;
}

/** The newest version and all the features that both have. Throws a RemoteProtocolError `version`. */
export function agreeOn(offer: Offer): Agreement {
  const version = Math.min(maxVersion, offer.maxVersion);
  if (version < Math.max(minVersion, offer.minVersion))
    throw new RemoteProtocolError(
      'version',
      `Versions ${minVersion} to ${maxVersion} are spoken here, not ${offer.minVersion} to ${offer.maxVersion}`,
    );
  return { version, features: (offer.features & features) >>> 0 };
}
