/**
 * Names of peers in a cluster, each kept under a key of its own, wherever its peer lies. Invariant: a name is
 * confirmed only after the part of its peer knows it, so that a crash in between leaves it free after a while.
 */
import type { PeerId } from '../../core/ids.ts';
import { redisNameHoldMs } from '../../core/limits/redis.ts';
import { suggestName } from '../../core/peer-name.ts';
import type { RedisShards } from './redis-shards.ts';

/** Names that are looked up before nothing is suggested. */
const maxTries = 64;

export class RedisNames {
  readonly #shards: RedisShards;

  constructor(shards: RedisShards) {
    this.#shards = shards;
  }

  /** Whether a peer may have a name, by its key; then nobody else may for a while. Throws `RedisUnavailable`. */
  async reserve(key: string, peer: PeerId): Promise<boolean> {
    const owner = await this.#shards.writeAt(`:name:${key}`, 'reserve', [peer, String(redisNameHoldMs)]);
    return String(owner) === peer;
  }

  /** Keeps a reserved name for good; false when it was let go of since, or is somebody's. Throws `RedisUnavailable`. */
  async confirm(key: string, peer: PeerId): Promise<boolean> {
    return String(await this.#shards.writeAt(`:name:${key}`, 'confirm', [peer])) === peer;
  }

  async release(key: string, peer: PeerId): Promise<void> {
    await this.#shards.writeAt(`:name:${key}`, 'release', [peer]);
  }

  /** A free name like this one; undefined when none was found soon. */
  async suggestion(name: string): Promise<string | undefined> {
    const taken = new Set<string>();
    let asked = '';
    for (let tries = 0; tries < maxTries; tries++) {
      const offer = suggestName(name, (key) => {
        asked = key;
        return taken.has(key);
      });
      if (offer === undefined) return undefined;
      if ((await this.#shards.askAt(`:name:${asked}`, 'owner')) === null) return offer;
      taken.add(asked);
    }
    return undefined;
  }
}
