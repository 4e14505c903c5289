import { describe, expect, test } from '@jest/globals';
import type { DownloadView } from '../../../../src/core/engine/engine-api.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../../../src/tui/text/glyphs.ts';
import { sourceWords } from '../../../../src/tui/screens/transfers/source-list.ts';
import {
  countsDown,
  shortState,
  stateSentence,
  stateWords,
  type StateFacts,
} from '../../../../src/tui/screens/transfers/state-words.ts';
import { describeState } from '../../../../src/tui/transfer-text.ts';
import { downloadView } from '../../../helpers/views.ts';

const wallMs = new Date(2026, 0, 2, 14, 5, 0).getTime();
const MiB = 1024 * 1024;

const facts = (changes: Partial<DownloadView>, downPerSecond = 0): StateFacts => ({
  download: downloadView({ sources: 0, ...changes }),
  downPerSecond,
  wallMs,
  glyphs: 'unicode',
});

const unreachable = { code: 'unreachable', message: 'crane did not answer' } as const;
const noRoom = { code: 'disk-full', message: 'No room on /home' } as const;

test('a download that none of its sources feeds is not said to come from 0 of them', () => {
  const idle = { state: 'downloading', sources: 0, knownSources: 2 } as const;
  expect(stateSentence(facts(idle))).toBe('waiting for its sources, 2 known');
  expect(stateSentence(facts(idle, MiB))).toBe('downloading, 2 known');
  expect(stateSentence(facts({ ...idle, sources: 1 }, MiB))).toBe('downloading from 1 source, 2 known');
});

test('a download that has all its bytes and reads what an earlier run left says so', () => {
  const resumed = {
    state: 'downloading',
    sizeBytes: 8 * MiB,
    doneBytes: 8 * MiB,
    uncheckedBytes: 2 * MiB,
  } as const;
  expect(shortState(facts(resumed)).text).toBe('hash');
  expect(stateSentence(facts(resumed))).toBe('checking; 2.00M of an earlier run to be checked');
  const fetching = facts({ ...resumed, doneBytes: 4 * MiB, sources: 2, knownSources: 2 }, MiB);
  expect(stateSentence(fetching)).toBe(
    'downloading from 2 sources, 2 known; 2.00M of an earlier run to be checked',
  );
  expect(describeState(fetching.download, MiB)).toBe('1 MiB/s, 4s left, 2 sources, 2 MiB to check');
  expect(describeState(facts(resumed).download, 0)).toBe('checking, 2 MiB left');
});

