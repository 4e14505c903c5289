/** The list of the trackers of a cluster, under one key, with leases by the clock of its server. */
import type { NeighbourTracker } from '../core/neighbours.ts';
import type { RedisShards } from './redis-shards.ts';
import type { TrackerDirectory } from './tracker-directory.ts';

const key = '{trackers}';

/** Throws `RedisUnavailable` while the server that has the list is away. */
export function redisDirectory(shards: RedisShards): TrackerDirectory {
  return {
    async announce(self, leaseMs) {
      const listed = await shards.writeAt(key, 'announce', [
        nameOf(self),
        String(leaseMs),
        JSON.stringify({ id: self.id, host: self.host, port: self.port }),
      ]);
      return (listed as readonly Buffer[]).map((text) => JSON.parse(String(text)) as NeighbourTracker);
    },
    async withdraw(self) {
      await shards.writeAt(key, 'withdraw', [nameOf(self)]);
    },
  };
}

function nameOf({ host, port }: NeighbourTracker): string {
  return `${host} ${port}`;
}
