import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../../src/core/ids.ts';
import { searchLimit } from '../../../../src/core/limits.ts';
import { queryLine, type QueryLineFacts } from '../../../../src/tui/screens/search/query-line.ts';
import { unicodeGlyphs } from '../../../../src/tui/text/glyphs.ts';
import { lineText } from '../../../../src/tui/text/segments.ts';

type Results = QueryLineFacts['state']['results'];

const area = { width: 80, height: 1, size: 'normal', glyphs: unicodeGlyphs, wallMs: 0 } as const;
const result: Results[number] = {
  id: 'a'.repeat(52) as ContentId,
  name: 'herring.mp4',
  sizeBytes: 1,
  type: 'video',
  names: [],
  sources: [],
};

function drawn(count: number): string {
  const state = {
    query: 'herring',
    phase: 'done',
    startedMs: 0,
    tookMs: 0,
    asked: 1,
    answered: 1,
    results: Array.from({ length: count }, () => result),
    problem: undefined,
    wrong: undefined,
    ageMs: undefined,
  } as const;
  return lineText(queryLine({ state, prompt: undefined, draft: '', held: 0 }, area));
}

test('says that there may be more where as many were found as are asked for', () => {
  expect(drawn(searchLimit)).toContain(`first ${searchLimit} results`);
  expect(drawn(searchLimit - 1)).not.toContain('first');
});
