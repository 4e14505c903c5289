/** The first line: the tabs with their numbers and badges, and since when the engine has been up: how long would have to be drawn anew though nothing happens. */
import { tabNames, type TabName } from '../keys/places.ts';
import type { Area } from '../screen/area.ts';
import { formatWhen } from '../text/numbers.ts';
import { lineWidth, type Line } from '../text/segments.ts';
import { leftAndRight } from './cells.ts';

export interface Tab {
  readonly name: TabName;
  /** A number beside its name, or `!2`; empty: none. */
  readonly badge: string;
}

const titles: Readonly<Record<TabName, string>> = {
  search: 'Search',
  transfers: 'Transfers',
  shares: 'Shares',
  peers: 'Peers',
  log: 'Log',
};

export function tabBar(
  tabs: readonly Tab[],
  current: TabName,
  startedMs: number | undefined,
  area: Area,
): Line {
  const left = fittingRuns(tabs, current, area).flat();
  const since = formatWhen(startedMs, area.wallMs);
  const up: Line = startedMs === undefined ? [] : [{ text: ` since ${since} `, role: 'dim' }];
  return leftAndRight(left, lineWidth(left) + lineWidth(up) <= area.width ? up : [], area.width);
}

/** The tab that is drawn at a cell of the bar. */
export function tabAt(tabs: readonly Tab[], current: TabName, area: Area, x: number): TabName | undefined {
  let end = 0;
  const at = fittingRuns(tabs, current, area).findIndex((runs) => (end += lineWidth(runs)) > x);
  return tabs[at]?.name;
}

/** A line for each tab, close together where there is little room. */
function fittingRuns(tabs: readonly Tab[], current: TabName, area: Area): readonly Line[] {
  const wide = tabRuns(tabs, current, '  ');
  return lineWidth(wide.flat()) <= area.width ? wide : tabRuns(tabs, current, ' ');
}

function tabRuns(tabs: readonly Tab[], current: TabName, gap: string): readonly Line[] {
  return tabs.map(({ name, badge }) => {
    const text = `${tabNames.indexOf(name) + 1} ${titles[name]}`;
    const runs: Line =
      badge === ''
        ? []
        : badge.startsWith('!')
          ? [{ text: ` ${badge}`, role: 'error' }]
          : [{ text: ` ${badge}`, role: 'accent' }];
    return name === current
      ? [{ text: ' [' }, { text, role: 'title' as const }, ...runs, { text: `]${gap.slice(1)}` }]
      : [{ text: `  ${text}` }, ...runs, { text: gap }];
  });
}
