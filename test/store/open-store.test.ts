import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { redisOpenRetryMs } from '../../src/core/limits/redis.ts';
import type { Problem } from '../../src/core/result.ts';
import { openStore } from '../../src/store/open-store.ts';
import { until } from '../helpers/poll.ts';
import { file, find, share, value } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-open-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('opening a catalogue', () => {
  test('memory: keeps it in memory', async () => {
    const store = value(await openStore('memory:'));
    await share(store, 'alice', file('/a/apple'));
    expect(await find(store, 'apple')).toEqual(['apple']);
    await store.close();
  });

  test('a path keeps it in a file, made with its folder', async () => {
    const path = join(folder, 'new', 'catalogue.sqlite');
    const store = value(await openStore(path));
    await store.close();
    expect(existsSync(path)).toBe(true);
  });

  const onPosix = process.platform === 'win32' ? test.skip : test;
  onPosix(
    'a new file is readable by nobody else, in whatever folder, and so is what lies beside it',
    async () => {
      const path = join(folder, 'private.sqlite');
      const store = value(await openStore(path));
      await share(store, 'alice', file('/a/apple'));
      const modes = ['', '-wal', '-shm'].map((part) => statSync(path + part).mode & 0o777);
      expect(modes).toEqual([0o600, 0o600, 0o600]);
      await store.close();
    },
  );

  test('a Redis that does not answer is unreachable, and it says where', async () => {
    expect(await openStore('redis://user:secret@127.0.0.1:1,127.0.0.1:2')).toMatchObject({
      ok: false,
      problem: { code: 'unreachable', message: expect.stringMatching(/127\.0\.0\.1:[12].*redis-server/) },
    });
  });

  test.each([
    ['redis://', 'host:port'],
    ['redis://user:secret@127.0.0.1:99999', 'host:port'],
    ['redis://127.0.0.1:1/?shards=0', 'shards'],
    ['redis://127.0.0.1:1/?catalogue=a%20b', 'letters'],
    ['rediss://127.0.0.1:1/?ca=/nowhere/ca.pem', '/nowhere/ca.pem'],
  ])('%s is refused, without its password being told', async (url, told) => {
    const refused = await openStore(url);
    expect(refused).toMatchObject({ ok: false, problem: { code: 'bad-request' } });
    expect(refused.ok ? '' : refused.problem.message).toContain(told);
    expect(refused.ok ? '' : refused.problem.message).not.toContain('secret');
  });

  describe('on a Redis that loads', () => {
    let isLoading = true;
    const server = createServer((socket) => {
      const loading = '-LOADING Redis is loading the dataset in memory\r\n';
      socket.on('data', () => socket.write(isLoading ? loading : '-ERR unknown command\r\n'));
      socket.on('error', () => undefined);
    });
    let url = '';
    beforeAll(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());

    /** What is told for waiting, but that a busy machine had it answer too late. */
    const isTold = (reason: string): boolean => !reason.includes('no answer within');

    test('is waited for, and says what for', async () => {
      isLoading = true;
      const reasons: string[] = [];
      const onWait = (reason: string): void => {
        if (isTold(reason)) reasons.push(reason);
        isLoading = reasons.length < 2;
      };
      // It answers at last, and what it says is no reason to wait.
      expect(await openStore(url, undefined, { onWait })).toMatchObject({ problem: { code: 'version' } });
      expect(reasons).toHaveLength(2);
      expect(reasons[0]).toContain('LOADING Redis is loading');
    });

    test('is given up in the end, with the reason', async () => {
      isLoading = true;
      let given: Problem | undefined;
      await until('it is given up', async () => {
        const opened = await openStore(url, undefined, { patienceMs: redisOpenRetryMs / 2 });
        given = opened.ok ? undefined : opened.problem;
        return isTold(given?.message ?? '');
      });
      expect(given).toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(/LOADING .*waited .* in vain/),
      });
    });

    test('is waited for no more when nobody wants it', async () => {
      isLoading = true;
      const unwanted = new AbortController();
      const onWait = (reason: string): void => {
        if (isTold(reason)) unwanted.abort();
      };
      const opened = await openStore(url, undefined, { onWait, signal: unwanted.signal });
      expect(opened).toMatchObject({ ok: false, problem: { message: expect.stringContaining('LOADING') } });
    });
  });

  test('an unknown kind of store is refused by its name', async () => {
    expect(await openStore('postgres://x')).toMatchObject({
      ok: false,
      problem: { code: 'bad-request', message: expect.stringContaining('postgres://x') },
    });
  });

  test('a file that is something else is left alone', async () => {
    const path = join(folder, 'letter.txt');
    writeFileSync(path, 'Dear reader, this is no database but a letter of some length.\n'.repeat(50));
    expect(await openStore(path)).toMatchObject({ ok: false, problem: { code: 'io' } });
  });

  test('the catalogue of another version is emptied', async () => {
    const path = join(folder, 'old.sqlite');
    const old = value(await openStore(path));
    await share(old, 'alice', file('/a/apple'));
    await old.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    const store = value(await openStore(path));
    expect(await store.stats()).toMatchObject({ peersKnown: 0, files: 0 });
    await share(store, 'alice', file('/a/apple'));
    expect(await find(store, 'apple')).toEqual(['apple']);
    await store.close();
  });

  test("another program's database is left alone", async () => {
    const path = join(folder, 'foreign.sqlite');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE letters (text TEXT)');
    database.close();
    expect(await openStore(path)).toMatchObject({ ok: false, problem: { code: 'io' } });
  });
});
