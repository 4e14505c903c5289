/**
 * Writes docs/limits.md from the files that hold the limits, so that the page cannot fall behind them; a test
 * compares the two. Run it with `npm run docs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

const sources = [
  { title: 'Shoal', file: 'src/core/limits.ts' },
  { title: 'Actor runtime', file: 'src/actors/runtime/limits.ts' },
] as const;

const intro = `# Limits

Every bound, time-out and default, from the files that the program itself uses. Made by \`npm run docs\`; do not edit.
Names carry their units. What a user may change has a flag, see \`shoal <command> --help\`.
`;

const entry =
  /(?:^\/\/ (?<section>.+)$)|(?:\/\*\*(?<doc>(?:(?!\*\/)[^])*)\*\/\n)?^export const (?<name>\w+)(?:: [^=]+)? = (?<value>[^]*?);$/gm;

/** The page as it should be now. */
export function limitsPage(): string {
  return [intro, ...sources.map(({ title, file }) => section(title, readFileSync(at(file), 'utf8')))].join(
    '\n',
  );
}

function section(title: string, code: string): string {
  const lines = [`## ${title}`];
  let inTable = false;
  for (const { groups } of code.matchAll(entry)) {
    const { section: heading, doc = '', name = '', value = '' } = groups ?? {};
    if (heading !== undefined) {
      lines.push('', `### ${heading}`);
      inTable = false;
      continue;
    }
    if (!inTable) lines.push('', '| Limit | Value | Why |', '|---|---|---|');
    inTable = true;
    lines.push(`| \`${name}\` | \`${oneLine(value)}\` | ${oneLine(doc.replaceAll(/^\s*\*/gm, ''))} |`);
  }
  return `${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at('docs/limits.md'), limitsPage());
