import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { defaultTrackerLimits } from '../../../src/actors/tracker/tracker.ts';
import type { SearchResult } from '../../../src/core/catalogue.ts';
import { DenyList, nothingDenied, phraseQuery, withoutWords } from '../../../src/core/tracker/deny-list.ts';
import { contentId, peerId } from '../../../src/core/ids.ts';
import { maxDeniedWords, mostTrackerConnections } from '../../../src/core/limits/operations.ts';
import { compileQuery } from '../../../src/core/search/query.ts';
import { matches } from '../../../src/core/search/query-match.ts';
import { checkLimits, noSettings, parseTrackerSettings } from '../../../src/core/tracker/tracker-settings.ts';

const content = (byte: number) => contentId(new Uint8Array(32).fill(byte));
const peer = peerId(new Uint8Array(32).fill(7));
const many = JSON.stringify(Array.from({ length: maxDeniedWords + 1 }, (_, at) => `word${at}`));

describe('settings of a tracker', () => {
  test('may all be left out', () => {
    expect(parseTrackerSettings('{}')).toEqual({ ok: true, value: noSettings });
    expect(parseTrackerSettings('{"limits":{},"deny":{}}')).toEqual({ ok: true, value: noSettings });
  });

  test('are taken as they are written', () => {
    const deny = {
      addresses: ['192.0.2.0/24', '::1'],
      peers: [peer],
      contents: [content(1)],
      words: ['bad apple'],
    };
    const limits = { maxConnections: 20_000, leaseMs: 120_000 };
    expect(parseTrackerSettings(JSON.stringify({ limits, deny }))).toEqual({
      ok: true,
      value: { limits, deny },
    });
  });

  test.each([
    ['', 'expected JSON'],
    ['{"limits":', 'expected JSON'],
    ['[]', 'the file: expected an object, got []'],
    ['null', 'the file: expected an object, got null'],
    ['{"limit":{}}', 'limit: there is no such setting; expected limits, deny'],
    [
      '{"limits":{"maxConnection":5}}',
      'limits.maxConnection: there is no such setting; expected maxConnections, ',
    ],
    [
      '{"limits":{"maxConnections":0}}',
      `limits.maxConnections: expected a whole number from 1 to ${mostTrackerConnections}, got 0`,
    ],
    ['{"limits":{"maxConnections":"5"}}', 'got "5"'],
    ['{"limits":{"leaseMs":90000.5}}', 'limits.leaseMs: expected a whole number'],
    ['{"limits":{"leaseMs":null}}', 'got null'],
    ['{"limits":7}', 'limits: expected an object, got 7'],
    [
      '{"deny":{"address":[]}}',
      'deny.address: there is no such setting; expected addresses, peers, contents, words',
    ],
    ['{"deny":{"addresses":"192.0.2.1"}}', 'deny.addresses: expected a list, got "192.0.2.1"'],
    ['{"deny":{"addresses":["192.0.2.1","192.0.2"]}}', 'deny.addresses[1]: expected an address or network'],
    ['{"deny":{"peers":["me"]}}', 'deny.peers[0]: expected the id of a peer, got "me"'],
    ['{"deny":{"contents":[5]}}', 'deny.contents[0]: expected a content id, got 5'],
    ['{"deny":{"words":["ok","..."]}}', 'deny.words[1]: expected words that a search could find, got "..."'],
    [
      `{"deny":{"words":${many}}}`,
      `deny.words: expected at most ${maxDeniedWords} entries, got ${maxDeniedWords + 1}`,
    ],
    [`{"deny":{"peers":["${'x'.repeat(500)}"]}}`, '…'],
  ])('%j are refused: %s', (text, why) => {
    const parsed = parseTrackerSettings(text);
    expect(parsed).toMatchObject({ problem: { code: 'bad-request', message: expect.stringContaining(why) } });
    if (!parsed.ok) expect(parsed.problem.message.length).toBeLessThan(300);
  });

  test('may hold limits only that go together', () => {
    expect(checkLimits(defaultTrackerLimits)).toEqual({ ok: true, value: defaultTrackerLimits });
    expect(checkLimits({ ...defaultTrackerLimits, leaseMs: 30_001 })).toMatchObject({
      problem: { message: expect.stringContaining('limits.leaseMs (30001)') },
    });
    expect(checkLimits({ ...defaultTrackerLimits, searchBurst: 1 })).toMatchObject({
      problem: { message: expect.stringContaining('limits.searchBurst') },
    });
  });
});

