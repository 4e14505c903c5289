/** `npm run screens`: plays a session and keeps its main screens as pictures in `docs/screens`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { playSession } from './session.ts';
import { svgOf } from './svg.ts';

const folder = path.join(import.meta.dirname, '../../docs/screens');
const kept: ReadonlySet<string> = new Set(['search', 'transfers', 'browse', 'help']);

mkdirSync(folder, { recursive: true });
await playSession({ columns: 120, rows: 34 }, async (name, { emulator }) => {
  if (!kept.has(name)) return;
  const svg = svgOf(emulator);
  writeFileSync(path.join(folder, `${name}.svg`), svg);
  console.log(`docs/screens/${name}.svg  ${(svg.length / 1024).toFixed(1)} KiB`);
});
