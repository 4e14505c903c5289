import { describe, expect, test } from '@jest/globals';
import { DeadLetters, type DeadLetterNote } from '../../../src/actors/runtime/dead-letters.ts';
import { actor } from '../../../src/actors/runtime/index.ts';
import { ManualClock, TestSystem } from '../../../src/actors/runtime/testing.ts';

describe('dead letters', () => {
  test('are counted always and logged a few per window, with the number left out', () => {
    const clock = new ManualClock();
    const notes: DeadLetterNote[] = [];
    const letters = new DeadLetters(clock, undefined, (note) => notes.push(note));
    for (let number = 0; number < 100; number += 1) letters.add('/a', { type: 'x', secret: 1 }, 'stopped');
    expect(notes).toHaveLength(5);
    clock.advance(10_000);
    letters.add('/a', 'plain', 'full');
    expect(notes.at(-1)).toEqual({ to: '/a', why: 'full', type: undefined, suppressed: 95 });
    expect(notes[0]).toEqual({ to: '/a', why: 'stopped', type: 'x', suppressed: 0 });
    expect(letters.counts).toMatchObject({ stopped: 100, full: 1 });
  });

  test('fail a test that did not expect them', async () => {
    const t = new TestSystem();
    const root = t.system.start(
      actor<string>('gone', () => ({ receive() {} })),
      undefined,
    );
    await root.stop();
    root.ref.tell('anyone?');
    await expect(t.close()).rejects.toThrow('/gone (stopped): "anyone?"');
  });
});