describe('a list of what is denied', () => {
  const denied = new DenyList({
    addresses: ['192.0.2.0/24', '2001:db8::/32'],
    peers: [peer],
    contents: [content(1)],
    words: ['bad apple', 'Café'],
  });
  const result = (id: number, ...names: string[]): SearchResult => ({
    id: content(id),
    name: names[0] ?? '',
    names,
    sizeBytes: 1,
    type: 'other',
    sources: [],
  });

  test('that is empty denies nothing', () => {
    const none = new DenyList();
    const file = { id: content(1), path: '/music/bad apple.mp3' };
    expect(none.rules).toBe(nothingDenied);
    expect([none.refusesHost('192.0.2.1'), none.refusesPeer(peer), none.refusesFile(file)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(none.shown(result(1, 'bad apple.mp3'))).toEqual(result(1, 'bad apple.mp3'));
  });

  test('names hosts, peers and contents', () => {
    expect(
      ['192.0.2.9', '192.0.3.9', '::ffff:192.0.2.9', '2001:db8::9', ''].map((host) =>
        denied.refusesHost(host),
      ),
    ).toEqual([true, false, true, true, false]);
    expect([denied.refusesPeer(peer), denied.refusesPeer(peerId(new Uint8Array(32)))]).toEqual([true, false]);
    expect([denied.refusesContent(content(1)), denied.refusesContent(content(2))]).toEqual([true, false]);
  });

  test.each([
    ['/a/Bad.Apple-01.mkv', true],
    ['/Bad Apple/x.mkv', true],
    ['/a/apple bad.mkv', false],
    ['/a/badly appled.mkv', false],
    ['/a/le_cafe_noir.txt', true],
    ['/a/cafeteria.txt', false],
  ])('finds words in paths as a search does: %s %p', (path, is) => {
    expect(denied.refusesFile({ id: content(2), path })).toBe(is);
    const query = phraseQuery('bad apple');
    if (query !== undefined && path.toLowerCase().includes('apple'))
      expect(matches(query, { id: content(2), path, sizeBytes: 0 })).toBe(is);
  });

  test('hides results, and of those with several names the denied ones', () => {
    expect(denied.shown(result(1, 'fine.txt'))).toBeUndefined();
    expect(denied.shown(result(2, 'fine.txt'))).toEqual(result(2, 'fine.txt'));
    expect(denied.shown(result(2, 'bad apple.txt'))).toBeUndefined();
    expect(denied.shown(result(2, 'bad apple.txt', 'fine.txt'))).toEqual(result(2, 'fine.txt'));
  });

  test('hides a result that lies in a denied folder, and shows another name of it without that', () => {
    const inFolder = (folder: string, ...names: string[]): SearchResult => ({
      ...result(2, ...names),
      folder,
    });
    expect(denied.shown(inFolder('/Bad Apple/', 'fine.txt'))).toBeUndefined();
    expect(denied.shown(inFolder('/Bad Apple/', 'fine.txt', 'good.txt'))).toStrictEqual(
      result(2, 'good.txt'),
    );
    expect(denied.shown(inFolder('/fine/', 'fine.txt'))).toEqual(inFolder('/fine/', 'fine.txt'));
  });

  test('leaves out the folder of a denied name, and of none that is shown', () => {
    const inFolder = (...names: string[]): SearchResult => ({ ...result(2, ...names), folder: '/his/' });
    expect(denied.shown(inFolder('bad apple.txt', 'fine.txt'))).toStrictEqual(result(2, 'fine.txt'));
    expect(denied.shown(inFolder('fine.txt', 'bad apple.txt'))).toStrictEqual(inFolder('fine.txt'));
  });

  test('keeps searches from finding what the words stand in, by folder too', () => {
    const query = compileQuery('x');
    if (!query.ok) throw new Error(query.problem.message);
    const narrowed = withoutWords(query.value, denied.rules.words);
    const found = ['/Bad Apple/x.mkv', '/café/x.mkv', '/fine/x.mkv'].filter((path) =>
      matches(narrowed, { id: content(2), path, sizeBytes: 0 }),
    );
    expect(found).toEqual(['/fine/x.mkv']);
    expect(withoutWords(query.value, [])).toBe(query.value);
  });
});

test('the example of the documentation can be used as it is', () => {
  const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(\{\n {2}"limits"[^`]*)```/.exec(text) ?? [];
  const parsed = parseTrackerSettings(example);
  expect(parsed).toMatchObject({ ok: true, value: { deny: { words: ['some phrase'] } } });
  if (parsed.ok)
    expect(checkLimits({ ...defaultTrackerLimits, ...parsed.value.limits })).toMatchObject({ ok: true });
});
