import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandContext } from '../../../src/cli/command.ts';
import { embeddedTracker } from '../../../src/cli/peer/embedded-tracker.ts';
import { fail, ok } from '../../../src/core/result.ts';
import type { TrackerClient, TrackerConfig } from '../../../src/core/tracker/tracker-api.ts';
import { freePort } from '../../helpers/free-port.ts';
import { peerId } from '../fakes.ts';

let dataDir = '';
const servers: Server[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'shoal-test-'));
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
    servers.push(server);
  });
}

/** A context whose trackers really take their port, and the configurations they were started with. */
function world(port: number) {
  const launched: TrackerConfig[] = [];
  const launchTracker = (config: TrackerConfig): TrackerClient => {
    launched.push(config);
    return {
      ready: listen(config.port).then(
        () => ok({ host: config.host, port: config.port, id: peerId(1) }),
        () => fail('io', 'the port is taken'),
      ),
      reload: () => undefined,
      stop: () => Promise.resolve(),
      ended: new Promise(() => undefined),
    };
  };
  const context = {
    ports: { launchTracker, dataDir, now: () => performance.now() },
    settings: { trackers: [{ host: '127.0.0.1', port }], log: { level: 'silent', file: undefined } },
    stop: { signal: new AbortController().signal },
  } as unknown as CommandContext;
  return { context, launched };
}

describe('the tracker inside a peer', () => {
  test('is brought up where none answers, with data that the next peer would use too', async () => {
    const port = await freePort();
    const { context, launched } = world(port);
    expect(await embeddedTracker(context, 'auto', port)).toMatchObject({
      ok: true,
      value: expect.anything(),
    });
    expect(launched).toMatchObject([
      {
        host: '127.0.0.1',
        port,
        dataDir: path.join(dataDir, '.trackers', `${port}`),
        // Its operator's commands reach it.
        admin: { port: undefined },
      },
    ]);
    expect(readdirSync(path.join(dataDir, '.trackers'))).toEqual([]);
  });

  test('is not brought up where one answers', async () => {
    const port = await freePort();
    await listen(port);
    const { context, launched } = world(port);
    expect(await embeddedTracker(context, 'auto', port)).toEqual(ok(undefined));
    expect(launched).toEqual([]);
  });

  test('is brought up by only one of several peers that start at once, and none of them fails', async () => {
    const port = await freePort();
    const { context, launched } = world(port);
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => embeddedTracker(context, 'auto', port)),
    );
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(outcomes.filter((outcome) => outcome.ok && outcome.value !== undefined)).toHaveLength(1);
    expect(launched).toHaveLength(1);
  });

  test('does not wait for a starter that has died', async () => {
    const port = await freePort();
    const { context } = world(port);
    const { pid } = spawnSync(process.execPath, ['--version']);
    mkdirSync(path.join(dataDir, '.trackers'));
    writeFileSync(path.join(dataDir, '.trackers', `${port}.starting`), String(pid));
    expect(await embeddedTracker(context, 'auto', port)).toMatchObject({
      ok: true,
      value: expect.anything(),
    });
  });

  test('is for the default port only, unless asked for', async () => {
    const port = await freePort();
    const { context, launched } = world(port);
    expect(await embeddedTracker(context, 'auto')).toEqual(ok(undefined));
    expect(await embeddedTracker(context, 'off', port)).toEqual(ok(undefined));
    expect(launched).toEqual([]);
    expect(await embeddedTracker(context, 'on')).toMatchObject({ ok: true, value: expect.anything() });
    expect(launched).toHaveLength(1);
  });

  test('asked for, it must not be there already', async () => {
    const port = await freePort();
    await listen(port);
    expect(await embeddedTracker(world(port).context, 'on')).toMatchObject({
      ok: false,
      problem: { code: 'bad-request' },
    });
  });
});
