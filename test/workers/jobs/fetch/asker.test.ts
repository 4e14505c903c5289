import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Priority } from '../../../../src/core/engine/engine-api.ts';
import { limitedPipelineMs } from '../../../../src/core/limits/pipelining.ts';
import { Pipeline } from '../../../../src/core/swarm/pipeline.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import { SharedWeight } from '../../../../src/core/rates/shared-weight.ts';
import { Asker, type Flow } from '../../../../src/workers/jobs/fetch/asker.ts';
import type { Connection } from '../../../../src/workers/jobs/connection.ts';
import { nowUs } from '../../../../src/workers/jobs/pacer.ts';

const KiB = 1024;

/** Something of which there is more than is ever asked for. */
class TestFlow implements Flow {
  readonly rate = new SharedRate();
  readonly weight: SharedWeight;
  readonly isSmall: boolean;
  readonly requestBytes: number;
  readonly weights: number[] = [];
  wantsMore = true;
  askedBytes = 0;
  /** All that was ever asked for. */
  totalBytes = 0;

  constructor(transfer: number, priority: Priority, { isSmall = false, requestBytes = 256 * KiB } = {}) {
    this.weight = SharedWeight.of(transfer, priority);
    this.isSmall = isSmall;
    this.requestBytes = requestBytes;
  }

  ask(mostBytes: number, weight: number): number {
    this.weights.push(weight);
    this.askedBytes += mostBytes;
    this.totalBytes += mostBytes;
    return mostBytes;
  }
}

describe('what is asked for over one connection', () => {
  let pipeline: Pipeline;
  let asker: Asker;
  let isQueued: boolean;
  let end: () => void;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['performance', 'hrtime', 'nextTick', 'queueMicrotask'] });
    const ended = Promise.withResolvers<void>();
    end = ended.resolve;
    isQueued = false;
    const connection = {
      ended: ended.promise,
      isOpen: true,
      session: { canAsk: true },
      corked: (step: () => void) => step(),
    } as unknown as Connection;
    pipeline = new Pipeline(performance.now());
    asker = new Asker(connection, pipeline, { isQueued: () => isQueued, asked: () => undefined });
  });

  afterEach(() => {
    end();
    jest.useRealTimers();
  });

  function open(...flows: readonly TestFlow[]): void {
    for (const flow of flows) asker.open(flow);
    asker.ask();
  }

  /** All that is on its way comes, and the next is asked for, so many times. */
  function deliver(times: number, ...flows: readonly TestFlow[]): void {
    for (let time = 0; time < times; time++) {
      for (const flow of flows) {
        pipeline.settled(flow.askedBytes);
        flow.askedBytes = 0;
      }
      asker.ask();
    }
  }

  const shares = (...flows: readonly TestFlow[]): number[] => {
    const all = flows.reduce((bytes, { totalBytes }) => bytes + totalBytes, 0);
    return flows.map(({ totalBytes }) => Math.round((100 * totalBytes) / all));
  };

  test('is divided by priority, whatever is asked for at once', () => {
    const [high, normal, low] = [
      new TestFlow(1, 'high'),
      new TestFlow(2, 'normal', { requestBytes: 1024 * KiB }),
      new TestFlow(3, 'low', { isSmall: true, requestBytes: 512 * KiB }),
    ];
    open(high, normal, low);
    deliver(500, high, normal, low);
    expect(shares(high, normal, low)).toEqual([69, 23, 8]);
    expect([high.weights.at(-1), normal.weights.at(-1), low.weights.at(-1)]).toEqual([9_000, 3_000, 1_000]);
  });

  test('is divided between transfers, and of each among all of it', () => {
    const [tree, one, two, file] = [
      new TestFlow(1, 'normal', { isSmall: true }),
      new TestFlow(1, 'normal'),
      new TestFlow(1, 'normal'),
      new TestFlow(2, 'normal'),
    ];
    open(tree, one, two, file);
    deliver(300, tree, one, two, file);
    expect(shares(tree, one, two, file)).toEqual([17, 17, 17, 50]);
  });

  test('is asked for of what waits, however much that is new comes for one request and is over', () => {
    const all = { requestBytes: 64 * 1024 * KiB };
    const waiting = new TestFlow(1, 'normal', all);
    open(waiting);
    for (let transfer = 2; transfer <= 101; transfer++) {
      const newcomer = new TestFlow(transfer, 'normal', all);
      asker.open(newcomer);
      while (newcomer.totalBytes === 0) deliver(1, waiting, newcomer);
      pipeline.settled(newcomer.askedBytes);
      asker.close(newcomer);
    }
    expect(waiting.weights.length).toBeGreaterThanOrEqual(90);
  });

  test('is divided anew as soon as a priority is another', () => {
    const [one, two] = [new TestFlow(1, 'normal'), new TestFlow(2, 'normal')];
    open(one, two);
    deliver(100, one, two);
    expect(shares(one, two)).toEqual([50, 50]);
    new SharedWeight(two.weight.shared).prioritise('high');
    one.totalBytes = two.totalBytes = 0;
    deliver(200, one, two);
    expect(shares(one, two)).toEqual([25, 75]);
  });

  test('is all that there is room for, and no more', () => {
    const [one, two] = [new TestFlow(1, 'normal'), new TestFlow(2, 'normal')];
    open(one, two);
    expect(pipeline.roomBytes(performance.now())).toBeLessThan(256 * KiB);
    expect(pipeline.outstandingBytes).toBe(one.askedBytes + two.askedBytes);
    const before = pipeline.outstandingBytes;
    asker.ask();
    expect(pipeline.outstandingBytes).toBe(before);
  });

  test('is not more than a limit lets come, and others go on meanwhile', () => {
    const [limited, other] = [new TestFlow(1, 'high'), new TestFlow(2, 'low')];
    const bytesPerSecond = 100 * KiB;
    limited.rate.setRate(bytesPerSecond);
    open(limited, other);
    expect(limited.askedBytes).toBeLessThanOrEqual(256 * KiB);
    expect(other.askedBytes).toBeGreaterThan(limited.askedBytes);
    // It has come, too fast: nothing more of it is asked for before its time.
    limited.rate.book(3 * bytesPerSecond, nowUs());
    limited.totalBytes = 0;
    deliver(10, limited, other);
    expect(limited.totalBytes).toBe(0);
    limited.rate.setRate(0);
    asker.close(other);
    pipeline.settled(other.askedBytes);
    jest.advanceTimersByTime(limitedPipelineMs);
    expect(limited.totalBytes).toBeGreaterThan(0);
  });

  test('of small files does not wait behind large ones in a queue, and has a bound there', () => {
    isQueued = true;
    const large = new TestFlow(1, 'normal');
    open(large);
    const small = new TestFlow(2, 'normal', { isSmall: true });
    open(small);
    expect(small.askedBytes).toBeGreaterThan(0);
    expect(small.askedBytes).toBeLessThanOrEqual(pipeline.windowBytes(performance.now()));
  });

  test('is nothing of what was closed', () => {
    const [one, two] = [new TestFlow(1, 'normal'), new TestFlow(2, 'normal')];
    open(one, two);
    asker.close(two);
    const { totalBytes } = two;
    deliver(10, one, two);
    expect(two.totalBytes).toBe(totalBytes);
  });
});
