import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { limitsPage } from '../../scripts/limits-doc.ts';

test('docs/limits.md says what the program does; `npm run docs` brings it up to date', () => {
  expect(readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')).toBe(limitsPage());
});
