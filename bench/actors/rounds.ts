/** Alternating rounds: every measure once per round, so that what else the machine does falls on all alike. */

/** `rate`: `once` returns how much it did. `time`: it returns how long one took, in milliseconds. */
export interface Measure {
  readonly name: string;
  readonly kind: 'rate' | 'time';
  once(): Promise<number>;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly rounds: readonly number[];
  /** Of rates: medians per second of processor time, of all threads together. */
  readonly perCpuSecond: number | undefined;
}

interface Round {
  readonly value: number;
  readonly perCpuSecond: number;
}

/** Runs `rounds` rounds after one that only warms up. */
export async function alternate(measures: readonly Measure[], rounds: number): Promise<Figure[]> {
  const results = new Map<Measure, Round[]>(measures.map((measure) => [measure, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [measure, values] of results) {
      const value = await once(measure);
      if (round > 0) values.push(value);
    }
  }
  return Array.from(results, ([{ name, kind }, values]) => ({
    name,
    unit: kind === 'rate' ? '/s' : 'ms',
    median: median(values.map(({ value }) => value)),
    rounds: values.map(({ value }) => value),
    perCpuSecond: kind === 'rate' ? median(values.map(({ perCpuSecond }) => perCpuSecond)) : undefined,
  }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

async function once(measure: Measure): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await measure.once();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return measure.kind === 'time'
    ? { value: result, perCpuSecond: Number.NaN }
    : { value: result / seconds, perCpuSecond: result / ((user + system) / 1e6) };
}
