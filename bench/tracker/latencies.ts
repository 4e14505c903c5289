/** How long things took, as percentiles of all of them. */

export class Latencies {
  readonly #samples: number[] = [];

  add(ms: number): void {
    this.#samples.push(ms);
  }

  get count(): number {
    return this.#samples.length;
  }

  /** `p50`, `p99`, `p99.9` and the worst, in milliseconds. */
  summary(): Readonly<Record<'p50' | 'p99' | 'p99.9' | 'worst', number>> {
    const sorted = Float64Array.from(this.#samples).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), worst: at(1) };
  }
}
