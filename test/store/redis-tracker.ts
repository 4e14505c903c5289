/**
 * A tracker's store in a process of its own, to be stopped and killed: opens the catalogue at a URL, brings the named
 * peers online with a file each, says so and lives on.
 */
import { openRedisStore } from '../../src/store/redis-engine.ts';
import { usualTimes } from '../../src/store/redis-keeper.ts';
import { file, share, value } from './files.ts';

const [url = '', times = '{}', ...names] = process.argv.slice(2);
const store = value(await openRedisStore(url, { ...usualTimes, ...(JSON.parse(times) as object) }));
for (const name of names) await share(store, name, file(`/of/${name} song.mp3`));
await store.beat();
process.stdout.write('ready');
process.stdin.resume();
