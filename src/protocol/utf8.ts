/** Checks UTF-8 where it lies, without decoding it: the standard forbids overlong forms, surrogates and gaps. */

/** Whether the bytes from `start` to `end` are well-formed (Unicode 16, table 3-7). */
export function isUtf8(source: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = source[at++] ?? 0;
    if (lead < 0x80) continue;
    const tail = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (tail === 0 || tail > end - at) return false;
    // Only the byte after these leads has a narrower range.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const second = source[at] ?? 0;
    if (second < low || second > high) return false;
    for (let index = 1; index < tail; index++) if (((source[at + index] ?? 0) & 0xc0) !== 0x80) return false;
    at += tail;
  }
  return true;
}

/** How many bytes a well-formed string takes. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for two of its four bytes.
    length += unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2;
  }
  return length;
}
