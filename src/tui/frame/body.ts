/** What stands between the header and the message: a screen's own body, or titles, rows and the strip. */
import type { Session } from '../app/session.ts';
import { fitBlock } from '../parts/cells.ts';
import { part, type Area } from '../screen/area.ts';
import type { Screen } from '../screen/screen.ts';
import type { Line } from '../text/segments.ts';

const titleLines = 1;

/** Exactly `area.height` lines. */
export function bodyLines(session: Session, screen: Screen, area: Area): readonly Line[] {
  if (area.height <= 0) return [];
  if (screen.body) return fitBlock(screen.body(area), area.width, area.height);
  const stripHeight = stripLines(session, screen, area);
  const listHeight = Math.max(0, area.height - stripHeight - titleLines);
  const strip =
    stripHeight === 0
      ? []
      : fitBlock(screen.strip?.lines(part(area, area.width, stripHeight)) ?? [], area.width, stripHeight);
  return [...listLines(session, screen, part(area, area.width, listHeight)), ...strip];
}

/** Titles and rows, or what the screen says when there are none. */
function listLines(session: Session, screen: Screen, area: Area): readonly Line[] {
  const [list] = screen.lists;
  const { view, filterText } = list;
  if (view.total === 0 && !view.busy)
    return fitBlock(
      screen.empty(part(area, area.width, area.height + titleLines)),
      area.width,
      area.height + titleLines,
    );
  if (view.length === 0 && !view.busy && filterText !== '') {
    const nothing: Line[] = [
      [],
      [{ text: `  Nothing here matches "${filterText}". Esc clears the filter.`, role: 'warn' }],
    ];
    return fitBlock([list.titles(area), ...nothing], area.width, area.height + titleLines);
  }
  const focused = session.focusedList(screen) === list;
  return [...fitBlock([list.titles(area)], area.width, titleLines), ...list.lines(area, focused)];
}

/** Never more than half of the body. */
function stripLines({ ui }: Session, screen: Screen, area: Area): number {
  if (!ui.stripShown || screen.strip === undefined || screen.lists[0].view.total === 0) return 0;
  const wanted = screen.strip.height(area);
  return wanted <= Math.floor(area.height / 2) ? wanted : 0;
}
