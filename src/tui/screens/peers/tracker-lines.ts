/** The trackers, a line each: how each is, and what is done about it when it is not well. */
import type { TrackerView } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import { othersAt } from '../../../core/tracker/others-online.ts';
import { reachOf, reachWords } from '../../../core/tracker/reach-words.ts';
import { besideAddress } from '../../../core/tracker/tracker-words.ts';
import { wrapWords } from '../../parts/wrap.ts';
import type { Area } from '../../screen/area.ts';
import { showName } from '../../text/names.ts';
import { formatCount, plural, retryWords } from '../../text/numbers.ts';
import type { Line, Segment } from '../../text/segments.ts';

/** More are summed up. */
const mostTrackers = 3;
/** Of one tracker: what it says of itself may be long. */
const mostLines = 3;

export function trackerLines(trackers: readonly TrackerView[], area: Area): readonly Line[] {
  const told = trackers.slice(0, mostTrackers);
  const lines: Line[] = told.flatMap((tracker) => wrapped(trackerLine(tracker, area), area));
  const left = trackers.length - told.length;
  if (left > 0) lines.push([{ text: ` and ${plural(left, 'more tracker')}`, role: 'dim' }]);
  const reach = reachOf(trackers);
  if (reach?.isReachable === false) lines.push([{ text: ` ${reachWords(reach)}`, role: 'warn' }]);
  return lines;
}

function trackerLine(tracker: TrackerView, area: Area): Line {
  const { files, problem } = tracker;
  const others = othersAt(tracker);
  const parts: Segment[] = [{ text: ` ${hostPort(tracker)}  ` }, stateRun(tracker)];
  if (others !== undefined) parts.push({ text: `  ${plural(others, 'other peer')} online` });
  if (tracker.state === 'registered')
    parts.push({ text: `  ${formatCount(files)} of your files listed`, role: 'dim' });
  if (tracker.reach?.isReachable === true) parts.push({ text: '  others can reach you', role: 'dim' });
  const retry = retryWords({ nextAttemptMs: tracker.nextAttemptMs, attempts: 0 }, area.wallMs);
  if (retry !== '') parts.push({ text: `  ${retry}`, role: 'warn' });
  if (problem !== undefined)
    parts.push({
      text: `  ${showName(besideAddress(tracker, problem.message), area.glyphs.name).text}`,
      role: 'warn',
    });
  return parts;
}

/** What goes on in a further line stands below the first, further in. */
const wrapped = (line: Line, { width }: Area): readonly Line[] =>
  wrapWords(line, width - 3)
    .slice(0, mostLines)
    .map((part, at) => (at === 0 ? part : [{ text: '   ' }, ...part]));

function stateRun({ state, latencyMs }: TrackerView): Segment {
  switch (state) {
    case 'registered':
      return {
        text: latencyMs === undefined ? 'ok' : `ok ${Math.max(1, Math.round(latencyMs))}ms`,
        role: 'ok',
      };
    case 'connecting':
    case 'syncing':
      return { text: state, role: 'accent' };
    case 'waiting':
      return { text: 'unreachable', role: 'warn' };
    case 'refused':
      return { text: 'refuses us', role: 'error' };
    case 'stopped':
      return { text: 'stopped', role: 'dim' };
  }
}
