import { describe, expect, test } from '@jest/globals';
import { Reply } from '../../../src/actors/runtime/ask.ts';
import { LookUpLine } from '../../../src/actors/tracker/look-up-line.ts';
import type { LookUp } from '../../../src/actors/tracker/look-ups.ts';
import { maxWaitingLookUps } from '../../../src/core/limits/tracker.ts';
import { until } from '../../helpers/poll.ts';

class Waiting extends Reply<unknown> {
  readonly heard: unknown[] = [];

  reply(value: unknown): void {
    this.settle();
    this.heard.push(value);
  }

  fail(): void {
    this.settle();
  }
}

function question(peer: string, replyTo = new Waiting()): LookUp {
  return { type: 'find-peer', peer, replyTo };
}

describe('the line of look-ups', () => {
  test('sends what one found before it begins the next, also of those that came together', async () => {
    const log: string[] = [];
    const line = new LookUpLine(
      (message) => {
        const { peer } = message as Extract<LookUp, { type: 'find-peer' }>;
        log.push(`begins ${peer}`);
        // As the actor does: what comes of it is a message, handled in the next turn.
        setImmediate(() => log.push(`sends ${peer}`));
      },
      () => undefined,
    );
    for (const peer of ['a', 'b', 'c']) line.add(question(peer));
    expect(log).toEqual(['begins a']);
    expect(line.length).toBe(2);
    await until('all are sent', () => log.length === 6);
    expect(log).toEqual(['begins a', 'sends a', 'begins b', 'sends b', 'begins c', 'sends c']);
    line.add(question('d'));
    await until('it goes on', () => log.length === 8);
  });

  test('passes over those who have gone, and counts them off', async () => {
    const begun: unknown[] = [];
    let left = 0;
    const line = new LookUpLine(
      (message) => begun.push(message.replyTo),
      () => (left += 1),
    );
    const askers = Array.from({ length: 4 }, () => new Waiting());
    for (const asker of askers) line.add(question('a', asker));
    askers[1]?.fail();
    askers[2]?.fail();
    await until('the others have been looked up', () => begun.length === 2);
    expect(begun).toEqual([askers[0], askers[3]]);
    expect(left).toBe(2);
  });

  test('takes no more than a bound, tells others so, and begins nothing once it is closed', async () => {
    let begun = 0;
    let left = 0;
    const line = new LookUpLine(
      () => (begun += 1),
      () => (left += 1),
    );
    for (let at = 0; at <= maxWaitingLookUps; at++) line.add(question('a'));
    const last = new Waiting();
    line.add(question('a', last));
    expect(last.heard).toMatchObject([{ ok: false, problem: { code: 'busy' } }]);
    expect(left).toBe(1);
    line.close();
    line.add(question('b'));
    await until('only what came afterwards is begun', () => begun === 2);
    expect(line.length).toBe(0);
  });
});