describe('the state of a download in words', () => {
  test.each<[Partial<DownloadView>, number, string, string]>([
    [{ state: 'queued', queueIndex: 4 }, 0, 'next', 'place 4 in your queue'],
    [{ state: 'queued', queueIndex: undefined }, 0, 'next', 'waiting for its turn'],
    [{ state: 'queued', queueIndex: 4, problem: noRoom }, 0, 'next', 'waiting: No room on /home'],
    [{ state: 'finding' }, 0, 'find', 'looking for sources'],
    [{ state: 'waiting' }, 0, 'wait', 'waiting for a source'],
    [{ state: 'waiting', queuePosition: 7 }, 0, 'wait', 'waiting: queue #7'],
    [{ state: 'waiting', nextAttemptMs: wallMs + 20_000 }, 0, 'wait', 'no source, retry in 20s'],
    [
      {
        state: 'waiting',
        problem: unreachable,
        retry: 'connection',
        attempts: 3,
        nextAttemptMs: wallMs + 42_000,
      },
      0,
      'wait',
      'retry in 42s (3): crane did not answer',
    ],
    [
      { state: 'waiting', problem: unreachable, retry: 'connection', attempts: 1, nextAttemptMs: wallMs - 1 },
      0,
      'wait',
      'trying again: crane did not answer',
    ],
    [{ state: 'waiting', problem: noRoom, retry: 'disk' }, 0, 'halt', 'waiting: No room on /home'],
    [{ state: 'downloading', sources: 3 }, 5 * MiB, 'down', 'downloading'],
    [{ state: 'downloading', sources: 1 }, 5 * MiB, 'down', 'downloading'],
    [{ state: 'downloading', sources: 1 }, 20_000, 'slow', 'slow: 1 source'],
    [{ state: 'downloading', sources: 1 }, 0, 'down', 'downloading'],
    [{ state: 'downloading', sources: 0 }, 0, 'wait', 'waiting for its sources'],
    [{ state: 'downloading', sources: 0 }, MiB, 'down', 'downloading'],
    [{ state: 'paused' }, 0, 'paus', 'paused by you'],
    [{ state: 'finishing' }, 0, 'hash', 'checking'],
    [{ state: 'done' }, 0, 'done', 'verified'],
    [{ state: 'failed', problem: unreachable }, 0, 'fail', 'failed: crane did not answer'],
    [{ state: 'failed' }, 0, 'fail', 'failed: nobody said why'],
    [{ state: 'cancelled' }, 0, 'canc', 'cancelled by you'],
  ])('%j is "%s"', (changes, speed, short, long) => {
    expect(shortState(facts(changes, speed)).text).toBe(short);
    expect(stateWords(facts(changes, speed)).text).toBe(long);
  });

  test('each state has a short word of its own', () => {
    const states = ['queued', 'finding', 'waiting', 'downloading', 'paused', 'finishing', 'done', 'failed', 'cancelled'] as const;
    const words = states.map((state) => shortState(facts({ state, sources: 2 }, MiB)).text);
    expect(new Set(words).size).toBe(states.length);
    expect(words.every((word) => word.length === 4)).toBe(true);
  }); // prettier-ignore

  test('a reason from a stranger shows what it tried', () => {
    const problem = { code: 'protocol', message: 'no\x1b[2J\u202eway' } as const;
    expect(stateWords(facts({ state: 'failed', problem })).text).toBe('failed: no␛[2J⟨RLO⟩way');
  });

  test('the sentence tells when it is tried again and which key helps', () => {
    expect(stateSentence(facts({ state: 'paused' }))).toBe('paused by you; p goes on');
    expect(stateSentence(facts({ state: 'failed', problem: unreachable, endedMs: wallMs - 60_000 }))).toBe(
      'failed: crane did not answer; ended 14:04; r tries again',
    );
    const waiting = {
      state: 'waiting',
      problem: unreachable,
      attempts: 3,
      nextAttemptMs: wallMs + 42_000,
    } as const;
    expect(stateSentence(facts(waiting))).toBe(
      'waiting: crane did not answer; next attempt at 14:05:42; 3 attempts so far',
    );
    expect(stateSentence(facts({ state: 'waiting', problem: noRoom, retry: 'never' }))).toBe(
      'waiting: No room on /home; it waits for you: r tries again',
    );
    expect(stateSentence(facts({ state: 'downloading', sources: 2, knownSources: 5 }, MiB))).toBe(
      'downloading from 2 sources, 5 known',
    );
    expect(stateSentence(facts({ state: 'done', usedSources: 1, sentBytes: 3 * MiB }))).toBe(
      'verified; came from 1 peer; 3.00M sent to others',
    );
  });

  test('counts down only what says when', () => {
    expect(countsDown(downloadView({ state: 'waiting', nextAttemptMs: 1 }))).toBe(true);
    expect(countsDown(downloadView({ state: 'waiting' }))).toBe(false);
    expect(countsDown(downloadView({ state: 'waiting', nextAttemptMs: 1, queuePosition: 2 }))).toBe(false);
    expect(countsDown(downloadView({ state: 'paused', nextAttemptMs: 1 }))).toBe(false);
  });
});

describe('a source in words', () => {
  const source = (changes: object) => ({
    peer: 'p' as never,
    name: 'crane',
    host: 'h',
    port: 1,
    state: 'idle' as const,
    havePieces: 1,
    receivedBytes: 0,
    bytesPerSecond: 0,
    queuePosition: undefined,
    problem: undefined,
    nextAttemptMs: undefined,
    ...changes,
  });

  test.each([
    [{ state: 'delivering' }, 'sending'],
    [{ state: 'connecting' }, 'connecting'],
    [{ state: 'waiting' }, 'waiting for a slot'],
    [{ state: 'waiting', queuePosition: 2 }, 'waiting, place 2'],
    [{ state: 'idle' }, 'ready'],
    [{ state: 'useless' }, 'no useful pieces'],
    [
      { state: 'resting', nextAttemptMs: wallMs + 5_000, problem: unreachable },
      'retry in 5s: crane did not answer',
    ],
    [{ state: 'resting' }, 'resting'],
    [{ state: 'banned', problem: { code: 'protocol', message: 'lied\n' } }, 'banned: lied\\x0a'],
  ])('%j is %s', (changes, words) => {
    expect(sourceWords(source(changes), wallMs, asciiGlyphs).text).toBe(words);
    expect(sourceWords(source(changes), wallMs, unicodeGlyphs).text).toBe(words.replace('\\x0a', '␊'));
  });
});
