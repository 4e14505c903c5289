/**
 * Where things lie in a cluster: the slot of a key, and the tags that spread shards evenly over all slots.
 * Invariant: the same number of shards always has the same tags, in every version.
 */

export const slotCount = 16_384;
const letters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** CRC-16/XMODEM, as the Redis Cluster specification asks for. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x80_00 ? ((crc << 1) ^ 0x10_21) & 0xff_ff : (crc << 1) & 0xff_ff;
  }
  return crc;
}

/** The slot of a key: of what is in its first braces, if anything is. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const tagged = close > open + 1 ? key.slice(open + 1, close) : key;
  return crc16(Buffer.from(tagged)) % slotCount;
}

/** A tag of three letters for each shard, in slots as far apart as can be. */
export function shardTags(shards: number): readonly string[] {
  const tagOf = new Map<number, string>();
  for (const a of letters)
    for (const b of letters)
      for (const c of letters) {
        const slot = slotOf(a + b + c);
        if (!tagOf.has(slot)) tagOf.set(slot, a + b + c);
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
