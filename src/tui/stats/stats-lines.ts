/**
 * A running tracker as lines of a terminal. Invariant: exactly as many lines as there are rows, each exactly as wide as
 * there are columns; what matters most comes first, so that a small terminal loses the rest.
 */
import { formatCompactSize } from '../../core/quantity.ts';
import { displayName } from '../../core/safe-name.ts';
import type { TrackerStats } from '../../core/tracker/tracker-stats.ts';
import { formatClock, formatCount, formatDuration } from '../text/numbers.ts';
import { fitLine as fit, lineWidth, segment, type Line, type Role } from '../text/segments.ts';
import type { Pace, StatsRates } from './stats-rates.ts';

export interface StatsView {
  readonly stats: TrackerStats | undefined;
  /** Undefined until there have been two looks. */
  readonly rates: StatsRates | undefined;
  /** Why the last look brought nothing. */
  readonly problem: string | undefined;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The whole screen, with a line of keys at its end. */
export function statsScreen(view: StatsView, { columns, rows }: Size): readonly Line[] {
  const keys = fitLine([segment('q', 'accent'), segment(' quit', 'dim')], columns);
  const body = statsLines(view, columns);
  const shown = Array.from({ length: Math.max(0, rows - 1) }, (_, at) => fitLine(body[at] ?? [], columns));
  return [...shown, keys].slice(-rows);
}

/** All there is to say, in as many lines as that takes, none wider than `columns`. */
export function statsLines({ stats, rates, problem }: StatsView, columns: number): readonly Line[] {
  const trouble = problem === undefined ? [] : flow('', [part(problem, 'error')], columns);
  if (stats === undefined) return trouble.length > 0 ? trouble : [[segment('Asking the tracker', 'dim')]];
  return [
    title(stats, columns),
    ...trouble,
    ...stats.warnings.flatMap((warning) => flow('!', [part(displayName(warning), 'warn')], columns)),
    ...flow('Peers', peers(stats), columns),
    ...flow('Traffic', traffic(stats, rates), columns),
    ...flow('Searches', searches(stats, rates), columns),
    ...flow('Shares', shares(stats, rates), columns),
    ...flow('Turned away', turnedAway(stats), columns),
    ...flow('Catalogue', catalogue(stats), columns),
    ...flow('Process', ofProcess(stats, rates), columns),
    ...threadTable(stats, rates, columns),
  ];
}

function title({ tracker, atMs }: TrackerStats, columns: number): Line {
  const up = formatDuration(Math.max(0, atMs - tracker.startedMs) / 1_000);
  const host = tracker.host.includes(':') ? `[${tracker.host}]` : tracker.host;
  const what = `${host}:${tracker.port}  up ${up}  ${tracker.store}  ${tracker.agent}`;
  const clock = ` ${formatClock(atMs, true)}`;
  const left = fitLine(
    [segment('Tracker ', 'title'), segment(displayName(what))],
    Math.max(0, columns - clock.length),
  );
  return fitLine([...left, segment(clock, 'dim')], columns);
}

function peers({ gauges, limits, kinds }: TrackerStats): readonly Line[] {
  const full = gauges.connections > limits.maxConnections * 0.9 ? 'warn' : 'plain';
  return [
    part(`${formatCount(gauges.peers)} listed`),
    part(`${formatCount(gauges.guests)} guests`),
    part(`${formatCount(gauges.connections)} of ${formatCount(limits.maxConnections)} connections`, full),
    part(`${formatCount(gauges.handshaking)} shaking hands`),
    ...some('replaced', kinds.ended['replaced']),
    ...some('silent', kinds.ended['silent']),
  ];
}

function traffic({ gauges }: TrackerStats, rates: StatsRates | undefined): readonly Line[] {
  return [
    part(`keep-alives ${perSecond(rates?.counters.keepAlives)}`),
    part(`in ${bytesPerSecond(rates?.counters.receivedBytes)}`),
    part(`out ${bytesPerSecond(rates?.counters.sentBytes)}`),
    part(`unsent ${formatCompactSize(gauges.unsentBytes)}`),
  ];
}

function searches({ counters }: TrackerStats, rates: StatsRates | undefined): readonly Line[] {
  return [
    part(pace('searches', rates?.durations.search)),
    part(pace('by name', rates?.durations.findName)),
    part(pace('sources', rates?.durations.holders)),
    ...some('in part', counters.partialSearches),
  ];
}

function shares({ kinds }: TrackerStats, rates: StatsRates | undefined): readonly Line[] {
  const syncs = Object.entries(rates?.syncs ?? {}).filter(([, rate]) => rate > 0);
  return [
    part(`files added ${perSecond(rates?.counters.filesAdded)}`),
    part(`removed ${perSecond(rates?.counters.filesRemoved)}`),
    part(pace('writes', rates?.durations.write)),
    ...syncs.map(([kind, rate]) => part(`${kind} ${perSecond(rate)}`)),
    ...Object.entries(kinds.filesRejected).flatMap(([why, count]) => some(`refused: ${why}`, count)),
  ];
}

function turnedAway({ kinds }: TrackerStats): readonly Line[] {
  const reasons = Object.entries({ ...kinds.rejected, ...kinds.refusals }).filter(([, count]) => count > 0);
  if (reasons.length === 0) return [part('nobody', 'dim')];
  return reasons.map(([why, count]) => part(`${why} ${formatCount(count)}`));
}

function catalogue({ store }: TrackerStats): readonly Line[] {
  if (store === null) return [part('no answer', 'error')];
  const { files, shares: held, peersOnline, peersKnown, bytes, walBytes } = store;
  return [
    part(`${formatCount(files)} files`),
    part(`${formatCount(held)} copies`),
    part(`${formatCount(peersOnline)} of ${formatCount(peersKnown)} peers online`),
    ...(bytes === null ? [] : [part(formatCompactSize(bytes))]),
    ...(walBytes === null ? [] : [part(`log ${formatCompactSize(walBytes)}`)]),
  ];
}

function ofProcess({ process, actors }: TrackerStats, rates: StatsRates | undefined): readonly Line[] {
  const { rssBytes, openFiles, maxOpenFiles } = process;
  const restarts = actors.reduce((sum, actor) => sum + actor.restarts, 0);
  return [
    part(`memory ${formatCompactSize(rssBytes)}`),
    part(`processor ${percent(rates?.cpu)}`),
    ...(openFiles === null
      ? []
      : [part(`files ${formatCount(openFiles)} of ${formatCount(maxOpenFiles ?? 0)}`)]),
    part(`restarts ${formatCount(restarts)}`, restarts > 0 ? 'warn' : 'plain'),
  ];
}

const threadColumns = ['busy', 'processor', 'late', 'heap', 'connections'] as const;
const nameCells = 14;

function threadTable(
  { threads }: TrackerStats,
  rates: StatsRates | undefined,
  columns: number,
): readonly Line[] {
  const row = (name: string, cells: readonly string[], role: Role): Line => {
    const fitting = cells.slice(0, Math.max(0, Math.floor((columns - nameCells) / 12)));
    return [
      segment(name.padEnd(nameCells), 'dim'),
      ...fitting.map((cell) => segment(cell.padStart(12), role)),
    ].slice(0, columns < nameCells ? 1 : undefined);
  };
  const lines = threads.map(({ name, busy, lagP99Ms, heapUsedBytes, connections }, at) =>
    row(
      name,
      [
        percent(busy),
        percent(rates?.cpuOfThreads[at]),
        milliseconds(lagP99Ms),
        formatCompactSize(heapUsedBytes),
        formatCount(connections),
      ],
      'plain',
    ),
  );
  return [row('Thread', threadColumns, 'dim'), ...lines].map((line) => fitLine(line, columns));
}

/** Where something is cut; every terminal has it. */
const fitLine = (line: Line, columns: number): Line => fit(line, columns, '~');

const labelCells = 13;

/** Parts after a label, in as many lines as they take; a part is never broken, only cut where it is too wide. */
function flow(label: string, parts: readonly Line[], columns: number): readonly Line[] {
  const indent = columns >= 60 ? labelCells : Math.min(2, columns);
  const lines: Line[] = [];
  let line: Line = [];
  const room = columns - indent;
  for (const next of parts) {
    const gap = line.length === 0 ? 0 : 2;
    if (line.length > 0 && lineWidth(line) + gap + lineWidth(next) > room) {
      lines.push(line);
      line = [];
    }
    line = line.length === 0 ? next : [...line, segment('  '), ...next];
  }
  lines.push(line);
  const heading = columns >= 60 || label === '' ? [] : [fitLine([segment(label, 'dim')], columns)];
  const first = columns >= 60 ? label.padEnd(labelCells) : ' '.repeat(indent);
  return [
    ...heading,
    ...lines.map((rest, at) =>
      fitLine([segment(at === 0 ? first : ' '.repeat(indent), 'dim'), ...rest], columns),
    ),
  ];
}

const part = (text: string, role: Role = 'plain'): Line => [segment(text, role)];

const some = (what: string, count: number | undefined): readonly Line[] =>
  count === undefined || count === 0 ? [] : [part(`${what} ${formatCount(count)}`)];

function pace(what: string, measured: Pace | undefined): string {
  const rate = `${what} ${perSecond(measured?.perSecond)}`;
  if (measured?.p50Ms === undefined || measured.p99Ms === undefined) return rate;
  return `${rate} (p50 ${milliseconds(measured.p50Ms)}, p99 ${milliseconds(measured.p99Ms)})`;
}

function perSecond(rate: number | undefined): string {
  if (rate === undefined) return '-/s';
  return `${rate >= 100 || rate === 0 ? formatCount(Math.round(rate)) : rate.toFixed(1)}/s`;
}

const bytesPerSecond = (rate: number | undefined): string =>
  rate === undefined ? '-' : `${formatCompactSize(Math.round(rate))}/s`;

const percent = (share: number | undefined): string =>
  share === undefined ? '-' : `${Math.round(share * 100)} %`;

const milliseconds = (ms: number): string => `${ms >= 10 ? Math.round(ms) : Number(ms.toFixed(1))} ms`;
