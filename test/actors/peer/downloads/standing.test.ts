import { describe, expect, test } from '@jest/globals';
import { reasonToWait, stateAtWork, type Standing } from '../../../../src/actors/peer/downloads/standing.ts';
import { deliveringMs } from '../../../../src/core/limits/downloads.ts';

const nothing: Standing = {
  obstacle: undefined,
  isBusyHere: false,
  receivedMs: -Infinity,
  working: 0,
  connected: 0,
  hasWork: false,
  queuePosition: undefined,
  isLooking: false,
  called: [],
  silent: [],
  problem: undefined,
  nowMs: 10_000,
};
const full = { code: 'disk-full', message: 'No room' } as const;
const lost = { code: 'closed', message: 'The connection was lost' } as const;

describe('what is downloaded, a file as well as a folder', () => {
  test.each([
    ['has nobody', {}, 'waiting', 'Nobody who is online has it'],
    ['has lost its source', { problem: lost }, 'waiting', lost.message],
    ['is in the queue of who has it', { connected: 1, hasWork: true, queuePosition: 3 }, 'waiting', 'All sources are busy; waiting for our turn'],
    ['is connected to who has nothing of it', { connected: 1 }, 'waiting', 'Nobody who is online has the rest of it'],
    ['cannot be written', { obstacle: full, working: 1, isBusyHere: true }, 'waiting', full.message],
    ['is connected to who says nothing', { connected: 1, hasWork: true, silent: ['ann'] }, 'waiting', 'ann'],
    ['has called in vain', { called: ['bob'] }, 'waiting', 'bob'],
  ] as const)('that %s waits, and says for what', (_what, changes, state, reason) => {
    const standing = { ...nothing, ...changes };
    expect(stateAtWork(standing)).toBe(state);
    expect(reasonToWait(standing).message).toContain(reason);
  }); // prettier-ignore

  test('only looks for sources while they are reached or looked for', () => {
    expect(stateAtWork({ ...nothing, isLooking: true })).toBe('finding');
    expect(stateAtWork({ ...nothing, isLooking: true, problem: lost })).toBe('finding');
    expect(stateAtWork({ ...nothing, isLooking: true, obstacle: full })).toBe('waiting');
  });

  test('is downloading while somebody delivers or may at once, or something is done here', () => {
    expect(stateAtWork({ ...nothing, connected: 1, hasWork: true })).toBe('downloading');
    expect(stateAtWork({ ...nothing, connected: 2, working: 1, queuePosition: undefined })).toBe(
      'downloading',
    );
    expect(stateAtWork({ ...nothing, isBusyHere: true })).toBe('downloading');
  });

  test('goes on being called downloading for a moment after bytes came, whoever makes it wait', () => {
    const queued = { ...nothing, connected: 1, hasWork: true, queuePosition: 2, receivedMs: 5_000 };
    expect(stateAtWork({ ...queued, nowMs: 5_000 + deliveringMs - 1 })).toBe('downloading');
    expect(stateAtWork({ ...queued, nowMs: 5_000 + deliveringMs })).toBe('waiting');
  });
});
