/**
 * Writes docs/limits.md from the files that hold the limits, so that the page cannot fall behind them; a test
 * compares the two. Run it with `npm run docs`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** The folder of the program's own limits, a file for each part of it, and the file of the actor runtime. */
const folder = 'src/core/limits/';
const runtime = 'src/actors/runtime/limits.ts';

const intro = `# Limits

Every bound, time-out and default, from the files that the program itself uses. Made by \`npm run docs\`; do not edit.
Names carry their units: times are in milliseconds, sizes in bytes. What a user may change has a flag, see \`shoal <command> --help\`.
`;

const opening = /^\/\*\*(?<text>(?:(?!\*\/)[^])*)\*\//;
const entry =
  /(?:\/\*\*(?<doc>(?:(?!\*\/)[^])*)\*\/\n)?^export const (?<name>\w+)(?:: [^=]+)? = (?<value>[^]*?);$/gm;

/** The page as it should be now. */
export function limitsPage(): string {
  const parts = readdirSync(at(folder))
    .sort()
    .map((name) => part('###', readFileSync(at(folder + name), 'utf8')));
  return [intro, '## Shoal\n', ...parts, part('##', readFileSync(at(runtime), 'utf8'))].join('\n');
}

function part(level: string, code: string): string {
  const about = oneLine((opening.exec(code)?.groups?.['text'] ?? '').replaceAll(/^\s*\*/gm, ''));
  const rows = [...code.matchAll(entry)].map(({ groups = {} }) => {
    const { doc = '', name = '', value = '' } = groups;
    return `| \`${name}\` | \`${oneLine(value)}\` | ${oneLine(doc.replaceAll(/^\s*\*/gm, ''))} |`;
  });
  const [title, ...rest] = about.split('. ');
  const more = rest.length === 0 ? [] : [rest.join('. '), ''];
  const heading = `${level} ${(title ?? '').replace(/\.$/, '')}`;
  return [heading, '', ...more, '| Limit | Value | Why |', '|---|---|---|', ...rows, ''].join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at('docs/limits.md'), limitsPage());
