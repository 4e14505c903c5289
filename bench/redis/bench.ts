/**
 * A catalogue on a Redis Cluster of six servers on this machine, in two parts: what it costs (costs.ts), and what befalls
 * a cluster under a tracker with real peers (faults.ts).
 * `npm run bench -- redis [costs] [faults] [--files N] [--questions N] [--json]`.
 */
import { parseArgs } from 'node:util';
import { openRedisStore } from '../../src/store/redis/redis-engine.ts';
import { RedisTestCluster } from '../../test/helpers/redis-cluster.ts';
import { withScene } from '../harness/scene.ts';
import { measureCosts } from './costs.ts';
import { measureFaults } from './faults.ts';

const defaultFiles = 200_000;
const parts = ['costs', 'faults'];

type Figures = Record<string, number>;

export async function run(args: readonly string[] = []): Promise<Figures> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      files: { type: 'string', default: String(defaultFiles) },
      questions: { type: 'string', default: '400' },
      json: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}; there are ${parts.join(', ')}`);
  const wants = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
  const files = Number(values.files);
  const figures: Figures = {};
  const note = (name: string, value: number): void => {
    figures[name] = value;
    if (!values.json) console.log(`${name.padEnd(64)} ${value.toFixed(value < 100 ? 2 : 0)}`);
  };
  const cluster = await RedisTestCluster.start(3, 1);
  try {
    if (wants('costs')) {
      const opened = await openRedisStore(cluster.url('costs'));
      if (!opened.ok) throw new Error(opened.problem.message);
      await measureCosts(cluster, opened.value, files, Number(values.questions), note);
      await opened.value.close();
    }
    for (const server of (await cluster.roles()).primaries) await server.cli('flushall');
    if (wants('faults')) await withScene((scene) => measureFaults(scene, cluster, files, note));
  } finally {
    await cluster.stop();
  }
  if (values.json) console.log(JSON.stringify(figures, undefined, 2));
  return figures;
}
