/**
 * What lies where on the screen: tab, sub-views, opened screens, and the layers above them (input lines, menus,
 * dialogs, help). Pure. Invariant: there is always a screen at the bottom; keys go to what lies on top.
 */
import { tabNames, type Mode, type ScreenName, type TabName } from '../keys/places.ts';
import type { Dialog } from './dialog.ts';
import type { InputLine } from './input-line.ts';
import type { Menu } from './menu.ts';
import type { Prompt } from './prompt.ts';
import { noToasts, type Toasts } from './toasts.ts';

export type Layer =
  | { readonly kind: 'dialog'; readonly dialog: Dialog }
  | { readonly kind: 'menu'; readonly menu: Menu }
  | { readonly kind: 'input'; readonly prompt: Prompt }
  | { readonly kind: 'help'; readonly filter: InputLine; readonly top: number };

/** The sub-views of each tab, in order: the screens that `[` and `]` go through. */
export const subViews: Readonly<Record<TabName, readonly [ScreenName, ...ScreenName[]]>> = {
  search: ['search', 'saved'],
  transfers: ['downloads', 'uploads', 'done', 'failed'],
  shares: ['shares'],
  peers: ['peers', 'blocked'],
  log: ['log', 'messages'],
};

/** Views beside a tab's first one that are left for another with Esc. */
const leftFor: Partial<Readonly<Record<ScreenName, ScreenName>>> = { messages: 'log', saved: 'search' };

export interface UiState {
  readonly tab: TabName;
  /** The sub-view each tab shows. */
  readonly views: Readonly<Record<TabName, ScreenName>>;
  /** Screens opened over it, the last one on top. */
  readonly opened: Readonly<Record<TabName, readonly ScreenName[]>>;
  /** Where each tab's view was opened from by its own key: what Esc goes back to. */
  readonly cameFrom: Partial<Readonly<Record<TabName, TabName>>>;
  readonly layers: readonly Layer[];
  readonly toasts: Toasts;
  readonly stripShown: boolean;
}

export const firstUi: UiState = {
  tab: 'search',
  views: { search: 'search', transfers: 'downloads', shares: 'shares', peers: 'peers', log: 'log' },
  opened: { search: [], transfers: [], shares: [], peers: [], log: [] },
  cameFrom: {},
  layers: [],
  toasts: noToasts,
  stripShown: true,
};

export function currentScreen({ tab, views, opened }: UiState): ScreenName {
  return opened[tab].at(-1) ?? views[tab];
}

export function topLayer({ layers }: UiState): Layer | undefined {
  return layers.at(-1);
}

export function modeOf(ui: UiState): Mode {
  return topLayer(ui)?.kind ?? 'list';
}

/** The input line on top, when there is one. */
export function currentPrompt(ui: UiState): Prompt | undefined {
  const layer = topLayer(ui);
  return layer?.kind === 'input' ? layer.prompt : undefined;
}

export function pushLayer(ui: UiState, layer: Layer): UiState {
  return { ...ui, layers: [...ui.layers, layer] };
}

export function popLayer(ui: UiState): UiState {
  return { ...ui, layers: ui.layers.slice(0, -1) };
}

export function replaceLayer(ui: UiState, layer: Layer): UiState {
  return { ...ui, layers: [...ui.layers.slice(0, -1), layer] };
}

export function goToTab(ui: UiState, tab: TabName): UiState {
  return ui.tab === tab ? ui : { ...ui, tab };
}

/** The tab of a number from 1. */
export function tabNumber(number: number): TabName {
  return tabNames[number - 1] ?? 'search';
}

/** Goes to a tab's own screen, or opens another over what the tab shows. */
export function openScreen(ui: UiState, screen: ScreenName): UiState {
  for (const tab of tabNames) {
    if (!subViews[tab].includes(screen)) continue;
    const cameFrom = tab === ui.tab ? ui.cameFrom : { ...ui.cameFrom, [tab]: ui.tab };
    return {
      ...ui,
      tab,
      cameFrom,
      views: { ...ui.views, [tab]: screen },
      opened: { ...ui.opened, [tab]: [] },
    };
  }
  const below = ui.opened[ui.tab].filter((other) => other !== screen);
  return { ...ui, opened: { ...ui.opened, [ui.tab]: [...below, screen] } };
}

/** Leaves the opened screen, or a view that lies beside a tab's first one; that one itself stays. */
export function closeScreen(ui: UiState): UiState {
  const { tab, views, cameFrom } = ui;
  const opened = ui.opened[tab];
  if (opened.length > 0) return { ...ui, opened: { ...ui.opened, [tab]: opened.slice(0, -1) } };
  const view = leftFor[views[tab]];
  if (view === undefined) return ui;
  const { [tab]: from = tab, ...others } = cameFrom;
  return { ...ui, tab: from, cameFrom: others, views: { ...views, [tab]: view } };
}

/** The next sub-view of the tab (`by` 1) or the one before. */
export function stepView(ui: UiState, by: 1 | -1): UiState {
  const views = subViews[ui.tab];
  const at = views.indexOf(ui.views[ui.tab]);
  const next = views[(at + by + views.length) % views.length] ?? views[0];
  const { [ui.tab]: _, ...cameFrom } = ui.cameFrom;
  return { ...ui, cameFrom, views: { ...ui.views, [ui.tab]: next }, opened: { ...ui.opened, [ui.tab]: [] } };
}
