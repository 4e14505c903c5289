import { describe, expect, test } from '@jest/globals';
import { Visit, type Request } from '../../../src/actors/tracker/visit.ts';
import type { VisitArgs, VisitPort } from '../../../src/actors/tracker/visit-port.ts';
import { FileEntries } from '../../../src/core/share/file-entries.ts';
import { maxMessagesAhead } from '../../../src/core/limits/tracker.ts';
import { peerId } from '../../../src/core/ids.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import { sharedFile } from '../../helpers/trackers.ts';

type Answer = (answer: Result<unknown>) => void;
const state = { generation: 1, count: 1, digest: new Uint8Array(16) };
const change = (rejected: readonly unknown[] = []) => ok({ added: 1, removed: 0, rejected, count: 1 });
const add: Request = { type: 'add', files: FileEntries.of([sharedFile('a.txt')]) };
const commit: Request = { type: 'commit', requestId: 5, ...state };

/** A visit whose peer is listed; the registry is asked, and answers when it is told to. */
function rig() {
  const asked: { readonly what: string; readonly answer: Answer }[] = [];
  const replies: unknown[] = [];
  const refusals: string[] = [];
  let served = 0;
  const ask = (what: string, answer: Answer): void => void asked.push({ what, answer });
  const port = {
    nowMs: () => 0,
    attach: (_: unknown, then: Answer) => then(ok({ ...state, count: 0 })),
    arrived: () => undefined,
    accept: () => undefined,
    announceShared: () => undefined,
    served: () => void (served += 1),
    reply: (reply: unknown) => void replies.push(reply),
    refuse: ({ code }: { readonly code: string }) => void refusals.push(code),
    ask: ({ type }: { readonly type: string }, then: Answer) => ask(type, then),
    apply(_: unknown, adds: FileEntries, __: unknown, isAsked: () => void, then: Answer) {
      ask(adds.count > 0 ? 'add' : 'remove', then);
      isAsked();
    },
  };
  const args = {
    peer: peerId(new Uint8Array(32).fill(1)),
    host: '192.0.2.1',
    session: 1,
    heartbeatMs: 1,
    admission: { change: () => true },
  };
  const visit = new Visit(port as unknown as VisitPort, args as unknown as VisitArgs);
  visit.serve({ type: 'hello', name: 'alice', port: 4_000 } as Request);
  served = 0;
  const answer = (result: Result<unknown>): void => asked.shift()?.answer(result);
  const answerLast = (result: Result<unknown>): void => asked.pop()?.answer(result);
  const asks = (): readonly string[] => asked.map(({ what }) => what);
  return { visit, replies, refusals, answer, answerLast, asks, served: () => served };
}

describe('files that a peer adds', () => {
  test('are given to the registry before it has answered for those before, so many messages at most', () => {
    const { visit, answer, asks, served } = rig();
    for (let message = 1; message < maxMessagesAhead; message++) visit.serve(add);
    expect([asks().length, served()]).toEqual([maxMessagesAhead - 1, maxMessagesAhead - 1]);
    visit.serve(add);
    expect([asks().length, served()]).toEqual([maxMessagesAhead, maxMessagesAhead - 1]);
    answer(change());
    expect(served()).toBe(maxMessagesAhead);
  });

  test('are committed with the commit behind them, whose answer tells which were rejected', () => {
    const { visit, replies, answer, asks, served } = rig();
    visit.serve(add);
    visit.serve(commit);
    expect(asks()).toEqual(['add', 'commit']);
    answer(change([{ index: 0, problem: { code: 'bad-name', message: '' } }]));
    expect(replies).toEqual([]);
    answer(ok(state));
    expect(replies).toMatchObject([
      { type: 'committed', rejected: [{ path: '/docs/a.txt', code: 'bad-name' }] },
    ]);
    expect(served()).toBe(2);
  });

  test('are waited for when their commit was answered first, which is then asked again if it was stale', () => {
    const { visit, replies, answerLast, answer, asks } = rig();
    visit.serve(add);
    visit.serve(commit);
    answerLast(fail('stale', 'They differ'));
    expect([asks(), replies]).toEqual([['add'], []]);
    answer(change());
    expect([asks(), replies]).toEqual([['commit'], []]);
    answer(fail('stale', 'They differ'));
    expect(replies).toMatchObject([{ type: 'error', code: 'stale', requestId: 5 }]);
    expect(asks()).toEqual([]);
  });

  test('keep everything else waiting that is asked of the share', () => {
    const { visit, answer, asks } = rig();
    visit.serve(add);
    visit.serve({ type: 'remove', files: [sharedFile('a.txt')] });
    expect(asks()).toEqual(['add']);
    answer(change());
    expect(asks()).toEqual(['remove']);
  });

  test('end the visit where they cannot be taken', () => {
    const { visit, refusals, answer } = rig();
    visit.serve(add);
    answer(fail('closed', 'This session has been replaced'));
    expect(refusals).toEqual(['closed']);
  });
});
