/** What stands where results would be: how to begin, or why there are none and what to try. */
import { noSuchFilter, unknownFilter } from '../../../core/search/query-parts.ts';
import { shortStart, tooShort } from '../../../core/search/short-start.ts';
import { othersOnline } from '../../../core/tracker/others-online.ts';
import { compileQuery } from '../../../core/search/query.ts';
import { hostPort } from '../../../core/host.ts';
import { besideAddress } from '../../../core/tracker/tracker-words.ts';
import type { EngineStatus } from '../../model/engine-model.ts';
import { wrapWords } from '../../parts/cells.ts';
import { wrapWords as wrapLine } from '../../parts/wrap.ts';
import type { Area } from '../../screen/area.ts';
import { showName } from '../../text/names.ts';
import { plural } from '../../text/numbers.ts';
import type { Line, Segment } from '../../text/segments.ts';
import { otherQuery } from './looser-query.ts';
import type { SearchState } from './search-run.ts';

export interface NoResultsFacts {
  readonly state: SearchState;
  readonly status: EngineStatus;
  readonly downloadsDir: string;
}

export function noResults(facts: NoResultsFacts, area: Area): readonly Line[] {
  const { state } = facts;
  const lines =
    state.phase === 'idle'
      ? beginning(facts, area)
      : state.phase === 'asking'
        ? [[], [{ text: '  Asking the trackers.', role: 'dim' as const }]]
        : nothingFound(facts, area);
  return area.size === 'tiny' ? lines.filter((line) => line.length > 0) : lines;
}

function beginning({ status, downloadsDir }: NoResultsFacts, area: Area): readonly Line[] {
  const key = (text: string): Segment => ({ text, role: 'accent', bold: true });
  const shared = status.shares.reduce((sum, { files }) => sum + files, 0);
  return [
    [],
    ...connectionLines(status, area),
    [],
    [{ text: '  1.  Write what you are looking for after ' }, key('/'), { text: ', then ' }, key('Enter'), { text: '.' }],
    [{ text: '  2.  ' }, key('Enter'), { text: ' on a result downloads it; ' }, key('Space'), { text: ' marks several.' }],
    [{ text: '  3.  ' }, key('3'), { text: ' then ' }, key('a'), { text: ' shares a folder, so that others can use you too.' }],
    [],
    [{ text: '  Try:   moby dick      lecture type:video      debian ext:iso size:>10M', role: 'dim' }],
    [],
    downloadsDir === '' ? [] : [{ text: `  Files are saved to  ${showName(downloadsDir, area.glyphs.name).text}` }],
    status.known ? [{ text: shared === 0 ? '  You share nothing yet.' : `  You share ${plural(shared, 'file')}.` }] : [],
    [],
    [{ text: '  ' }, key('?'), { text: ' shows all keys.' }],
  ]; // prettier-ignore
}

/** The query with what is wrong in it set off, by more than colour. */
function wrongPart(query: string, { from, to }: NonNullable<SearchState['wrong']>): Line {
  const text = (part: string): string => showName(part).text;
  return [
    { text: `  ${text(query.slice(0, from))}` },
    { text: text(query.slice(from, to)), role: 'error', inverse: true },
    { text: text(query.slice(to)) },
  ];
}

/** What is wrong is said in full; that all is well gives way to what stands below it. */
function connectionLines(status: EngineStatus, { width }: Area): readonly Line[] {
  const told = connection(status);
  const isWell = told.some(({ role }) => role === 'ok');
  const lines = isWell ? [told] : wrapLine(told, Math.max(10, width - 4));
  return lines.map((line) => [{ text: '  ' }, ...line]);
}

/** Whether others can be found, in words that say what to do when not. */
function connection({ trackers, port, known }: EngineStatus): Line {
  if (!known) return [{ text: 'Starting.', role: 'dim' }];
  const [first] = trackers;
  if (first === undefined)
    return [{ text: 'No tracker is set: start with --tracker HOST:PORT.', role: 'warn' }];
  const up = trackers.find(({ state }) => state === 'registered');
  if (up !== undefined) {
    const others = othersOnline(trackers);
    const peers = others === undefined ? '' : `, ${plural(others, 'other peer')} online`;
    const at = port === undefined ? '' : `, listening at port ${port}`;
    return [{ text: `You are online: tracker ok${peers}${at}.`, role: 'ok' }];
  }
  const why =
    first.problem === undefined ? '' : `: ${showName(besideAddress(first, first.problem.message)).text}`;
  const where = hostPort(first);
  if (first.state === 'refused') return [{ text: `The tracker ${where} refuses us${why}`, role: 'error' }];
  if (first.problem === undefined) return [{ text: `Connecting to the tracker ${where}.`, role: 'accent' }];
  return [{ text: `No tracker answers at ${where}${why}. Tried again by itself.`, role: 'warn' }];
}

/** What in a query may have kept it from finding anything, other than its words. */
function narrowness(query: string): string | undefined {
  const filter = unknownFilter(query);
  if (filter !== undefined) return `${showName(noSuchFilter(filter)).text}.`;
  const start = shortStart(query);
  if (start !== undefined) return `${tooShort(start)}.`;
  const compiled = compileQuery(query);
  return compiled.ok && compiled.value.peers.length > 0
    ? 'No peer of that name is online, or none of them shares that.'
    : undefined;
}

const searchesFor = (query: string, { glyphs }: Area): Line => [
  { text: '  ' },
  { text: 'Enter', role: 'accent', bold: true },
  { text: ` searches for  ${showName(query, glyphs.name).text}` },
];

function nothingFound({ state, status }: NoResultsFacts, area: Area): readonly Line[] {
  const shown = (text: string): string => showName(text, area.glyphs.name).text;
  const { suggestion, isPartial } = state.end;
  const enter = otherQuery(state);
  const other = enter === state.query ? undefined : enter;
  if (state.problem !== undefined)
    return [
      [],
      ...(state.wrong === undefined ? [] : [wrongPart(state.query, state.wrong)]),
      ...wrapWords(shown(state.problem.message), Math.max(10, area.width - 4)).map((text): Line => [
        { text: `  ${text}`, role: 'error' },
      ]),
      [],
      ...(other === undefined
        ? [[{ text: '  / changes the query, Enter tries again.', role: 'dim' as const }]]
        : [searchesFor(other, area), [{ text: '  / changes the query.', role: 'dim' as const }]]),
    ];
  const others = othersOnline(status.trackers);
  const why =
    isPartial === true
      ? 'A part of the catalogue did not answer: try again in a moment.'
      : others === 0
        ? 'Nobody else is online now.'
        : (narrowness(state.query) ??
          `Nothing that is shared now has all of that in its name${others === undefined ? '' : `; ${plural(others, 'other peer is', 'other peers are')} online`}.`);
  return [
    [],
    [{ text: `  Nothing found for ${shown(state.query)}`, role: 'warn' }],
    [{ text: `  ${why}` }],
    [],
    ...(other === undefined
      ? []
      : [
          ...(suggestion === undefined ? [] : [[{ text: '  Did you mean this?' }]]),
          searchesFor(other, area),
        ]),
    [
      { text: '  ' },
      { text: 'w', role: 'accent', bold: true },
      { text: ' saves this search: it is repeated, and you are told when something appears.' },
    ],
  ];
}
