import { afterEach, describe, expect, test } from '@jest/globals';
import { createPool, type Pool, type PoolOptions } from '../../src/workers/pool.ts';

interface TestJobs {
  readonly echo: { readonly input: string; readonly output: string };
  readonly whichThread: { readonly input: undefined; readonly output: number };
  readonly hang: { readonly input: undefined; readonly output: never };
  readonly exit: { readonly input: undefined; readonly output: never };
  readonly firstByte: { readonly input: Uint8Array; readonly output: number };
}

const pools: Pool<TestJobs>[] = [];
function testPool(options: Partial<PoolOptions> = {}): Pool<TestJobs> {
  const filename = new URL('./fixtures/jobs.ts', import.meta.url);
  const pool = createPool<TestJobs>({ name: 'test', filename, threads: 1, ...options });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
});

describe('a pool', () => {
  test('runs a job by its name and gives back what it returned', async () => {
    expect(await testPool().run('echo', 'hello')).toBe('hello');
  });

  test('runs jobs on other threads than ours, and names those threads', async () => {
    const pool = testPool({ threads: 2 });
    const thread = await pool.run('whichThread', undefined);
    expect(pool.threadIds()).toContain(thread);
    expect(pool.threadIds()).toHaveLength(2);
  });

  test('hands over what is in the transfer list', async () => {
    const bytes = new Uint8Array([7, 8]);
    expect(await testPool().run('firstByte', bytes, { transferList: [bytes.buffer] })).toBe(7);
    expect(bytes.byteLength).toBe(0);
  });

  test('rejects the runs of a thread that dies, and goes on with a new one', async () => {
    const pool = testPool();
    await expect(pool.run('exit', undefined)).rejects.toThrow();
    expect(await pool.run('echo', 'again')).toBe('again');
  });

  test('rejects the runs of a killed thread, all of them, and goes on with a new one', async () => {
    const pool = testPool({ tasksPerThread: 4 });
    const thread = await pool.run('whichThread', undefined);
    const running = [pool.run('hang', undefined), pool.run('hang', undefined)];
    const settled = Promise.allSettled(running);
    expect(await pool.killThread(thread)).toBe(true);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await pool.run('whichThread', undefined)).not.toBe(thread);
    expect(await pool.killThread(thread)).toBe(false);
  });

  test('rejects rather than waits for ever when its worker file cannot be loaded', async () => {
    const pool = testPool({ filename: new URL('./fixtures/broken.ts', import.meta.url) });
    const outcomes = await Promise.allSettled([pool.run('echo', 'a'), pool.run('echo', 'b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('ends a running job by its signal, with one task per thread only', async () => {
    const pool = testPool();
    await pool.run('echo', 'warm');
    const stop = new AbortController();
    const running = pool.run('hang', undefined, { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toThrow(/abort/);
    expect(await pool.run('echo', 'after')).toBe('after');
    const shared = testPool({ tasksPerThread: 2 });
    await expect(shared.run('echo', 'x', { signal: new AbortController().signal })).rejects.toThrow(
      TypeError,
    );
  });

  test('starts no thread before its first job when threads are not kept, and then works', async () => {
    const pool = testPool({ idleTimeoutMs: 1, threads: 2 });
    expect(pool.threadIds()).toEqual([]);
    expect(await pool.run('echo', 'on demand')).toBe('on demand');
  });

  test('rejects everything once destroyed', async () => {
    const pool = testPool();
    const running = pool.run('hang', undefined);
    const outcome = expect(running).rejects.toThrow();
    await pool.destroy();
    await outcome;
    await expect(pool.run('echo', 'late')).rejects.toThrow('destroyed');
    expect(pool.threadIds()).toEqual([]);
  });
});
