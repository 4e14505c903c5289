import { describe, expect, test } from '@jest/globals';
import { TrackerAsking } from '../../../../src/actors/peer/trackers/tracker-asking.ts';
import type { TrackerLine } from '../../../../src/actors/peer/trackers/tracker-line.ts';
import { countPeersEveryMs, countPeersSoonMs } from '../../../../src/core/limits/tracker-link.ts';
import { ManualClock } from '../../../../src/actors/runtime/testing.ts';

/** Questions over a line that takes all of them, and what they come to. */
function asking() {
  const waits: number[] = [];
  const shown: object[] = [];
  let requestId = 0;
  const line = {
    canAsk: true,
    hasRoom: true,
    nextRequestId: () => ++requestId,
    send: () => {},
  } as unknown as TrackerLine;
  const questions = new TrackerAsking({
    clock: new ManualClock(),
    once: (timer, afterMs) => void (timer === 'count' && waits.push(afterMs)),
    cancel: () => {},
    show: (change) => void shown.push(change),
  });
  const answer = (online: number): void => {
    questions.put(line);
    questions.reply(requestId, { type: 'peer-count', requestId, online });
  };
  const refuse = (): void => {
    questions.put(line);
    questions.late(requestId, { code: 'timeout', message: 'no answer' });
  };
  return { questions, waits, shown, answer, refuse, asked: () => requestId, put: () => questions.put(line) };
}

describe('how many are online', () => {
  test('is asked soon again after every welcome, then ever less often, within a bound', () => {
    const { questions, waits, shown, answer } = asking();
    for (let welcomes = 0; welcomes < 2; welcomes++) {
      waits.length = 0;
      questions.begin();
      answer(1);
      for (let times = 2; times < 9; times++) {
        questions.countPeers();
        answer(times);
      }
      expect(waits[0]).toBe(countPeersSoonMs);
      for (const [at, wait] of waits.slice(1).entries())
        expect(wait).toBe(Math.min(2 * (waits[at] ?? 0), countPeersEveryMs));
      expect(waits.at(-1)).toBe(countPeersEveryMs);
      expect(shown).toContainEqual({ peers: 8 });
    }
  });

  test('is not asked twice at a time, and seldom where there is no answer', () => {
    const { questions, waits, refuse, asked, put } = asking();
    questions.begin();
    put();
    questions.countPeers();
    put();
    expect(asked()).toBe(1);
    refuse();
    questions.countPeers();
    put();
    expect([asked(), waits.at(-1)]).toEqual([2, countPeersEveryMs]);
  });
});
