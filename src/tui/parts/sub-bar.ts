/** The second line: the sub-views of a tab, and how the list is sorted, filtered and marked. */
import type { Area } from '../screen/area.ts';
import type { AnyList } from '../screen/list-pane.ts';
import { lineWidth, type Line, type Segment } from '../text/segments.ts';
import { leftAndRight } from './cells.ts';

export interface SubView {
  readonly title: string;
  readonly count: number | undefined;
  readonly current: boolean;
}

export function subBar(views: readonly SubView[], list: AnyList, area: Area): Line {
  const left: Line = views.flatMap(({ title, count, current }) => {
    const text = count === undefined ? title : `${title} ${count.toLocaleString('en')}`;
    return current
      ? [{ text: ' [' }, { text, role: 'title' as const }, { text: ']' }]
      : [{ text: `  ${text} ` }];
  });
  const facts = listFacts(list, area, area.width - lineWidth(left));
  return leftAndRight(left, lineWidth(facts) + 12 <= area.width ? facts : [], area.width);
}

/** What is on: sort, filter, marks, range, freeze. Never hidden while it changes what is seen. */
function listFacts({ view, filterText }: AnyList, { glyphs, width }: Area, room: number): Line {
  const { by, descending } = view.sort;
  const facts: Segment[] = [];
  if (view.frozen) facts.push({ text: 'frozen', role: 'warn' });
  if (view.marks.inRange) facts.push({ text: 'range', role: 'accent' });
  if (view.marks.size > 0)
    facts.push({ text: `marked ${view.marks.size.toLocaleString('en')}`, role: 'marked' });
  if (filterText !== '')
    facts.push({
      text: `filter: ${filterText} (${view.length.toLocaleString('en')} of ${view.total.toLocaleString('en')})`,
      role: 'warn',
    });
  const spaced = (parts: readonly Segment[]): Line => parts.flatMap((fact) => [fact, { text: '  ' }]);
  const sign = descending ? glyphs.descending : glyphs.ascending;
  const all = spaced([...facts, { text: `sort: ${by.title} ${sign}`, role: 'dim' }]);
  if (width < 60 && facts.length > 0) return spaced(facts);
  // The titles show the order too, so it is what makes room for the names of the views.
  // A gap is between them, or the last view would run into it.
  return facts.length > 0 || lineWidth(all) < room ? all : [];
}
