/**
 * The mouse, for those who have switched it on: the wheel moves the cursor, a click puts it on a row or chooses
 * a tab, a click on the row under the cursor does what Enter does. Ink passes reports of the mouse over, so they
 * are read from the bytes of the terminal (SGR encoding, DEC mode 1006).
 */
import type { Frame } from '../frame/frame.ts';
import type { Effect } from '../model/effects.ts';
import { currentScreen, modeOf } from '../model/ui-state.ts';
import { tabAt } from '../parts/tab-bar.ts';
import { sizeClass } from '../screen/area.ts';
import { dispatch } from './dispatch.ts';
import type { Session } from './session.ts';

export interface MouseEvent {
  readonly kind: 'press' | 'wheel-up' | 'wheel-down';
  /** The cell, from 0. */
  readonly x: number;
  readonly y: number;
}

// eslint-disable-next-line no-control-regex -- reports start with ESC
const report = /\u001b\[<(\d{1,4});(\d{1,5});(\d{1,5})M/g;
const wheelRows = 3;
const leftButton = 0;
const wheelUp = 64;
const wheelDown = 65;

/** Presses and turns of the wheel in what the terminal sent; releases and other buttons are none. */
export function readMouse(bytes: string): readonly MouseEvent[] {
  const events: MouseEvent[] = [];
  for (const [, button, column, row] of bytes.matchAll(report)) {
    const kind = kindOf(Number(button));
    if (kind !== undefined) events.push({ kind, x: Number(column) - 1, y: Number(row) - 1 });
  }
  return events;
}

function kindOf(button: number): MouseEvent['kind'] | undefined {
  switch (button) {
    case leftButton:
      return 'press';
    case wheelUp:
      return 'wheel-up';
    case wheelDown:
      return 'wheel-down';
    default:
      return undefined;
  }
}

export function click(session: Session, event: MouseEvent, frame: Frame, columns: number): readonly Effect[] {
  if (modeOf(session.ui) !== 'list') return [];
  const [list] = session.screens.get(currentScreen(session.ui)).lists;
  const { view } = list;
  const nowMs = session.now();
  session.changed();
  if (event.kind !== 'press') {
    view.moveTo(view.index + (event.kind === 'wheel-up' ? -wheelRows : wheelRows), nowMs);
    return [];
  }
  const area = {
    width: columns,
    height: frame.lines.length,
    size: sizeClass(columns, frame.lines.length),
    glyphs: session.glyphs,
    wallMs: session.wall(),
  };
  if (event.y === 0 && area.size !== 'tiny' && area.size !== 'line') {
    const tab = tabAt(session.tabs(), session.ui.tab, area, event.x);
    return tab === undefined ? [] : [{ type: 'tab', tab }];
  }
  if (frame.listTop === undefined) return [];
  const index = view.top + event.y - frame.listTop;
  if (event.y < frame.listTop || event.y >= frame.listTop + view.height || index >= view.length) return [];
  if (index === view.index) return dispatch(session, { name: 'Enter', text: undefined });
  view.moveTo(index, nowMs);
  return [];
}
