/** A tracker under crowds of simulated peers, each part by itself: `npm run bench -- tracker [part…]`. */
import { parseArgs } from 'node:util';
import { print } from '../harness/race.ts';
import { withScene } from '../harness/scene.ts';
import type { Part } from './part.ts';
import { catalogue } from './parts/catalogue.ts';
import { churn } from './parts/churn.ts';
import { crowd } from './parts/crowd.ts';
import { killedThreads, standstill } from './parts/faults.ts';
import { keepAlive } from './parts/keep-alive.ts';
import { moving } from './parts/moving.ts';

const parts: readonly Part[] = [keepAlive, crowd, catalogue, killedThreads, moving, churn, standstill];

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      files: { type: 'string', default: '1000000' },
      peers: { type: 'string' },
      connections: { type: 'string', default: '15000' },
      seconds: { type: 'string', default: '5' },
    },
  });
  const unknown = positionals.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}; there are ${parts.map(({ name }) => name).join(', ')}`);
  const options = {
    files: numberOf(values.files),
    peers: values.peers === undefined ? undefined : numberOf(values.peers),
    connections: numberOf(values.connections),
    seconds: numberOf(values.seconds),
  };
  for (const part of parts) {
    if (positionals.length > 0 && !positionals.includes(part.name)) continue;
    const { figures, goals } = await withScene((scene) => part.run(scene, options));
    if (!values.json) console.log(`\n${part.what}`);
    if (!values.json) console.table(figures);
    print({ bench: 'tracker', what: part.what, rows: [], goals, others: figures }, values.json);
  }
}

function numberOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`Expected a whole number from 1 on, got ${text}`);
  return number;
}
