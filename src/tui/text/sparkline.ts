/** The last values of a number as a curve in one line. Invariant: exactly as wide as asked. */
import type { Glyphs } from './glyphs.ts';

/**
 * The last `width` values as exactly `width` cells, the newest at the right. Scaled so that the greatest of them
 * fills its cell: print it beside.
 */
export function sparkline(values: readonly number[], width: number, { spark }: Glyphs): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const peak = shown.reduce((greatest, value) => Math.max(greatest, value), 0);
  const top = spark.length - 1;
  // What is not nothing is seen to be not nothing.
  const level = (value: number): number =>
    value <= 0 || peak <= 0 ? 0 : Math.max(1, Math.round((value / peak) * top));
  return shown
    .map((value) => spark[Math.min(top, level(value))] ?? ' ')
    .join('')
    .padStart(width);
}
