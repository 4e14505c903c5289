/**
 * Screens for windows with next to no room: rows and one line of figures, or the figures alone. Nothing is
 * refused: all keys work, and dialogs are drawn as large as there is room.
 */
import type { Session } from '../app/session.ts';
import { currentPrompt, currentScreen } from '../model/ui-state.ts';
import { leftAndRight, fitBlock } from '../parts/cells.ts';
import { promptLine } from '../parts/prompt-line.ts';
import { speeds, statusBar } from '../parts/status-bar.ts';
import { toastLine } from '../parts/toast-line.ts';
import { part, type Area } from '../screen/area.ts';
import { formatCount } from '../text/numbers.ts';
import { fitLine, type Line } from '../text/segments.ts';
import type { Drawing } from './frame.ts';

/** Below 60×15: which screen and how much is on it, the speeds, rows, how the tracker is. */
export function composeTiny(session: Session, area: Area): Drawing {
  const { ui, engine, screens } = session;
  const screen = screens.get(currentScreen(ui));
  const prompt = currentPrompt(ui);
  const count = screen.count?.();
  const title: Line = [
    { text: `${screen.title()} `, role: 'title' },
    { text: count === undefined ? '' : formatCount(count), role: 'accent' },
  ];
  const first = leftAndRight(title, speeds(engine, area), area.width);
  const drawn = prompt === undefined ? undefined : promptLine(prompt, area);
  const last = drawn?.line ?? lastLine(session, area);
  const body = part(area, area.width, area.height - 2);
  const [list] = screen.lists;
  const rows = screen.body
    ? fitBlock(screen.body(body), body.width, body.height)
    : list.view.total === 0 && !list.view.busy
      ? fitBlock(screen.empty(body), body.width, body.height)
      : list.lines(body, session.focusedList(screen) === list);
  const cursor = drawn === undefined ? undefined : { x: drawn.x, y: area.height - 1 };
  return { lines: [first, ...rows, last], cursor, listTop: screen.body ? undefined : 1 };
}

function lastLine({ ui, engine }: Session, area: Area): Line {
  if (ui.toasts.shown.length > 0) return toastLine(ui.toasts, area.width);
  const help: Line = [{ text: ' ? help ', role: 'dim' }];
  return leftAndRight(statusBar(engine, { ...area, width: area.width * 2 }), help, area.width);
}

/** Below 20×4: one line. */
export function composeLine({ engine }: Session, area: Area): Drawing {
  const { active } = engine.counts();
  const line = fitLine([...speeds(engine, area), { text: `${active} act` }], area.width);
  const blank = fitLine([], area.width);
  return {
    lines: Array.from({ length: area.height }, (_, at) => (at === 0 ? line : blank)),
    cursor: undefined,
    listTop: undefined,
  };
}
