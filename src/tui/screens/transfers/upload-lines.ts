/** The uploads as a few lines beside other things: those under way first, then who waits. */
import type { UploadRow } from '../../model/transfers.ts';
import type { Area } from '../../screen/area.ts';
import type { ScreenContext } from '../../screen/screen.ts';
import { byGlyphs, formatRow, formatTitles, layoutColumns, type Layout } from '../../text/columns.ts';
import { formatSpeed } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { fitted } from './detail-lines.ts';
import { uploadColumns } from './upload-columns.ts';

const rank = { uploading: 0, queued: 1, idle: 2, done: 3 } as const;

export interface UploadPanel {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Draws them for an area; keeps the layout from one drawing to the next. */
export function uploadPanel({ engine }: ScreenContext): (area: Area) => UploadPanel {
  const columnsOf = byGlyphs(uploadColumns);
  let layout: Layout<UploadRow> | undefined;
  return (area) => {
    const { width, height, glyphs } = area;
    const rows = [...engine.transfers.uploads.rows()].toSorted(
      (one, other) => rank[one.upload.state] - rank[other.upload.state] || other.perSecond - one.perSecond,
    );
    const title = titleOf(engine, rows);
    if (rows.length === 0) {
      const nobody: Line = [{ text: ' Nobody downloads from you now.', role: 'dim' }];
      return { title, lines: fitted([nobody], width, glyphs) };
    }
    if (layout?.width !== width - 2 || layout.glyphs !== glyphs)
      layout = layoutColumns(columnsOf(area), width - 2, glyphs);
    const table = layout;
    const lines = rows.slice(0, height - 1).map((row): Line => [{ text: ' ' }, ...formatRow(table, row)]);
    return { title, lines: fitted([[{ text: ' ' }, ...formatTitles(table)], ...lines], width, glyphs) };
  };
}

function titleOf({ status, transfers }: ScreenContext['engine'], rows: readonly UploadRow[]): string {
  const busy = rows.filter(({ upload }) => upload.state === 'uploading').length;
  const waiting = rows.filter(({ upload }) => upload.state === 'queued').length;
  const slots = status.limits === undefined ? '' : ` of ${status.limits.uploadSlots} slots`;
  const speed = transfers.upPerSecond < 1 ? '' : `, ${formatSpeed(transfers.upPerSecond)}`;
  return `uploads ${busy}${slots}, ${waiting} waiting${speed}`;
}
