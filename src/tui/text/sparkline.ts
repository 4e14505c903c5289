/** A curve of the last values in one line of text, and the ring that keeps them. */
import { maxSpeedSamples } from '../../core/limits.ts';
import type { Glyphs } from './glyphs.ts';

/** The last samples of a number, taken at an even beat. */
export class Samples {
  readonly #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > maxSpeedSamples) this.#values.shift();
  }

  /** Oldest first. */
  get values(): readonly number[] {
    return this.#values;
  }

  get peak(): number {
    return this.#values.reduce((peak, value) => Math.max(peak, value), 0);
  }

  get mean(): number {
    return this.#values.length === 0
      ? 0
      : this.#values.reduce((sum, value) => sum + value, 0) / this.#values.length;
  }
}

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
