import { expect, test } from '@jest/globals';
import type { SearchResult } from '../../../../src/core/catalogue.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { maxShownResults } from '../../../../src/core/limits/screen.ts';
import { queryLine, type QueryLineFacts } from '../../../../src/tui/screens/search/query-line.ts';
import { ResultList } from '../../../../src/tui/screens/search/result-list.ts';
import { unicodeGlyphs } from '../../../../src/tui/text/glyphs.ts';
import { lineText } from '../../../../src/tui/text/segments.ts';

const area = { width: 80, height: 1, size: 'normal', glyphs: unicodeGlyphs, wallMs: 0 } as const;
const result: SearchResult = {
  id: 'a'.repeat(52) as ContentId,
  name: 'herring.mp4',
  sizeBytes: 1,
  type: 'video',
  names: [],
  sources: [],
};

function drawn(count: number, change: Partial<QueryLineFacts['state']> = {}): string {
  const state = {
    query: 'herring',
    phase: 'done',
    startedMs: 0,
    tookMs: 0,
    asked: 1,
    answered: 1,
    results: new ResultList(Array.from({ length: count }, () => result)),
    end: {},
    problem: undefined,
    wrong: undefined,
    ageMs: undefined,
    ...change,
  } as const;
  return lineText(queryLine({ state, prompt: undefined, draft: '', held: 0 }, area));
}

test('says that there may be more where a tracker stopped at its bound, or the list is full', () => {
  expect(drawn(3, { end: { isCut: true } })).toContain('first 3 results');
  expect(drawn(maxShownResults, { end: { cursor: 'x' } })).toContain('first 5,000 results');
  expect(drawn(200)).not.toContain('first');
});

test('says that more comes at the end, and when it is asked for', () => {
  expect(drawn(200, { end: { cursor: 'x' } })).toContain('200 results, more at the end');
  expect(drawn(200, { end: { cursor: 'x' }, phase: 'more' })).toContain('200 results, asking for more');
  expect(drawn(200)).not.toContain('more');
});

test('says that a part of the catalogue did not answer', () => {
  expect(drawn(2, { end: { isPartial: true } })).toContain('incomplete  2 results');
});

test('says of what looks like a filter and is none that it is none, whatever was found', () => {
  expect(drawn(2, { query: 'big OR midtype:foo' })).toContain('midtype: is no filter  2 results');
  expect(drawn(2, { query: 'big type:video' })).not.toContain('filter');
});
