import { describe, expect, test } from '@jest/globals';
import { brokenLine, calledPeer, dialProblem, noAnswerOf } from '../../src/core/peer-words.ts';

const failure = (code: string): Error => Object.assign(new Error(`connect ${code} 10.1.2.3:4000`), { code });
const at = { host: '10.1.2.3', port: 4000 };

describe('why a peer cannot be reached', () => {
  test.each([
    ['ECONNREFUSED', 'alice cannot be reached: nothing listens at 10.1.2.3:4000'],
    ['ECONNRESET', 'alice cannot be reached: who listens at 10.1.2.3:4000 closed the connection'],
    ['EPIPE', 'alice cannot be reached: who listens at 10.1.2.3:4000 closed the connection'],
    ['EHOSTUNREACH', 'alice cannot be reached: there is no way to 10.1.2.3:4000'],
    ['ENETUNREACH', 'alice cannot be reached: there is no way to the network of 10.1.2.3:4000'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'alice cannot be reached: what listens at 10.1.2.3:4000 does not speak this protocol',
    ],
    ['EPROTO', 'alice cannot be reached: what listens at 10.1.2.3:4000 does not speak this protocol'],
    ['ESOMETHING', 'alice cannot be reached: the connection failed (ESOMETHING)'],
  ])('%s: names it and where, in no words of the system', (code, message) => {
    expect(dialProblem('alice', at, failure(code))).toEqual({
      ok: false,
      problem: { code: 'unreachable', message },
    });
  });

  test('an address of IPv6 is told from its port', () => {
    const outcome = dialProblem('alice', { host: '::1', port: 5 }, failure('ECONNREFUSED'));
    expect(outcome).toMatchObject({ problem: { message: expect.stringContaining('[::1]:5') } });
  });

  test('nobody answers: it is said as of one that falls silent later', () => {
    expect(dialProblem('alice', at, failure('ETIMEDOUT'))).toEqual({
      ok: false,
      problem: noAnswerOf('alice'),
    });
    expect(brokenLine('alice', failure('ETIMEDOUT'))).toEqual(noAnswerOf('alice'));
  });
});

test.each([
  ['ECONNRESET', 'The connection to alice was cut off'],
  ['EPIPE', 'The connection to alice was cut off'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'The connection to alice was cut off'],
  ['EIO', 'The connection to alice broke (EIO)'],
])('a connection that ends by %s', (code, message) => {
  expect(brokenLine('alice', failure(code))).toEqual({ code: 'closed', message });
});

test('a name is shown safely, and one that is not known has a stand-in', () => {
  expect(calledPeer('')).toBe('this peer');
  expect(calledPeer('a\u001b[31m')).not.toContain('\u001b');
});
