/** The last warnings and errors of the log, newest first. */
import type { LogRow } from '../../model/engine-model.ts';
import type { Table } from '../../model/table.ts';
import type { Area } from '../../screen/area.ts';
import type { ScreenContext } from '../../screen/screen.ts';
import { formatClock } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { fitted } from './detail-lines.ts';

const kept = new WeakMap<Table<LogRow>, { readonly version: number; readonly rows: readonly LogRow[] }>();
const keptRows = 32;

export function logLines({ engine }: ScreenContext, { width, height, glyphs }: Area): readonly Line[] {
  const lines = worst(engine.log)
    .slice(0, height)
    .map(({ line: { atMs, level, text } }): Line => [
      { text: ` ${formatClock(atMs, true)} `, role: 'dim' },
      { text: `${level.padEnd(5)} `, role: level === 'error' ? 'error' : 'warn' },
      { text },
    ]);
  return fitted(
    lines.length === 0 ? [[{ text: ' Nothing went wrong.', role: 'dim' }]] : lines,
    width,
    glyphs,
  );
}

/** Looked for again only when the log has grown. */
function worst(log: Table<LogRow>): readonly LogRow[] {
  const last = kept.get(log);
  if (last?.version === log.version) return last.rows;
  const rows = [...log.rows()]
    .filter(({ line }) => line.level === 'warn' || line.level === 'error')
    .toSorted((one, other) => other.number - one.number)
    .slice(0, keptRows);
  kept.set(log, { version: log.version, rows });
  return rows;
}
