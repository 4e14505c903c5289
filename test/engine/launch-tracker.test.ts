import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { TrackerConfig } from '../../src/core/tracker/tracker-api.ts';
import { launchTracker } from '../../src/engine/launch-tracker.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { sharedFiles, TestLink } from '../helpers/trackers.ts';

function config(changes: Partial<TrackerConfig> = {}): TrackerConfig {
  const log = { level: 'silent', file: undefined } as const;
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir: path.join(tempDir(), 'data'),
    store: 'sqlite',
    log,
    ...changes,
  };
}

test('a tracker on its own thread serves peers, and keeps its key and catalogue over a restart', async () => {
  const settings = config();
  const home = tempDir();
  const first = launchTracker(settings);
  const ready = await first.ready;
  if (!ready.ok) throw new Error(ready.problem.message);
  const { port, id } = ready.value;
  await using alice = await TestLink.start(home, [{ host: '127.0.0.1', port }], {
    name: 'alice',
    share: sharedFiles(100),
  });
  await alice.isRegistered();
  await first.stop();
  expect(await first.ended).toBe(0);
  await first.stop();

  const second = launchTracker({ ...settings, port });
  expect(await second.ready).toEqual({ ok: true, value: { host: '127.0.0.1', port, id } });
  await alice.isRegistered(2);
  expect(alice.registered).toEqual([100, 100]);
  await second.stop();
});

test('a folder serves one tracker at a time', async () => {
  const settings = config();
  const first = launchTracker(settings);
  expect(await first.ready).toMatchObject({ ok: true });
  const second = launchTracker(settings);
  expect(await second.ready).toMatchObject({
    problem: { code: 'bad-request', message: expect.stringContaining(settings.dataDir) },
  });
  await first.stop();
  const third = launchTracker(settings);
  expect(await third.ready).toMatchObject({ ok: true });
  await third.stop();
});

test('a taken port is a problem that names it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tracker = launchTracker(config({ port, store: 'memory:' }));
  expect(await tracker.ready).toMatchObject({
    problem: { code: 'bad-request', message: expect.stringContaining(`127.0.0.1:${port}`) },
  });
  expect(await tracker.ended).toBe(70);
  server.close();
});

test('a folder that cannot be, and a store there is not, are problems too', async () => {
  const file = path.join(tempDir(), 'file');
  writeFileSync(file, '');
  const nowhere = launchTracker(config({ dataDir: path.join(file, 'data') }));
  expect(await nowhere.ready).toMatchObject({ problem: { code: 'io' } });
  const redis = launchTracker(config({ store: 'redis://127.0.0.1:1' }));
  expect(await redis.ready).toMatchObject({ problem: { code: 'unreachable' } });
  expect(await Promise.all([nowhere.ended, redis.ended])).toEqual([70, 70]);
});

test('a stop before it is up ends it all the same', async () => {
  const tracker = launchTracker(config());
  await tracker.stop();
  expect(await tracker.ended).toBe(0);
});
