/**
 * Takes rows that nobody holds out of the index of a part. The words of a row are not kept with it, so they are cut
 * from its path again. Invariant: may be done twice, by several trackers at once, and be broken off anywhere.
 */
import { redisGarbagePerCall } from '../../core/limits/redis.ts';
import { unpackRow } from './redis-files.ts';
import type { RedisArgument } from './redis-node.ts';
import type { RedisShards } from './redis-shards.ts';
import { tokensToList } from './redis-words.ts';

/** Looks at so many rows at most. Gives how many are left. Throws `RedisUnavailable`. */
export async function collectGarbage(shards: RedisShards, shard: number, mostRows: number): Promise<number> {
  let left = 0;
  for (let seen = 0; seen < mostRows; seen += redisGarbagePerCall) {
    const answer = await shards.read(shard, 'garbage', [String(redisGarbagePerCall)]);
    const found = answer as readonly Buffer[];
    if (found.length === 0) return 0;
    const args: RedisArgument[] = [];
    for (let at = 0; at < found.length; at += 2) {
      const row = found[at + 1];
      const tokens = row === undefined || row.length === 0 ? [] : tokensToList(unpackRow(0, 0, row));
      args.push(String(found[at]), String(tokens.length), ...tokens);
    }
    left = (await shards.write(shard, 'collect', args)) as number;
  }
  return left;
}
