/**
 * The state of a download in words: what it does, why it does nothing, and when that is tried again. Invariant:
 * every state has a word of its own, so that colour is never needed to tell two apart.
 */
import type { DownloadView } from '../../../core/engine/engine-api.ts';
import { isChecking } from '../../transfer-text.ts';
import { formatBytes, formatClock, formatWhen, plural, retryWords } from '../../text/numbers.ts';
import { showName } from '../../text/names.ts';
import type { Role, Segment } from '../../text/segments.ts';
import type { GlyphsName } from '../../text/glyphs.ts';

/** Below this much of what one source usually gives, a download with a single source is called slow. */
const slowBytesPerSecond = 100 * 1024;

/** What words about a download need beside it. */
export interface StateFacts {
  readonly download: DownloadView;
  readonly downPerSecond: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  readonly glyphs: GlyphsName;
}

/** Four letters, for narrow lists. */
export function shortState({ download, downPerSecond }: StateFacts): Segment {
  switch (download.state) {
    case 'queued':
      return { text: 'next', role: 'dim' };
    case 'finding':
      return { text: 'find', role: 'accent' };
    case 'waiting':
      return download.problem === undefined || download.retry === 'connection'
        ? { text: 'wait', role: 'warn' }
        : { text: 'halt', role: 'error' };
    case 'downloading':
      if (isChecking(download)) return { text: 'hash', role: 'accent' };
      if (isIdle(download, downPerSecond)) return { text: 'wait', role: 'dim' };
      return isSlow(download, downPerSecond)
        ? { text: 'slow', role: 'warn' }
        : { text: 'down', role: 'down' };
    case 'paused':
      return { text: 'paus', role: 'dim' };
    case 'finishing':
      return { text: 'hash', role: 'accent' };
    case 'done':
      return { text: 'done', role: 'ok' };
    case 'failed':
      return { text: 'fail', role: 'error' };
    case 'cancelled':
      return { text: 'canc', role: 'dim' };
  }
}

/** A few words and the reason, the most telling ones first: what does not fit is cut at the end. */
export function stateWords(facts: StateFacts): Segment {
  return { text: words(facts), role: shortState(facts).role ?? 'plain' };
}

function words({ download, downPerSecond, wallMs, glyphs }: StateFacts): string {
  const { state, problem, queueIndex } = download;
  switch (state) {
    case 'queued':
      if (problem !== undefined) return `waiting: ${reason(download, glyphs)}`;
      return queueIndex === undefined ? 'waiting for its turn' : `place ${queueIndex} in your queue`;
    case 'finding':
      return 'looking for sources';
    case 'waiting':
      return waitingWords(download, wallMs, glyphs);
    case 'downloading':
      if (isChecking(download)) return 'checking';
      if (isIdle(download, downPerSecond)) return 'waiting for its sources';
      return isSlow(download, downPerSecond) ? 'slow: 1 source' : 'downloading';
    case 'paused':
      return 'paused by you';
    case 'finishing':
      return 'checking';
    case 'done':
      return 'verified';
    case 'failed':
      return `failed: ${reason(download, glyphs)}`;
    case 'cancelled':
      return problem === undefined ? 'cancelled by you' : `cancelled: ${reason(download, glyphs)}`;
  }
}

function waitingWords(download: DownloadView, wallMs: number, glyphs: GlyphsName): string {
  const { queuePosition, problem, nextAttemptMs } = download;
  if (queuePosition !== undefined) return `waiting: queue #${queuePosition}`;
  const retry = nextAttemptMs === undefined ? '' : retryWords(download, wallMs);
  if (problem === undefined) return retry === '' ? 'waiting for a source' : `no source, ${retry}`;
  return retry === '' ? `waiting: ${reason(download, glyphs)}` : `${retry}: ${reason(download, glyphs)}`;
}

/** All there is to say, in a sentence: for where there is room. */
export function stateSentence(facts: StateFacts): string {
  const { download, wallMs, glyphs } = facts;
  const { state, problem, nextAttemptMs, attempts, sources, knownSources } = download;
  const parts: string[] = [];
  if (isChecking(download)) parts.push(words(facts));
  else if (state === 'downloading') {
    const from = sources === 0 ? '' : ` from ${plural(sources, 'source')}`;
    parts.push(`${words(facts)}${from}, ${knownSources} known`);
  } else if (state === 'waiting' && problem !== undefined) parts.push(`waiting: ${reason(download, glyphs)}`);
  else parts.push(words(facts));
  if (download.uncheckedBytes !== undefined && download.uncheckedBytes > 0)
    parts.push(`${formatBytes(download.uncheckedBytes)} of an earlier run to be checked`);
  if (state === 'waiting' && nextAttemptMs !== undefined) {
    const clock = formatClock(nextAttemptMs, true);
    parts.push(nextAttemptMs > wallMs ? `next attempt at ${clock}` : 'trying again now');
    if (attempts > 0) parts.push(`${plural(attempts, 'attempt')} so far`);
  }
  if (state === 'waiting' && download.retry === 'never') parts.push('it waits for you: r tries again');
  if (state === 'done') {
    if (download.usedSources > 0) parts.push(`came from ${plural(download.usedSources, 'peer')}`);
    if (download.sentBytes > 0) parts.push(`${formatBytes(download.sentBytes)} sent to others`);
  }
  if (download.endedMs !== undefined) parts.push(`ended ${formatWhen(download.endedMs, wallMs)}`);
  if (state === 'failed' || state === 'cancelled') parts.push('r tries again');
  if (state === 'paused') parts.push('p goes on');
  return parts.join('; ');
}

/** Whether its words change by the clock. */
export const countsDown = ({ state, nextAttemptMs, queuePosition }: DownloadView): boolean =>
  state === 'waiting' && nextAttemptMs !== undefined && queuePosition === undefined;

/** The role of what it has got: dim where nothing moves. */
export function barRole({ state }: DownloadView): Role {
  if (state === 'downloading') return 'down';
  if (state === 'done') return 'ok';
  if (state === 'failed') return 'error';
  return state === 'finishing' ? 'accent' : 'dim';
}

/** It has been begun, and none of its sources delivers just now. */
const isIdle = ({ sources }: DownloadView, downPerSecond: number): boolean =>
  sources === 0 && downPerSecond === 0;

/** At no speed at all it has only just begun, or `-` in the column says it. */
const isSlow = ({ sources }: DownloadView, downPerSecond: number): boolean =>
  sources === 1 && downPerSecond > 0 && downPerSecond < slowBytesPerSecond;

const reason = ({ problem }: DownloadView, glyphs: GlyphsName): string =>
  problem === undefined ? 'nobody said why' : showName(problem.message, glyphs).text;
