import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  maxAdminBodyBytes,
  maxAdminConnections,
  maxAdminHeaderBytes,
} from '../../src/core/limits/operations.ts';
import { loadAdminToken } from '../../src/engine/admin-token.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { AdminScene } from './admin-scene.ts';

async function withToken(scene: AdminScene): Promise<Record<string, string>> {
  const token = await loadAdminToken(scene.home);
  if (!token.ok) throw new Error(token.problem.message);
  return { authorization: `Bearer ${token.value}` };
}

describe('the admin door', () => {
  test('answers its owner at a socket, without a token', async () => {
    await using scene = await AdminScene.open(tempDir(), 'none');
    expect(statSync(scene.socket).mode & 0o777).toBe(0o600);
    expect(existsSync(path.join(scene.home, 'admin.token'))).toBe(false);
    expect(await scene.ask('GET', '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(JSON.parse((await scene.ask('GET', '/stats')).body)).toMatchObject({
      format: 1,
      store: { files: 70 },
    });
  });

  test('answers at a port whoever has the token, which stays the same', async () => {
    const home = tempDir();
    const first = await AdminScene.open(home);
    const headers = await withToken(first);
    expect(statSync(path.join(home, 'admin.token')).mode & 0o777).toBe(0o600);
    expect(await first.ask('GET', '/healthz', { headers })).toMatchObject({ status: 200 });
    await first[Symbol.asyncDispose]();
    expect(existsSync(first.socket)).toBe(false);
    await using again = await AdminScene.open(home);
    expect(await again.ask('GET', '/metrics', { headers })).toMatchObject({ status: 200 });
  });

  test.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('refuses with a token that is %s, and does nothing', async (_name, headers) => {
    await using scene = await AdminScene.open(tempDir());
    for (const [method, where] of [
      ['GET', '/metrics'],
      ['GET', '/healthz'],
      ['POST', '/reload'],
      ['GET', '/nothing'],
    ] as const) {
      const { status, headers: answered } = await scene.ask(method, where, { headers });
      expect([status, answered['www-authenticate']]).toEqual([401, 'Bearer']);
    }
    expect(scene.asked).toEqual([]);
  });

  test('tells what is the matter with 503', async () => {
    await using scene = await AdminScene.open(tempDir());
    scene.reasons = ['the registry does not answer', 'the disk is full'];
    expect(await scene.ask('GET', '/healthz')).toMatchObject({
      status: 503,
      body: 'the registry does not answer\nthe disk is full\n',
    });
  });

  test('is well though something is amiss elsewhere, and says what', async () => {
    await using scene = await AdminScene.open(tempDir());
    scene.notes = ['21 of 32 parts of the cluster answer'];
    const body = 'ok\n21 of 32 parts of the cluster answer\n';
    expect(await scene.ask('GET', '/healthz')).toMatchObject({ status: 200, body });
  });

  test('reloads and backs up when it is told to by POST only', async () => {
    await using scene = await AdminScene.open(tempDir());
    expect(await scene.ask('GET', '/reload')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await scene.ask('DELETE', '/metrics')).toMatchObject({ status: 405 });
    expect(scene.asked).toEqual([]);
    const reloaded = await scene.ask('POST', '/reload');
    expect(JSON.parse(reloaded.body)).toEqual({ file: '/t/tracker.json', changed: ['leaseMs'], denied: 2 });
    const body = JSON.stringify({ path: '/backups/one', force: true });
    expect(JSON.parse((await scene.ask('POST', '/backup', { body })).body)).toMatchObject({ sizeBytes: 5 });
    expect(scene.asked).toEqual(['reload', { path: '/backups/one', force: true }]);
  });

  test.each([
    '',
    '[]',
    'null',
    '{"path":5}',
    '{"path":"relative"}',
    '{"path":"/a","force":"yes"}',
    '{"path":"/a\\u0000b"}',
  ])('makes no backup of %j', async (body) => {
    await using scene = await AdminScene.open(tempDir());
    expect(await scene.ask('POST', '/backup', { body })).toMatchObject({ status: 400 });
    expect(scene.asked).toEqual([]);
  });

  test.each(['/', '/metrics/', '/constructor', '/__proto__', '//metrics', '/..%2fmetrics', '/METRICS'])(
    'has nothing at %s',
    async (where) => {
      await using scene = await AdminScene.open(tempDir());
      expect(await scene.ask('GET', where)).toMatchObject({ status: 404 });
    },
  );

  test('answers a HEAD without a body, and leaves out what follows a question mark', async () => {
    await using scene = await AdminScene.open(tempDir());
    expect(await scene.ask('HEAD', '/metrics?x=1')).toMatchObject({ status: 200, body: '' });
  });

  test('lives on when an answer fails', async () => {
    await using scene = await AdminScene.open(tempDir());
    scene.fails = new Error('a secret of the inside');
    const { status, body } = await scene.ask('GET', '/stats');
    expect([status, body.includes('secret')]).toEqual([500, false]);
    scene.fails = undefined;
    expect(await scene.ask('GET', '/stats')).toMatchObject({ status: 200 });
  });

  test('is bounded in what it takes', async () => {
    await using scene = await AdminScene.open(tempDir());
    const { authorization } = await withToken(scene);
    const head = `Host: a\r\nAuthorization: ${authorization}\r\n`;
    const long = 'x'.repeat(maxAdminBodyBytes + 1);
    const chunk = `${long.length.toString(16)}\r\n${long}\r\n`;
    const answers = await Promise.all([
      scene.raw('rubbish\r\n\r\n'),
      scene.raw(`GET /metrics HTTP/1.1\r\n${head}X: ${'x'.repeat(maxAdminHeaderBytes)}\r\n\r\n`),
      scene.raw(`POST /backup HTTP/1.1\r\n${head}Content-Length: ${long.length * 1_000}\r\n\r\n${long}`),
      scene.raw(`POST /backup HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`),
      scene.raw(`GET /metrics HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`),
      scene.raw('\u0016\u0003\u0001\u0002\u0000'),
    ]);
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual([
      'HTTP/1.1 400',
      'HTTP/1.1 431',
      'HTTP/1.1 413',
      'HTTP/1.1 413',
      'HTTP/1.1 400',
      'HTTP/1.1 400',
    ]);
    expect(await scene.ask('GET', '/healthz')).toMatchObject({ status: 200 });
  });

  test('lets in no more than it has room for, and the socket is not shut by who crowds the port', async () => {
    await using scene = await AdminScene.open(tempDir());
    const crowd = Array.from({ length: maxAdminConnections + 8 }, () => connect(scene.port, '127.0.0.1'));
    let refused = 0;
    for (const socket of crowd) socket.on('error', () => undefined).on('close', () => (refused += 1));
    await until('those beyond the bound are let go', () => refused >= 8);
    expect(refused).toBe(8);
    expect(await scene.ask('GET', '/healthz')).toMatchObject({ status: 200 });
    for (const socket of crowd) socket.destroy();
  });

  test('is opened again at the same port when it breaks', async () => {
    await using scene = await AdminScene.open(tempDir());
    const headers = await withToken(scene);
    expect(scene.system.crash('/operations/admin')).toBe(true);
    const answers = async (): Promise<boolean> =>
      scene.ask('GET', '/healthz', { headers }).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until('it is open again', answers);
    expect(await scene.ask('GET', '/healthz')).toMatchObject({ status: 200 });
  });

  test('takes the place of a killed one, and of nothing else', async () => {
    const home = tempDir();
    const dead = await AdminScene.open(home, 'none');
    const second = await AdminScene.open(home);
    expect(second.port).not.toBe(0);
    await second[Symbol.asyncDispose]();
    expect(await dead.ask('GET', '/healthz')).toMatchObject({ status: 200 });
    await dead[Symbol.asyncDispose]();
    const other = tempDir();
    writeFileSync(path.join(other, 'admin.sock'), 'no socket');
    await using beside = await AdminScene.open(other);
    expect(readFileSync(path.join(other, 'admin.sock'), 'utf8')).toBe('no socket');
    expect(await beside.ask('GET', '/healthz', { headers: await withToken(beside) })).toMatchObject({
      status: 200,
    });
  });

  test('has no socket in a folder that others get into, and no port with a token that others read', async () => {
    const home = tempDir();
    chmodSync(home, 0o755);
    await using scene = await AdminScene.open(home);
    expect(existsSync(scene.socket)).toBe(false);
    await scene[Symbol.asyncDispose]();
    chmodSync(path.join(home, 'admin.token'), 0o644);
    await expect(AdminScene.open(home)).rejects.toThrow('admin.token must be a file that you alone can read');
  });

  test('says which port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(AdminScene.open(tempDir(), port)).rejects.toThrow(`Cannot open the admin port ${port}: `);
    server.close();
  });
});

