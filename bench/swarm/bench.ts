/**
 * Several sources and several downloaders of one file, all limited to 20 MB/s up, with libtorrent and aria2c under the
 * same limits beside them.
 * Usage: npm run bench -- swarm [--size 1G] [--rounds 3] [--json]
 */
import { benchOptions } from '../harness/options.ts';
import { print, type Row } from '../harness/race.ts';
import { withScene } from '../harness/scene.ts';
import { gather } from './gather.ts';
import { spread } from './spread.ts';

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { json, rounds, sizeBytes } = benchOptions(args, { rounds: 3, size: '1G' });
  const gathered = await withScene((scene) => gather(scene, rounds, sizeBytes));
  print(gathered, json);
  const fanned = await withScene((scene) => spread(scene, rounds, sizeBytes));
  print(fanned, json);
  return [...gathered.rows, ...fanned.rows];
}
