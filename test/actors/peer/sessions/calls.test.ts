import { afterEach, describe, expect, test } from '@jest/globals';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Callers } from '../../../../src/actors/peer/sessions/callers.ts';
import { Calls } from '../../../../src/actors/peer/sessions/calls.ts';
import { peerId } from '../../../../src/core/ids.ts';
import {
  answeredCalls,
  callTokenBytes,
  callTokenMs,
  maxOpenCalls,
  maxRememberedCalls,
} from '../../../../src/core/limits/reach.ts';

const peerOf = (number: number) => peerId(new Uint8Array(32).fill(number));
const ports: MessagePort[] = [];
const link = (): MessagePort => {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  return port2;
};

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

describe('a call of ours', () => {
  test('is claimed once, by the peer that was called alone', async () => {
    const calls = new Calls(() => 0);
    const port = link();
    const call = calls.begin(peerOf(1), port);
    if (!call) throw new Error('It was refused');
    expect(call.token).toHaveLength(callTokenBytes);
    expect(calls.claim(peerOf(2), call.token)).toBeUndefined();
    expect(calls.claim(peerOf(1), new Uint8Array(callTokenBytes))).toBeUndefined();
    const claim = calls.claim(peerOf(1), call.token);
    expect(claim?.link).toBe(port);
    expect(calls.claim(peerOf(1), call.token)).toBeUndefined();
    claim?.settle(Promise.resolve({ problem: { code: 'closed', message: 'It left' } }));
    expect((await call.over).problem.message).toBe('It left');
  });

  test('is no good any more after a while', async () => {
    let nowMs = 0;
    const calls = new Calls(() => nowMs);
    const call = calls.begin(peerOf(1), link());
    nowMs = callTokenMs;
    expect(calls.claim(peerOf(1), call?.token ?? new Uint8Array())).toBeUndefined();
    expect((await call?.over)?.problem.code).toBe('timeout');
    expect(calls.size).toBe(0);
  });

  test('is over when nobody waits for it any more', async () => {
    const calls = new Calls(() => 0);
    const call = calls.begin(peerOf(1), link());
    call?.withdraw();
    expect(calls.claim(peerOf(1), call?.token ?? new Uint8Array())).toBeUndefined();
    expect((await call?.over)?.problem.code).toBe('timeout');
  });

  test('waits with a bounded number of others, which make room when their time is over', () => {
    let nowMs = 0;
    const calls = new Calls(() => nowMs);
    for (let at = 0; at < maxOpenCalls; at++) expect(calls.begin(peerOf(1), link())).toBeDefined();
    expect(calls.begin(peerOf(1), link())).toBeUndefined();
    nowMs = callTokenMs;
    expect(calls.begin(peerOf(1), link())).toBeDefined();
    expect(calls.size).toBe(1);
  });

  test('no token is like another', () => {
    const calls = new Calls(() => 0);
    const tokens = Array.from({ length: maxOpenCalls }, () => calls.begin(peerOf(1), link())?.token.join());
    expect(new Set(tokens).size).toBe(maxOpenCalls);
  });
});

describe('a call of another', () => {
  const caller = { peer: peerOf(1), name: 'anna', host: '192.0.2.7', port: 40_001 };
  const tokenOf = (at: number) => new Uint8Array(callTokenBytes).fill(at);

  test('is answered once, whoever passes it on', () => {
    const callers = new Callers(peerOf(9), 0);
    expect(callers.admit({ caller, token: tokenOf(1) }, 0)).toBe(true);
    expect(callers.admit({ caller, token: tokenOf(1) }, 0)).toBe(false);
    expect(callers.admit({ caller, token: tokenOf(2) }, 0)).toBe(true);
  });

  test.each([
    { what: 'is our own', change: { peer: peerOf(9) } },
    { what: 'names a host that is to be looked up', change: { host: 'example.org' } },
    { what: 'names no port', change: { port: 0 } },
  ])('is not answered when it $what', ({ change }) => {
    const callers = new Callers(peerOf(9), 0);
    expect(callers.admit({ caller: { ...caller, ...change }, token: tokenOf(1) }, 0)).toBe(false);
  });

  test('is not answered when there are too many in a time', () => {
    const callers = new Callers(peerOf(9), 0);
    const answers = Array.from({ length: answeredCalls.burst + 2 }, (_, at) =>
      callers.admit({ caller, token: tokenOf(at) }, 0),
    );
    expect(answers.filter(Boolean)).toHaveLength(answeredCalls.burst);
    const laterMs = 1_000 / answeredCalls.perSecond;
    expect(callers.admit({ caller, token: tokenOf(200) }, laterMs)).toBe(true);
  });

  test('what is remembered is bounded', () => {
    const callers = new Callers(peerOf(9), 0);
    const token = (at: number) => Uint8Array.of(at & 0xff, at >> 8, ...new Uint8Array(callTokenBytes - 2));
    for (let at = 0; at <= maxRememberedCalls; at++) callers.admit({ caller, token: token(at) }, at * 1_000);
    const later = (maxRememberedCalls + 60) * 1_000;
    expect(callers.admit({ caller, token: token(maxRememberedCalls) }, later)).toBe(false);
    expect(callers.admit({ caller, token: token(0) }, later)).toBe(true);
  });
});
