/** The flags that all benches take. */
import { parseArgs } from 'node:util';
import { parseSize } from '../../src/core/quantity.ts';

export interface BenchOptions {
  readonly json: boolean;
  readonly rounds: number;
  readonly sizeBytes: number;
}

/** `--json`, `--rounds <n>`, `--size <size>`. Throws for anything else. */
export function benchOptions(
  args: readonly string[],
  defaults: { rounds: number; size: string },
): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: defaults.size },
      rounds: { type: 'string', default: String(defaults.rounds) },
      json: { type: 'boolean', default: false },
    },
  });
  const size = parseSize(values.size);
  if (!size.ok) throw new Error(`--size: ${size.problem.message}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds: expected a whole number from 1 on');
  return { json: values.json, rounds, sizeBytes: size.value };
}
