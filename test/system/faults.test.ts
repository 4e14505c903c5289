/**
 * Small swarms to which everything happens that can, as drawn from a seed: each download ends with the right bytes
 * or with a stated reason, in time, and leaves nothing behind. `SHOAL_FAULT_RUNS` says how many, and
 * `SHOAL_FAULT_SEED` the first of them; without the former it is that one alone.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createTransferPool } from '../../src/workers/transfer-pool.ts';
import { drawPlan, type FaultPlan } from '../helpers/fault-plan.ts';
import { carryOut, type RunOutcome, type RunPools } from '../helpers/fault-run.ts';

const seedGiven = process.env['SHOAL_FAULT_SEED'];
const firstSeed = Number(seedGiven ?? 1);
/** Tells each run on the standard error, with all that happened in it. */
const isTalkative = process.env['SHOAL_FAULT_TELL'] !== undefined;
const runs = Number(process.env['SHOAL_FAULT_RUNS'] ?? (seedGiven === undefined ? 60 : 1));
/** Runs at once: most of their time they wait. */
const calmAtOnce = 16;
const deadlyAtOnce = 3;

interface Report {
  readonly seed: number;
  readonly outcome: RunOutcome | undefined;
  readonly fault: string | undefined;
}

/** Does one plan after the other, with others, until there are none. */
async function work(plans: FaultPlan[], root: string, pools: RunPools, reports: Report[]): Promise<void> {
  for (let plan = plans.shift(); plan; plan = plans.shift()) {
    const folder = mkdtempSync(path.join(root, `${plan.seed}-`));
    const report = await tryOut(plan, folder, pools);
    if (!report.fault) rmSync(folder, { recursive: true, force: true });
    reports.push(report);
    if (isTalkative) process.stderr.write(`${inWords(report)}\n`);
  }
}

async function tryOut(plan: FaultPlan, folder: string, pools: RunPools): Promise<Report> {
  const { seed } = plan;
  try {
    return { seed, outcome: await carryOut(plan, folder, pools), fault: undefined };
  } catch (error) {
    const again = `SHOAL_FAULT_SEED=${seed} npm run jest -- test/system/faults.test.ts`;
    const found = error instanceof Error ? error.message : String(error);
    return { seed, outcome: undefined, fault: `Seed ${seed}; to repeat it: ${again}\n${found}` };
  }
}

function inWords({ seed, outcome, fault }: Report): string {
  if (!outcome) return fault ?? '';
  const { ms, ends, log } = outcome;
  return [`${seed}: ${Math.round(ms)} ms: ${ends.join(' | ')}`, ...log].join('\n    ');
}

async function withPools(step: (pools: RunPools) => Promise<void>): Promise<void> {
  const pools = { downloader: createTransferPool(), sources: createTransferPool() };
  try {
    await step(pools);
  } finally {
    await Promise.all([pools.downloader.destroy(), pools.sources.destroy()]);
  }
}

test(
  `${runs} swarms with faults, from seed ${firstSeed} on, end in the right bytes or with a reason`,
  async () => {
    const root = mkdtempSync(path.join(realpathSync(tmpdir()), 'shoal-faults-'));
    const plans = Array.from({ length: runs }, (_, at) => drawPlan(firstSeed + at));
    const calm = plans.filter(({ isDeadly }) => !isDeadly);
    const deadly = plans.filter(({ isDeadly }) => isDeadly);
    const reports: Report[] = [];
    await Promise.all([
      withPools((pools) => inParallel(calmAtOnce, () => work(calm, root, pools, reports))),
      inParallel(deadlyAtOnce, () => withPools((pools) => work(deadly, root, pools, reports))),
    ]);
    rmSync(root, { recursive: true, force: true });
    const faults = reports.flatMap(({ fault }) => fault ?? []);
    expect(faults).toEqual([]);
    expect(reports).toHaveLength(runs);
  },
  30 * 60_000,
);

async function inParallel(count: number, step: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, step));
}

test('a seed always draws the same plan', () => {
  for (let seed = 1; seed <= 200; seed++) expect(drawPlan(seed)).toEqual(drawPlan(seed));
  const plans = Array.from({ length: 300 }, (_, at) => drawPlan(at + 1));
  expect(plans.filter(({ mustArrive }) => mustArrive).length).toBeGreaterThan(100);
});
