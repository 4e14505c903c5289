/**
 * Puts the screen together: tab bar, sub-views, header, titles, list, strip, message, status, hints, and what
 * lies over them. Pure but for the heights that lists are told. Invariant: see frame.ts; whatever the size.
 */
import { helpEntries, hints } from '../keys/key-pages.ts';
import type { Session } from '../app/session.ts';
import { inputText } from '../model/input-line.ts';
import { currentPrompt, currentScreen, modeOf, subViews, topLayer } from '../model/ui-state.ts';
import { overlay, fitBlock } from '../parts/cells.ts';
import { dialogBox, menuBox, type DrawnBox } from '../parts/dialogs.ts';
import { helpBox } from '../parts/help-box.ts';
import { hintLine } from '../parts/hint-line.ts';
import { promptLine } from '../parts/prompt-line.ts';
import { statusBar } from '../parts/status-bar.ts';
import { subBar } from '../parts/sub-bar.ts';
import { tabBar } from '../parts/tab-bar.ts';
import { toastLine } from '../parts/toast-line.ts';
import { part, sizeClass, type Area } from '../screen/area.ts';
import type { Screen } from '../screen/screen.ts';
import { asciiLine } from '../text/ascii.ts';
import { fitLine, lineWidth, type Line } from '../text/segments.ts';
import { bodyLines } from './body.ts';
import type { Drawing, Frame } from './frame.ts';
import { composeLine, composeTiny } from './small.ts';

export function compose(session: Session, columns: number, rows: number): Frame {
  const area: Area = {
    width: columns,
    height: rows,
    size: sizeClass(columns, rows),
    glyphs: session.glyphs,
    wallMs: session.wall(),
  };
  const { lines, ...rest } = area.size === 'line' ? composeLine(session, area) : composeSized(session, area);
  return {
    ...rest,
    lines: area.glyphs.name === 'ascii' ? lines.map(asciiLine) : lines,
    theme: session.theme,
  };
}

function composeSized(session: Session, area: Area): Drawing {
  const drawing: Drawing = area.size === 'tiny' ? composeTiny(session, area) : composeFull(session, area);
  const fitted = { ...drawing, lines: fitBlock(drawing.lines, area.width, area.height) };
  return withLayer(session, fitted, area);
}

function composeFull(session: Session, area: Area): Drawing {
  const { ui, engine, screens } = session;
  const screen = screens.get(currentScreen(ui));
  const prompt = currentPrompt(ui);
  const top: Line[] = [tabBar(session.tabs(), ui.tab, engine.status.startedMs, area)];
  top.push(subBar(subViewTitles(session, screen), session.focusedList(screen), area));
  const headerTop = top.length;
  top.push(...(screen.header?.(area, prompt) ?? []));
  const bottom = bottomLines(session, area);
  const bodyHeight = Math.max(0, area.height - top.length - bottom.lines.length);
  const body = bodyLines(session, screen, part(area, area.width, bodyHeight));
  const inHeader = prompt === undefined ? undefined : screen.headerCursor?.(area, prompt);
  const lines = [...top.map((line) => fitLine(line, area.width)), ...body, ...bottom.lines];
  // Below the titles.
  const listTop = screen.body ? undefined : top.length + 1;
  if (inHeader !== undefined) return { lines, listTop, cursor: { x: inHeader.x, y: headerTop + inHeader.y } };
  const cursor =
    bottom.cursorX === undefined ? undefined : { x: bottom.cursorX, y: area.height - bottom.lines.length };
  return { lines, listTop, cursor };
}

interface Bottom {
  readonly lines: readonly Line[];
  /** Where the cursor stands in the first of them. */
  readonly cursorX: number | undefined;
}

/** The message or the input line, a rule where there is room for it, the status, the hints. */
function bottomLines(session: Session, area: Area): Bottom {
  const { ui, engine, bindings, screens } = session;
  const screen = screens.get(currentScreen(ui));
  const prompt = currentPrompt(ui);
  const drawnElsewhere = prompt !== undefined && screen.headerCursor?.(area, prompt) !== undefined;
  const drawn = prompt === undefined || drawnElsewhere ? undefined : promptLine(prompt, area);
  const withRule = area.height >= 20;
  const mode = modeOf(ui);
  const now = mode === 'list' ? { hasRow: hasRow(screen), words: screen.hintWords } : undefined;
  const offered = hints(bindings, mode, screen.name, area.glyphs.name === 'unicode', now);
  return {
    lines: [
      drawn?.line ?? toastLine(ui.toasts, area.width),
      ...(withRule ? [[{ text: area.glyphs.box.horizontal.repeat(area.width), role: 'dim' as const }]] : []),
      statusBar(engine, area),
      hintLine(offered, area.width),
    ],
    cursorX: drawn?.x,
  };
}

/** Rows that are still being looked through for a filter may be there. */
function hasRow(screen: Screen): boolean {
  const { view } = screen.lists[0];
  return screen.hasRow?.() ?? (view.length > 0 || view.busy);
}

function subViewTitles(session: Session, screen: Screen) {
  const { ui, screens } = session;
  const own = subViews[ui.tab].map((name) => screens.get(name));
  const shown = own.includes(screen) ? own : [...own, screen];
  return shown.map((view) => ({
    title: view.title(),
    count: view.count?.(),
    current: view === screen,
  }));
}

function withLayer(session: Session, frame: Drawing, area: Area): Drawing {
  const drawn = layerBox(session, area);
  if (drawn === undefined) return frame;
  const x = Math.max(0, Math.floor((area.width - lineWidth(drawn.lines[0] ?? [])) / 2));
  const y = Math.max(0, Math.floor((area.height - drawn.lines.length) / 2));
  return {
    listTop: undefined,
    lines: overlay(frame.lines, drawn.lines, x, y),
    cursor: drawn.cursor === undefined ? undefined : { x: x + drawn.cursor.x, y: y + drawn.cursor.y },
  };
}

function layerBox(session: Session, area: Area): DrawnBox | undefined {
  const { ui, bindings } = session;
  const layer = topLayer(ui);
  switch (layer?.kind) {
    case 'dialog':
      return dialogBox(layer.dialog, area);
    case 'menu':
      return menuBox(layer.menu, area);
    case 'help': {
      const screen = session.screens.get(currentScreen(ui));
      const filter = inputText(layer.filter);
      const entries = helpEntries(bindings, screen.name, filter, area.glyphs.name === 'unicode');
      const height = Math.max(4, area.height - 4);
      return helpBox(screen.title(), entries, layer.filter, layer.top, part(area, area.width, height));
    }
    case 'input':
    case undefined:
      return undefined;
  }
}
