/**
 * Where things lie in a cluster: the slot of a key, and the tags that spread shards evenly over all slots.
 * Invariant: the same number of shards always has the same tags, in every version.
 */

export const slotCount = 16_384;
const letters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** CRC-16/XMODEM, as the Redis Cluster specification asks for: of what came before and one byte more. */
function crc16(crc: number, byte: number): number {
  crc ^= byte << 8;
  for (let bit = 0; bit < 8; bit++)
    crc = crc & 0x80_00 ? ((crc << 1) ^ 0x10_21) & 0xff_ff : (crc << 1) & 0xff_ff;
  return crc;
}

/** The slot of a key: of what is in its first braces, if anything is. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const tagged = close > open + 1 ? key.slice(open + 1, close) : key;
  return Buffer.from(tagged).reduce(crc16, 0) % slotCount;
}

/** A tag of three letters for each shard, in slots as far apart as can be. */
export function shardTags(shards: number): readonly string[] {
  const tagOf = new Map<number, string>();
  // One letter after the other: a buffer for each of 46,656 tags would be tens of megabytes, on each thread.
  for (const a of letters) {
    const first = crc16(0, a.charCodeAt(0));
    for (const b of letters) {
      const second = crc16(first, b.charCodeAt(0));
      for (const c of letters) {
        const slot = crc16(second, c.charCodeAt(0)) % slotCount;
        if (!tagOf.has(slot)) tagOf.set(slot, a + b + c);
      }
    }
  }
  return Array.from({ length: shards }, (_, shard) => {
    let slot = Math.floor(((shard + 0.5) * slotCount) / shards);
    for (;;) {
      const tag = tagOf.get(slot % slotCount);
      if (tag !== undefined) return tag;
      slot += 1;
    }
  });
}
