/**
 * A tracker's store in a process of its own, to be stopped and killed: opens the catalogue at a URL, brings the named
 * peers online with a file each, says so and lives on.
 */
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import { patient } from '../../helpers/redis-cluster.ts';
import { file, share } from '../files.ts';

const [url = '', times = '{}', ...names] = process.argv.slice(2);
const given = JSON.parse(times) as object;
const store = await patient(() => openRedisStore(url, { ...usualTimes, ...given }));
for (const name of names) await share(store, name, file(`/of/${name} song.mp3`));
await store.beat();
process.stdout.write('ready');
process.stdin.resume();
