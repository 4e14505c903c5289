/**
 * `npm run record [-- FILE]`: plays a session and records it as an asciicast of version 2, which `asciinema play` and
 * the players of web pages show.
 */
import { writeFileSync } from 'node:fs';
import { playSession } from './session.ts';

const size = { columns: 110, rows: 30 } as const;
/** How long a reader looks, in milliseconds. */
const looks: Readonly<Record<string, number>> = { key: 120, moving: 1_500, done: 3_000 };
const usualLookMs = 2_000;

const [file = 'shoal.cast'] = process.argv.slice(2);
const startMs = performance.now();
const header = {
  version: 2,
  width: size.columns,
  height: size.rows,
  title: 'Shoal',
  env: { TERM: 'xterm-256color' },
};
const lines = [JSON.stringify(header)];

await playSession(
  {
    ...size,
    watch: (data) => lines.push(JSON.stringify([(performance.now() - startMs) / 1000, 'o', data])),
  },
  async (name) => {
    await new Promise((resolve) => setTimeout(resolve, looks[name] ?? usualLookMs));
  },
);
writeFileSync(file, `${lines.join('\n')}\n`);
console.log(`${file}: ${lines.length - 1} events, ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
