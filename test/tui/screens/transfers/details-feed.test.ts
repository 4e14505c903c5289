import { describe, expect, test } from '@jest/globals';
import type { DownloadDetails, DownloadView } from '../../../../src/core/engine/engine-api.ts';
import { ok, fail, type Result } from '../../../../src/core/result.ts';
import type { AskEffect, Effect } from '../../../../src/tui/model/effects.ts';
import { DetailsFeed } from '../../../../src/tui/screens/transfers/details-feed.ts';
import { downloadView } from '../../../helpers/views.ts';
import { details, peerOf } from './scene.ts';

function answerOf(transfer: number): Result<DownloadDetails> {
  const [event] = details({ type: 'details', requestId: 1, transfer });
  if (event?.type !== 'answer-details') throw new Error('no details in the scene');
  return event.answer;
}

function asked(effects: readonly Effect[]): AskEffect {
  const [effect] = effects;
  if (effect?.type !== 'ask') throw new Error('nothing was asked');
  return effect;
}

const answer = (ask: AskEffect, result: Result<DownloadDetails>): void => {
  ask.answered({ type: 'answer-details', requestId: 1, answer: result });
};

const running = (transfer: number): DownloadView => downloadView({ transfer, state: 'downloading' });

describe('the details of a download', () => {
  test('are asked for once a second while it runs, one question at a time', () => {
    const feed = new DetailsFeed();
    expect(feed.poll(0)).toEqual([]);
    feed.follow(running(1));
    const first = asked(feed.poll(0));
    expect(first.question).toEqual({ type: 'details', transfer: 1 });
    expect(feed.poll(5_000)).toEqual([]);
    answer(first, answerOf(1));
    expect(feed.details?.sources).toHaveLength(8);
    expect(feed.poll(999)).toEqual([]);
    expect(feed.poll(1_000)).toHaveLength(1);
    expect(feed.lives).toBe(true);
  });

  test('are asked for again when nobody answered', () => {
    const feed = new DetailsFeed();
    feed.follow(running(1));
    expect(asked(feed.poll(0)).unanswered?.()).toEqual([]);
    expect(feed.poll(1_000)).toHaveLength(1);
  });

  test('of one that does not move are asked for once, and when it has changed', () => {
    const feed = new DetailsFeed();
    const paused = downloadView({ transfer: 1, state: 'paused' });
    feed.follow(paused);
    answer(asked(feed.poll(0)), answerOf(1));
    expect(feed.poll(60_000)).toEqual([]);
    expect(feed.lives).toBe(false);
    feed.follow({ ...paused, priority: 'high' });
    expect(feed.poll(60_000)).toHaveLength(1);
  });

  test('do not say that anybody sends once it has stopped, and are asked for again at once', () => {
    const feed = new DetailsFeed();
    feed.follow(running(1));
    answer(asked(feed.poll(0)), answerOf(1));
    feed.follow({ ...running(1), state: 'paused' });
    expect(feed.sources.size).toBe(0);
    expect(feed.details).toMatchObject({ sources: [] });
    expect(feed.details?.pieceMap).toBeDefined();
    expect(feed.poll(1)).toHaveLength(1);
  });

  test('of another one are not shown as of this', () => {
    const feed = new DetailsFeed();
    feed.follow(running(1));
    const first = asked(feed.poll(0));
    feed.follow(running(2));
    answer(first, answerOf(1));
    expect(feed.details).toBeUndefined();
    expect(feed.sources.size).toBe(0);
    answer(asked(feed.poll(1)), answerOf(2));
    expect(feed.details?.download.transfer).toBe(2);
    feed.follow(undefined);
    expect([feed.details, feed.transfer, feed.sources.size]).toEqual([undefined, undefined, 0]);
  });

  test('keep the rows of sources that look the same, and lose those that are gone', () => {
    const feed = new DetailsFeed();
    feed.follow(running(1));
    const all = answerOf(1);
    answer(asked(feed.poll(0)), all);
    const swift = feed.sources.get(peerOf(55));
    const crane = feed.sources.get(peerOf(57));
    if (!all.ok) throw new Error('no details in the scene');
    answer(asked(feed.poll(2_000)), ok({ ...all.value, sources: all.value.sources.slice(2) }));
    expect(feed.sources.get(peerOf(55))).toBe(swift);
    expect(feed.sources.get(peerOf(51))).toBeUndefined();
    // It counts down: its words are others each time.
    expect(feed.sources.get(peerOf(57))).not.toBe(crane);
  });

  test('that the engine does not give are a problem, until it gives them', () => {
    const feed = new DetailsFeed();
    feed.follow(running(1));
    answer(asked(feed.poll(0)), fail('not-found', 'no such transfer'));
    expect(feed.problem?.message).toBe('no such transfer');
    answer(asked(feed.poll(2_000)), answerOf(1));
    expect(feed.problem).toBeUndefined();
  });
});
