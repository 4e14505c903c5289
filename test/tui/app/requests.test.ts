import { expect, test } from '@jest/globals';
import type { EngineCommand } from '../../../src/core/engine/engine-api.ts';
import type { ContentId } from '../../../src/core/ids.ts';
import { maxClientQuestions } from '../../../src/core/limits/engine.ts';
import {
  maxUiQuestionsWaiting,
  uiAnswerTimeoutMs,
  uiDownloadsAskedAtOnce,
  uiQuestionsAtOnce,
} from '../../../src/core/limits/screen.ts';
import { Requests } from '../../../src/tui/app/requests.ts';
import { ask, toast, type Effect } from '../../../src/tui/model/effects.ts';
import { ManualClock } from '../manual-clock.ts';

function open() {
  const sent: EngineCommand[] = [];
  const performed: Effect[] = [];
  const clock = new ManualClock();
  const requests = new Requests(
    clock,
    (command) => sent.push(command),
    (effects) => performed.push(...effects),
  );
  /** The engine answers this one of what was sent. */
  const answer = (at: number): void => {
    const requestId = sent[at] !== undefined && 'requestId' in sent[at] ? sent[at].requestId : -1;
    requests.receive({ type: 'answer-shared', requestId, answer: { ok: true, value: [] } });
  };
  return { requests, sent, performed, clock, answer };
}

const download = (sizeBytes: number) =>
  ask(
    {
      type: 'download',
      target: { kind: 'content', id: 'c1' as ContentId, name: 'a', folders: [], sources: [] },
      outDir: '/tmp',
      bytesPerSecond: 0,
      sizeBytes,
    },
    () => [],
  );

const question = (name: string) => ask({ type: 'shared' }, () => [toast(name)]);

test('more questions than the engine takes at once are put one after the other, and all are answered', () => {
  expect(uiDownloadsAskedAtOnce + uiQuestionsAtOnce).toBeLessThan(maxClientQuestions);
  const { requests, sent, performed, answer } = open();
  const all = Array.from({ length: 3 * maxClientQuestions }, (_, at) => String(at));
  for (const name of all) requests.ask(question(name));
  expect(sent).toHaveLength(uiQuestionsAtOnce);
  for (let at = 0; at < all.length; at += 1) {
    answer(at);
    expect(sent.length - at - 1).toBeLessThanOrEqual(uiQuestionsAtOnce);
  }
  expect(performed).toEqual(all.map((name) => toast(name)));
});

test('downloads are put one after the other, and no other question waits behind them', () => {
  const { requests, sent, answer } = open();
  for (let at = 0; at < 1_000; at += 1) requests.ask(download(at));
  expect(sent).toHaveLength(uiDownloadsAskedAtOnce);
  requests.ask(question('other'));
  expect(sent.map(({ type }) => type).indexOf('shared')).toBe(uiDownloadsAskedAtOnce);
  answer(uiDownloadsAskedAtOnce);
  expect(sent).toHaveLength(uiDownloadsAskedAtOnce + 1);
  answer(0);
  expect(sent.at(-1)).toMatchObject({ type: 'download', sizeBytes: uiDownloadsAskedAtOnce });
});

test('more than may wait is refused and told of, and other questions are still put', () => {
  const { requests, sent, performed } = open();
  for (let at = 0; at < uiDownloadsAskedAtOnce + maxUiQuestionsWaiting; at += 1) requests.ask(download(at));
  expect(performed).toEqual([]);
  requests.ask(download(0));
  expect(performed).toEqual([toast('Too much at once: not all of it was asked for', 'error')]);
  requests.ask(question('other'));
  expect(sent.at(-1)?.type).toBe('shared');
});

test('a question that nobody answers makes room for the next', () => {
  const { requests, sent, performed, clock } = open();
  for (let at = 0; at <= uiQuestionsAtOnce; at += 1) requests.ask(question(String(at)));
  clock.advance(uiAnswerTimeoutMs);
  expect(sent).toHaveLength(uiQuestionsAtOnce + 1);
  expect(performed).toHaveLength(uiQuestionsAtOnce);
});

test('nothing is put any more once it is closed', () => {
  const { requests, sent, answer } = open();
  for (let at = 0; at <= uiQuestionsAtOnce; at += 1) requests.ask(question(String(at)));
  requests.close();
  answer(0);
  expect(sent).toHaveLength(uiQuestionsAtOnce);
});
