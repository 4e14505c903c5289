import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CopyTurns } from '../../../../src/actors/peer/downloads/copy-turns.ts';
import { copiedTimeoutMs, maxCopiedAtOnce } from '../../../../src/core/limits/downloads.ts';

describe('the turns of those who copy', () => {
  let turns: CopyTurns;
  let begun: PromiseWithResolvers<string>[];

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    [turns, begun] = [new CopyTurns(), []];
  });
  afterEach(() => void jest.useRealTimers());

  function run(signal?: AbortSignal): Promise<string | undefined> {
    const copy = (): Promise<string> => {
      const answer = Promise.withResolvers<string>();
      begun.push(answer);
      return answer.promise;
    };
    return turns.run(copy, signal);
  }

  test('let a few copy at once, and the next when one is done', async () => {
    const all = Array.from({ length: maxCopiedAtOnce + 1 }, () => run());
    expect(begun).toHaveLength(maxCopiedAtOnce);
    begun[0]?.resolve('copied');
    expect(await all[0]).toBe('copied');
    await jest.advanceTimersByTimeAsync(0);
    expect(begun).toHaveLength(maxCopiedAtOnce + 1);
    for (const answer of begun) answer.resolve('copied');
    expect(await Promise.all(all)).toEqual(all.map(() => 'copied'));
  });

  test('begin none while a disk hangs, neither those that wait nor later ones, until it answers', async () => {
    const all = Array.from({ length: maxCopiedAtOnce + 3 }, () => run());
    await jest.advanceTimersByTimeAsync(copiedTimeoutMs);
    expect(await Promise.all(all)).toEqual(all.map(() => undefined));
    expect(await run()).toBeUndefined();
    expect(begun).toHaveLength(maxCopiedAtOnce);
    for (const answer of begun) answer.reject(new Error('too late'));
    await jest.advanceTimersByTimeAsync(0);
    const again = run();
    begun.at(-1)?.resolve('copied');
    expect(await again).toBe('copied');
  });

  test('wait for nobody once they are told to stop', async () => {
    const stop = new AbortController();
    const all = Array.from({ length: maxCopiedAtOnce + 1 }, () => run(stop.signal));
    stop.abort();
    expect(await Promise.all(all)).toEqual(all.map(() => undefined));
    expect(begun).toHaveLength(maxCopiedAtOnce);
    // They still keep their threads.
    void run();
    expect(begun).toHaveLength(maxCopiedAtOnce);
  });
});
