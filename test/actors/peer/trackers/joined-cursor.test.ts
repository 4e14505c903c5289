import { expect, test } from '@jest/globals';
import { joinCursors, splitCursor } from '../../../../src/actors/peer/trackers/joined-cursor.ts';
import { maxJoinedCursorLength } from '../../../../src/core/limits/tracker-link.ts';
import { maxCursorBytes } from '../../../../src/core/limits/wire.ts';
import * as fc from '../../../helpers/properties.ts';

test('what was joined comes apart again', () => {
  const cursors = new Map([
    ['127.0.0.1:5000', '812.50.200'],
    ['[::1]:5001', 'any "text" \\ at all'],
  ]);
  const joined = joinCursors(cursors);
  expect(joined).toBeDefined();
  expect(splitCursor(joined ?? '')).toEqual(cursors);
});

test('where nobody has more there is no cursor, nor where it would be too long', () => {
  expect(joinCursors(new Map())).toBeUndefined();
  const many = Array.from({ length: 20 }, (_, at): [string, string] => [
    `t:${at}`,
    'x'.repeat(maxCursorBytes),
  ]);
  expect(joinCursors(new Map(many))).toBeUndefined();
});

test.each([
  '',
  '5',
  'null',
  '{}',
  '[["a"]]',
  '[["a","b","c"]]',
  '[[1,"b"]]',
  '["ab"]',
  '[["a",{}]]',
  `[["a","${'x'.repeat(maxCursorBytes + 1)}"]]`,
  ' '.repeat(maxJoinedCursorLength + 1),
])('%j is refused', (cursor) => {
  expect(splitCursor(cursor)).toBeUndefined();
});

test('nothing makes it throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void splitCursor(text)));
});
