/** The state of a download in words: what goes on, or why nothing does. */
import { displayName } from '../../../core/safe-name.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import type { Segment } from '../../text/segments.ts';

/** Short where there is little room. */
export function stateText({ download }: DownloadRow, width: number): Segment {
  const long = width >= 14;
  switch (download.state) {
    case 'queued':
      return {
        text: long && download.queueIndex !== undefined ? `queued: #${download.queueIndex}` : 'queued',
        role: 'dim',
      };
    case 'finding':
      return { text: long ? 'looking for sources' : 'finding', role: 'dim' };
    case 'waiting':
      if (download.problem !== undefined)
        return { text: `waiting: ${displayName(download.problem.message)}`, role: 'warn' };
      if (download.queuePosition !== undefined)
        return { text: `waiting: queue #${download.queuePosition}`, role: 'warn' };
      return { text: long ? 'waiting for a source' : 'waiting', role: 'warn' };
    case 'downloading':
      if (download.sources === 1 && long) return { text: 'slow: 1 source' };
      return { text: long ? 'downloading' : 'down' };
    case 'paused':
      return { text: long ? 'paused by you' : 'paused', role: 'dim' };
    case 'finishing':
      return { text: 'checking', role: 'accent' };
    case 'done':
      return { text: 'verified', role: 'ok' };
    case 'failed':
      return { text: displayName(download.problem?.message ?? 'failed'), role: 'error' };
    case 'cancelled':
      return { text: 'cancelled', role: 'dim' };
  }
}
