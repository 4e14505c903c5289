import { describe, expect, test } from '@jest/globals';
import { isAnyHost } from '../../../src/core/host.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { maxHostBytes, maxToldTrackers } from '../../../src/core/limits/wire.ts';
import { credibleNeighbours, readNeighbour } from '../../../src/core/tracker/neighbours.ts';

const id = 'a'.repeat(52) as PeerId;
const hostsOf = (hosts: readonly string[], teller: string): string[] =>
  credibleNeighbours(
    hosts.map((host) => ({ host, port: 5_000, id })),
    teller,
  ).map(({ host }) => host);

describe('what a tracker says of others is believed', () => {
  test.each<[string, string, boolean]>([
    ['203.0.113.7', '203.0.113.1', true],
    ['tracker.example', '203.0.113.1', true],
    ['2001:db8::7', '203.0.113.1', true],
    ['192.168.1.7', '203.0.113.1', false],
    ['10.0.0.7', '192.168.1.1', true],
    ['127.0.0.1', '203.0.113.1', false],
    ['127.0.0.1', '192.168.1.1', false],
    ['::1', '203.0.113.1', false],
    ['::ffff:127.0.0.1', '203.0.113.1', false],
    ['::ffff:7f00:1', '203.0.113.1', false],
    ['0:0:0:0:0:0:0:1', '203.0.113.1', false],
    ['::ffff:c0a8:107', '203.0.113.1', false],
    ['fd00::7', '203.0.113.1', false],
    ['fd00::7', '192.168.1.1', true],
    ['203.0.113.7', '::ffff:192.168.1.1', true],
    ['2130706433', '203.0.113.1', false],
    ['0x7f.1', '203.0.113.1', false],
    ['127.1', '127.0.0.1', false],
    ['0177.0.0.1', '203.0.113.1', false],
    ['tracker7.example', '203.0.113.1', true],
    ['0.0.0.0', '203.0.113.1', false],
    ['localhost', '203.0.113.1', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['203.0.113.7', '127.0.0.1', true],
    ['', '127.0.0.1', false],
    ['a b', '127.0.0.1', false],
    ['\u001b[2J', '127.0.0.1', false],
    ['-x', '127.0.0.1', false],
    ['a/b', '127.0.0.1', false],
  ])('%j by %s: %s', (host, teller, isBelieved) => {
    expect(hostsOf([host], teller)).toEqual(isBelieved ? [host] : []);
  });

  test('with a port, and no more of them than a message may hold', () => {
    const many = Array.from({ length: maxToldTrackers + 5 }, (_, at) => `10.0.0.${at}`);
    expect(hostsOf(many, '127.0.0.1')).toEqual(many.slice(0, maxToldTrackers));
    expect(credibleNeighbours([{ host: '10.0.0.1', port: 0, id }], '127.0.0.1')).toEqual([]);
  });
});

test('addresses that stand for all of a machine cannot be dialled by others', () => {
  expect(['0.0.0.0', '::', '*', ''].every(isAnyHost)).toBe(true);
  expect(['127.0.0.1', '::1', 'example.org', '10.0.0.0'].some(isAnyHost)).toBe(false);
});

describe('a tracker out of the store', () => {
  const own = { id, host: 'tracker.example.org', port: 5_000 };

  test.each([own, { ...own, host: '192.0.2.1' }, { ...own, host: '2001:db8::1' }])(
    'is read: %j',
    (tracker) => {
      expect(readNeighbour(JSON.stringify({ ...tracker, more: 1 }))).toEqual(tracker);
    },
  );

  test.each([
    '',
    'null',
    '[]',
    '"tracker"',
    '{"id":',
    JSON.stringify({ ...own, id: 'a' }),
    JSON.stringify({ ...own, id: undefined }),
    JSON.stringify({ ...own, host: 'two words' }),
    JSON.stringify({ ...own, host: '\u001b[2J' }),
    JSON.stringify({ ...own, host: 'a'.repeat(maxHostBytes + 1) }),
    JSON.stringify({ ...own, port: 0 }),
    JSON.stringify({ ...own, port: 65_536 }),
    JSON.stringify({ ...own, port: 1.5 }),
    JSON.stringify({ ...own, port: '5000' }),
  ])('is none: %s', (text) => {
    expect(readNeighbour(text)).toBeUndefined();
  });
});
