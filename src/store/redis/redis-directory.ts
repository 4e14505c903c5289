/**
 * The trackers of a cluster: the list of them, under one key with leases by the clock of its server, and what each has
 * left for another, under a key of that one. Invariant: what waits for one that is gone ends by itself.
 */
import { readNeighbour, type NeighbourTracker } from '../../core/tracker/neighbours.ts';
import { callLetterMs, maxCallLetters } from '../../core/limits/reach.ts';
import type { RedisShards } from './redis-shards.ts';
import type { TrackerDirectory } from '../tracker-directory.ts';

const key = '{trackers}';
const lettersOf = (tracker: string): string => `:letters:${tracker}`;

/** `tracker`: what this one is called. Throws `RedisUnavailable` while the server that has the list is away. */
export function redisDirectory(shards: RedisShards, tracker: string): TrackerDirectory {
  return {
    async announce(self, leaseMs) {
      const listed = await shards.writeAt(key, 'announce', [
        nameOf(self),
        String(leaseMs),
        JSON.stringify({ id: self.id, host: self.host, port: self.port }),
      ]);
      // Whoever else writes to this Redis could have written it.
      return (listed as readonly Buffer[]).flatMap((text) => readNeighbour(String(text)) ?? []);
    },
    async withdraw(self) {
      await shards.writeAt(key, 'withdraw', [nameOf(self)]);
    },
    async post(peer, text) {
      const at = await shards.read(shards.of(peer), 'whereabouts', [peer]);
      if (!(at instanceof Buffer) || String(at) === tracker) return 'absent';
      const bounds = [String(maxCallLetters), String(callLetterMs)];
      const isPosted = await shards.writeAt(lettersOf(String(at)), 'post', [...bounds, text]);
      return isPosted === 1 ? 'posted' : 'full';
    },
    async collect() {
      const texts = await shards.writeAt(lettersOf(tracker), 'collectLetters', []);
      return (texts as readonly Buffer[]).map(String);
    },
  };
}

function nameOf({ host, port }: NeighbourTracker): string {
  return `${host} ${port}`;
}
