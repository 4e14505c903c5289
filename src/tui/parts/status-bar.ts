/** The line that says how the engine is: trackers, slots, disk, speeds. */
import type { EngineModel } from '../model/engine-model.ts';
import { othersOnline } from '../../core/tracker/others-online.ts';
import { reachOf } from '../../core/tracker/reach-words.ts';
import type { Area } from '../screen/area.ts';
import { formatBytes, formatSpeed } from '../text/numbers.ts';
import { lineWidth, type Line, type Segment } from '../text/segments.ts';
import { leftAndRight } from './cells.ts';

export function statusBar(engine: EngineModel, area: Area): Line {
  const { status } = engine;
  const { active, uploading } = engine.counts();
  const parts: Line[] = [[trackerRun(engine)]];
  const others = othersOnline(status.trackers);
  if (others !== undefined) parts.push([{ text: `peers ${others.toLocaleString('en')}` }]);
  if (reachOf(status.trackers)?.isReachable === false) parts.push([{ text: 'not reachable', role: 'warn' }]);
  const { limits } = status;
  parts.push([
    {
      text: limits
        ? `slots D ${active}/${limits.downloadsAtOnce} U ${uploading}/${limits.uploadSlots}`
        : `D ${active} U ${uploading}`,
    },
  ]);
  if (status.disk?.freeBytes !== undefined)
    parts.push([{ text: `disk ${formatBytes(status.disk.freeBytes)}` }]);
  if (status.stopsWhenIdle) parts.push([{ text: 'quits when done', role: 'warn' }]);
  const right = speeds(engine, area);
  const room = area.width - lineWidth(right);
  const left: Segment[] = [];
  for (const run of parts) {
    if (lineWidth(left) + lineWidth(run) + 3 > room) break;
    left.push({ text: left.length === 0 ? ' ' : '  ' }, ...run);
  }
  return leftAndRight(left, right, area.width);
}

/** `↓ 16.3M/s  ↑ 2.4M/s`. */
export function speeds({ transfers }: EngineModel, { glyphs }: Area): Line {
  return [
    { text: ` ${glyphs.down} ${formatSpeed(transfers.downPerSecond).padStart(7)}`, role: 'down' },
    { text: ` ${glyphs.up} ${formatSpeed(transfers.upPerSecond).padStart(7)} `, role: 'up' },
  ];
}

function trackerRun({ status }: EngineModel): Segment {
  if (status.stopped || status.fault) return { text: 'engine stopped', role: 'error' };
  if (!status.known) return { text: 'starting', role: 'dim' };
  const { trackers } = status;
  const registered = trackers.filter(({ state }) => state === 'registered');
  const [first] = registered;
  if (first !== undefined) {
    const latency = first.latencyMs === undefined ? '' : ` ${Math.round(first.latencyMs)}ms`;
    const others = trackers.length > 1 ? ` (${registered.length} of ${trackers.length})` : '';
    return { text: `tracker ok${latency}${others}`, role: 'ok' };
  }
  const worst = trackers.find(({ state }) => state === 'refused') ?? trackers[0];
  if (worst === undefined) return { text: 'no tracker', role: 'warn' };
  const words = {
    connecting: 'connecting',
    syncing: 'syncing',
    waiting: 'unreachable',
    refused: 'refused',
    stopped: 'stopped',
    registered: 'ok',
  } as const;
  const bad = worst.state === 'waiting' || worst.state === 'refused';
  return { text: `tracker ${words[worst.state]}`, role: bad ? 'error' : 'warn' };
}
