import { expect, test } from '@jest/globals';
import { encodeRedisCursor, redisStretchOf } from '../../../src/store/redis/redis-cursor.ts';
import { shardTags, slotCount, slotOf } from '../../../src/store/redis/redis-tags.ts';

test('slots are those of the Redis Cluster specification', () => {
  // The value that the specification gives for its CRC, and tags whose slots servers were asked for.
  expect(slotOf('123456789')).toBe(0x31c3);
  expect([slotOf('shoal{nbd}:w:song'), slotOf('{o4m}'), slotOf('x{abt}')]).toEqual([256, 768, 16_128]);
  expect(slotOf('{}a')).not.toBe(slotOf(''));
});

test.each([1, 3, 32, 128])('%d shards lie apart as evenly as slots allow', (shards) => {
  const slots = shardTags(shards).map((tag) => slotOf(`{${tag}}`));
  expect(new Set(slots).size).toBe(shards);
  for (const [shard, slot] of slots.entries())
    expect(Math.abs(slot - ((shard + 0.5) * slotCount) / shards)).toBeLessThanOrEqual(2);
});

test('a cursor says where each shard goes on, and fits its bound with the most shards', () => {
  const below = Array.from({ length: 128 }, (_, at) =>
    at % 3 === 0 ? undefined : at % 3 === 1 ? 0 : 2 ** 32 - 1,
  );
  const stretch = { below, given: 40, limit: 50 };
  const cursor = encodeRedisCursor(stretch);
  expect(cursor.length).toBeLessThanOrEqual(1_200);
  expect(redisStretchOf(cursor, 50, 128)).toEqual(stretch);
});

test.each(['', '!', 'AAAA', '_'.repeat(1_200), encodeRedisCursor({ below: [1], given: 0, limit: 201 })])(
  '%j is no cursor',
  (cursor) => {
    expect(redisStretchOf(cursor, 50, 1)).toBeUndefined();
  },
);
