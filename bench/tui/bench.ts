/**
 * The full-screen UI as a process on a terminal of 160 by 48, on a scripted engine in another process: what it costs,
 * how fast it answers, what it holds. Beside it `ncdc` and `rtorrent`, where installed.
 * Usage: npm run bench -- tui [--seconds 30] [--frames 3000] [--only a,b] [--json]
 */
import { parseArgs } from 'node:util';
import { atMost, median, print, type Goal } from '../harness/race.ts';
import { withScene, type Scene } from '../harness/scene.ts';
import { drawing, filterToPage, firstFrames, keyToPaint, memoryOver, percentile } from './measures.ts';
import { residentMiB, usageOf } from '../harness/processes.ts';
import { rivals } from './rivals.ts';
import { attachToTransfers, ScriptedEngine } from './stage.ts';

const transfers = 10_000;
const results = 100_000;

interface Options {
  readonly seconds: number;
  readonly frames: number;
  readonly json: boolean;
}

export async function run(args: readonly string[]): Promise<readonly Goal[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '30' },
      frames: { type: 'string', default: '3000' },
      json: { type: 'boolean', default: false },
    },
  });
  const options = { seconds: Number(values.seconds), frames: Number(values.frames), json: values.json };
  const { goals, others } = await withScene(async (scene) => ({
    goals: await measure(scene, options),
    others: await rivals(scene, options.seconds),
  }));
  const what = `the screen at 160x48 on ${transfers} downloads and ${results} results`;
  print({ bench: 'tui', what, rows: [], goals, others }, options.json);
  if (!options.json && others.length > 0) console.table(others);
  return goals;
}

async function measure(scene: Scene, { seconds, frames }: Options): Promise<readonly Goal[]> {
  const engine = await ScriptedEngine.start(scene, transfers, results);
  const starts = await firstFrames(scene, engine, 5);
  const terminal = await attachToTransfers(scene, engine);
  // First, while no picture of past speeds moves on.
  const none = await drawing(terminal, engine, 0, 60);
  const ten = await drawing(terminal, engine, 10, seconds);
  const many = await drawing(terminal, engine, 200, seconds);
  const cpuMs = (): number => usageOf(terminal.pid).cpuSeconds * 1000;
  const beforeKeysMs = cpuMs();
  const keys = await keyToPaint(terminal, 200);
  const keyCpuMs = (cpuMs() - beforeKeysMs) / keys.length;
  const afterTransfersMiB = residentMiB(terminal.pid);
  terminal.press('/');
  await terminal.waitFor('Esc leave');
  terminal.type('anything');
  await terminal.waitFor('/ anything');
  terminal.press('enter');
  await terminal.waitFor('100,000');
  const beforeFiltersMs = cpuMs();
  const filters = await filterToPage(terminal, ['herring', 'maps', 'slow', 'live']);
  const filterCpuMs = (cpuMs() - beforeFiltersMs) / filters.length;
  terminal.press('2');
  await terminal.waitFor('[Downloads');
  const memory = await memoryOver(terminal, frames);
  await terminal.clear();
  return [
    atMost('10 of 10,000 move: % of a processor', ten.cpuPercent, 10),
    atMost('200 of 10,000 move: % of a processor', many.cpuPercent, 11),
    atMost('frames a second, 200 move', many.framesPerSecond, 10.5),
    atMost('bytes a frame, 200 move: median', many.medianFrameBytes, 2048),
    atMost('bytes a frame, 200 move: most', many.mostFrameBytes, 20_480),
    atMost('nothing moves: frames in a minute', none.framesPerSecond * 60, 0),
    atMost('nothing moves: % of a processor', none.cpuPercent, 0.3),
    atMost('key to paint, 200 move: ms, median', median(keys), 50),
    atMost('key to paint, 200 move: ms, 95 of 100', percentile(keys, 0.95), 50),
    atMost('key, 200 move: ms of processor time, all that is drawn meanwhile included', keyCpuMs, 20),
    atMost('filter of 100,000 results to the first page: ms, median', median(filters), 50),
    atMost('filter of 100,000 results to the first page: ms, 95 of 100', percentile(filters, 0.95), 50),
    atMost('filter key on 100,000 results: ms of processor time, all of the list', filterCpuMs, 200),
    atMost('start to the first frame: ms, median', median(starts.map(({ ms }) => ms)), 400),
    atMost('start to the first frame: ms of processor time, median', median(starts.map((one) => one.cpuSeconds * 1000)), 400),
    atMost('memory with 10,000 downloads: MiB', afterTransfersMiB, 170),
    atMost(`memory with 100,000 results too, after ${memory.frames} frames: MiB`, memory.afterMiB, 170),
    atMost('memory, growth over the second half: MiB per 1,000 frames', memory.growthMiBPerThousandFrames, 1),
  ]; // prettier-ignore
}
