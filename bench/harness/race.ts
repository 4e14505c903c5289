/**
 * Contenders in alternating rounds of one run, so that the machine's mood meets all alike: medians, ratios to the
 * first one, and what every process used.
 */
import type { Usage } from './processes.ts';
import { machine } from './scene.ts';

/** What one round of one contender took. */
export interface Round {
  readonly seconds: number;
  /** Of each side or process, by what it is called. */
  readonly usage: Readonly<Record<string, Usage>>;
}

export interface Contender {
  readonly name: string;
  run(): Promise<Round>;
}

export interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly leastSeconds: number;
  readonly megabytesPerSecond: number;
  /** How many times its throughput the first contender's is. */
  readonly firstIsFasterBy: number;
  readonly cpuSeconds: number;
  /** Median usage of each process. */
  readonly usage: Readonly<Record<string, Usage>>;
}

/** `bytes`: what each round moves. The order rotates from round to round; `before` runs ahead of every one. */
export async function race(
  contenders: readonly Contender[],
  rounds: number,
  bytes: number,
  before: () => void = () => undefined,
): Promise<readonly Row[]> {
  const runs = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const turn = round % contenders.length;
    for (const contender of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      before();
      runs.get(contender.name)?.push(await contender.run());
    }
  }
  const first = median(seconds(runs.get(contenders[0]?.name ?? '')));
  return contenders.map(({ name }) => row(name, runs.get(name) ?? [], bytes, first));
}

function row(name: string, rounds: readonly Round[], bytes: number, firstSeconds: number): Row {
  const taken = median(seconds(rounds));
  const usage = Object.fromEntries(
    Object.keys(rounds[0]?.usage ?? {}).map((side) => [
      side,
      {
        cpuSeconds: median(rounds.map((round) => round.usage[side]?.cpuSeconds ?? 0)),
        peakMiB: median(rounds.map((round) => round.usage[side]?.peakMiB ?? 0)),
      },
    ]),
  );
  return {
    name,
    seconds: taken,
    leastSeconds: Math.min(...seconds(rounds)),
    megabytesPerSecond: bytes / 1e6 / taken,
    firstIsFasterBy: taken / firstSeconds,
    cpuSeconds: Object.values(usage).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    usage,
  };
}

export interface Report {
  readonly bench: string;
  readonly what: string;
  readonly rows: readonly Row[];
  /** Goals and how they came out. */
  readonly goals?: readonly Goal[];
  /** What else was measured beside it, in the bench's own words. */
  readonly others?: readonly unknown[];
}

export interface Goal {
  readonly goal: string;
  readonly measured: number;
  readonly isMet: boolean;
}

/** A table, or with `asJson` one object with the machine's description. */
export function print(report: Report, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify({ ...report, machine: machine() }));
    return;
  }
  console.log(`${report.what}; ${Object.values(machine()).join(', ')}`);
  if (report.rows.length > 0)
    console.table(
      report.rows.map((one) => ({
        name: one.name,
        seconds: one.seconds.toFixed(2),
        least: one.leastSeconds.toFixed(2),
        'MB/s': one.megabytesPerSecond.toFixed(0),
        'first is faster by': `${one.firstIsFasterBy.toFixed(2)} x`,
        'CPU s': one.cpuSeconds.toFixed(2),
        'peak MiB': Object.entries(one.usage)
          .map(([side, { peakMiB }]) => `${side} ${peakMiB.toFixed(0)}`)
          .join(', '),
      })),
    );
  for (const { goal, measured, isMet } of report.goals ?? [])
    console.log(`${isMet ? 'met    ' : 'NOT met'} ${goal}: ${measured.toFixed(2)}`);
}

export const atLeast = (goal: string, measured: number, bound: number): Goal => ({
  goal: `${goal}, at least ${bound}`,
  measured,
  isMet: measured >= bound,
});

export const atMost = (goal: string, measured: number, bound: number): Goal => ({
  goal: `${goal}, at most ${bound}`,
  measured,
  isMet: measured <= bound,
});

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const seconds = (rounds: readonly Round[] = []): number[] => rounds.map((round) => round.seconds);
