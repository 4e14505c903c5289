import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readmeWithKeys } from '../../scripts/keys-doc.ts';

test('README.md lists the keys there are; `npm run docs` brings it up to date', () => {
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toBe(readmeWithKeys());
});
