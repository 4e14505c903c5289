/** Progress as a bar. Invariant: exactly as wide as asked, and full only when the fraction is 1. */
import type { Glyphs } from './glyphs.ts';
import { unicodeGlyphs } from './glyphs.ts';

/** A bar of exactly `width` cells, to the smallest part of a cell that the glyphs have, rounded down. */
export function bar(fraction: number, width: number, { bar: glyphs }: Glyphs = unicodeGlyphs): string {
  const frame = width > 2 ? glyphs : { open: '', close: '' };
  const cells = Math.max(0, width - frame.open.length - frame.close.length);
  const steps = glyphs.parts.length + 1;
  const done = Math.floor(Math.min(1, Math.max(0, fraction)) * cells * steps);
  const full = Math.floor(done / steps);
  const part = glyphs.parts[(done % steps) - 1] ?? '';
  return frame.open + (glyphs.full.repeat(full) + part).padEnd(cells, glyphs.rest) + frame.close;
}
