/** The line with the query: its text or the field it is written in, and how the search stands. */
import { maxShownResults } from '../../../core/limits/screen.ts';
import { unknownFilter } from '../../../core/search/query-parts.ts';
import type { Prompt } from '../../model/prompt.ts';
import { leftAndRight } from '../../parts/cells.ts';
import { field } from '../../parts/field.ts';
import type { Area } from '../../screen/area.ts';
import type { Glyphs } from '../../text/glyphs.ts';
import { showName } from '../../text/names.ts';
import { plural } from '../../text/numbers.ts';
import { lineWidth, type Line } from '../../text/segments.ts';
import { cut } from '../../text/width.ts';
import type { SearchState } from './search-run.ts';

/** The field's name in prompts and histories. */
export const queryField = 'search';

const lead = ' / ';

export interface QueryLineFacts {
  readonly state: SearchState;
  readonly prompt: Prompt | undefined;
  /** What was written and not searched for. */
  readonly draft: string;
  readonly held: number;
}

export function queryLine(facts: QueryLineFacts, area: Area): Line {
  const status = statusOf(facts, area);
  const room = area.width - lead.length - lineWidth(status);
  return leftAndRight([{ text: lead, role: 'accent' }, ...textOf(facts, room, area)], status, area.width);
}

/** Where the cursor stands in it. */
export function queryCursor(facts: QueryLineFacts, area: Area): number | undefined {
  if (facts.prompt?.field !== queryField) return undefined;
  const room = area.width - lead.length - lineWidth(statusOf(facts, area));
  return lead.length + field(facts.prompt.line, room).x;
}

function textOf({ prompt, draft, state }: QueryLineFacts, room: number, { glyphs }: Area): Line {
  if (prompt?.field === queryField) return field(prompt.line, Math.max(1, room), prompt.isSelected).line;
  const text = draft === '' ? state.query : draft;
  if (text === '') return [{ text: 'to search', role: 'dim' }];
  return [{ text: showName(text, glyphs.name).text, role: draft === '' ? 'plain' : 'dim' }];
}

/** Of a filter nobody knows: it was searched for as a word. */
function noFilter(filter: string, { ellipsis, name }: Glyphs): string {
  return `${cut(showName(filter, name).text, 14, 'middle', ellipsis)} is no filter`;
}

/** Right of it: a spinner only while something is awaited. */
function statusOf({ state, held, prompt }: QueryLineFacts, area: Area): Line {
  const { query, phase, results, asked, answered, tookMs, ageMs } = state;
  if (phase === 'idle' || state.problem !== undefined) return [];
  const narrow = area.size === 'narrow';
  if (phase === 'asking' && results.length === 0) {
    const { spinner } = area.glyphs;
    const sign = spinner[Math.floor(area.wallMs / 100) % spinner.length] ?? '';
    return [{ text: ` ${sign} searching `, role: 'accent' }];
  }
  const { cursor, isPartial } = state.end;
  const isCut = state.end.isCut === true || results.length >= maxShownResults;
  const parts = [`${isCut ? 'first ' : ''}${plural(results.length, 'result')}`];
  if (phase === 'more') parts.push('asking for more');
  else if (cursor !== undefined && !isCut) parts.push('more at the end');
  if (asked > 1 && !narrow) parts.push(`${answered} of ${asked} trackers`);
  if (ageMs !== undefined) parts.push(`${Math.round(ageMs / 1000)}s old`);
  else if (!narrow && prompt === undefined) parts.push(`${(tookMs / 1000).toFixed(1)}s`);
  const notes: Line[number][] = [];
  if (isPartial === true) notes.push({ text: 'incomplete  ', role: 'warn' });
  // Who writes has changed it by now, and needs the room.
  const filter = prompt === undefined ? unknownFilter(query) : undefined;
  if (filter !== undefined) notes.push({ text: `${noFilter(filter, area.glyphs)}  `, role: 'warn' });
  if (held > 0) notes.push({ text: `+${held} new, . to merge  `, role: 'warn' });
  return [{ text: '  ' }, ...notes, { text: `${parts.join(', ')} `, role: 'dim' }];
}