describe('metrics', () => {
  test('are lines that Prometheus reads, each series once, with help and type before it', async () => {
    await using scene = await AdminScene.open(tempDir());
    const thread = scene.counters.of('listener-1');
    thread.add('keepAlives', 12);
    thread.addTo('rejected', 'denied', 3);
    for (const ms of [0.05, 3, 3, 99_999]) thread.took('search', ms);
    thread.set('lagP99Ms', 25);
    const { body, headers } = await scene.ask('GET', '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = body.split('\n').filter((line) => line !== '');
    for (const line of lines)
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) \w+ .+|[a-z_]+(?:\{(?:\w+="[^"\n]*",?)+\})? (?:[\d.e+-]+|Nan|\+Inf))$/,
      );
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' ')[0]);
    expect(new Set(series).size).toBe(series.length);
    for (const line of [
      'tracker_keepalives_total 12',
      'tracker_reject_total{reason="denied"} 3',
      'tracker_search_seconds_bucket{kind="search",le="0.0001"} 1',
      'tracker_search_seconds_bucket{kind="search",le="0.005"} 3',
      'tracker_search_seconds_bucket{kind="search",le="10"} 3',
      'tracker_search_seconds_bucket{kind="search",le="+Inf"} 4',
      'tracker_search_seconds_count{kind="search"} 4',
      'tracker_event_loop_lag_seconds{thread="listener-1",quantile="0.99"} 0.025',
      'tracker_store_files 70',
      'process_start_time_seconds 400',
    ])
      expect(lines).toContain(line);
    const types = new Map(
      lines
        .filter((line) => line.startsWith('# TYPE'))
        .map((line) => line.slice(7).split(' ') as [string, string]),
    );
    for (const name of series) {
      const family = (name ?? '').split('{')[0] ?? '';
      const type = types.get(family) ?? types.get(family.replace(/_(?:bucket|sum|count)$/, ''));
      expect([family, type === 'counter']).toEqual([family, family.endsWith('_total')]);
    }
  });
});
