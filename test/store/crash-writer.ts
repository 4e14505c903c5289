/**
 * A process that registers files until it is killed: it prints the number of each batch once that is committed.
 * Arguments: the catalogue, files in a batch.
 */
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { arrival, file, peer } from './files.ts';

const [path = '', size = ''] = process.argv.slice(2);
const store = await SqliteStore.open(path);
await store.attach(arrival('alice'), 0);
for (let batch = 0; ; batch++) {
  const adds = Array.from({ length: Number(size) }, (_, at) => file(`/a/batch ${batch} file ${at}.txt`, at));
  await store.apply(peer('alice'), { adds, removes: [] });
  process.stdout.write(`${batch}\n`);
}
