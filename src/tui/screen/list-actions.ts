/** What the keys for moving and marking do to a list: the same on every screen. */
import type { ActionId } from '../keys/key-table.ts';
import type { ListView } from '../model/list-view.ts';
import type { Marks } from '../model/marks.ts';

/** Returns whether the action was one of a list. */
export function listAction<Row extends object>(
  view: ListView<Row>,
  action: ActionId,
  nowMs: number,
): boolean {
  const page = Math.max(1, view.height - 1);
  switch (action) {
    case 'row-down':
      view.move(1, nowMs);
      return true;
    case 'row-up':
      view.move(-1, nowMs);
      return true;
    case 'half-page-down':
      view.move(Math.ceil(page / 2), nowMs);
      return true;
    case 'half-page-up':
      view.move(-Math.ceil(page / 2), nowMs);
      return true;
    case 'page-down':
      view.move(page, nowMs);
      return true;
    case 'page-up':
      view.move(-page, nowMs);
      return true;
    case 'first':
      view.moveTo(0, nowMs);
      return true;
    case 'last':
      view.moveTo(view.length - 1, nowMs);
      return true;
    case 'mark':
      view.marks.endRange();
      view.toggleMark();
      view.move(1, nowMs);
      return true;
    case 'range':
      view.toggleRange();
      return true;
    case 'mark-down':
    case 'mark-up':
      if (!view.marks.inRange) view.toggleRange();
      view.move(action === 'mark-down' ? 1 : -1, nowMs);
      return true;
    case 'mark-all':
      view.marks.endRange();
      view.markAll();
      return true;
    case 'invert-marks':
      view.marks.endRange();
      view.invertMarks();
      return true;
    case 'freeze':
      view.freeze(!view.frozen);
      return true;
    default:
      return false;
  }
}

/** What Esc ends first: a range, then the filter, then the marks. Undefined: nothing of these. */
export function listBack(marks: Marks, filterText: string): 'range' | 'filter' | 'marks' | undefined {
  if (marks.inRange) return 'range';
  if (filterText !== '') return 'filter';
  return marks.size > 0 ? 'marks' : undefined;
}
