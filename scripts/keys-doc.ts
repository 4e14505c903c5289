/**
 * Writes the keys into README.md from the table that the program itself uses, so that the page cannot fall
 * behind; a test compares the two. Run it with `npm run docs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keysPage } from '../src/tui/keys/key-pages.ts';
import { keyTable } from '../src/tui/keys/key-table.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const section = /(?<start><!-- keys: made by npm run docs -->\n)[^]*?(?<end>\n<!-- end of keys -->)/;

/** README.md as it should be now. */
export function readmeWithKeys(): string {
  const text = readFileSync(readme, 'utf8');
  if (!section.test(text)) throw new Error('README.md has no section for the keys');
  return text.replace(section, (_, start: string, end: string) => `${start}\n${keysPage(keyTable)}\n${end}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(readme, readmeWithKeys());
