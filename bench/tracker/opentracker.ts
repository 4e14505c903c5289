/** The rival that answers announces: opentracker, asked by wrk. Both are single programs of their distribution. */
import { spawn } from 'node:child_process';
import { freePort } from '../harness/free-port.ts';
import { installed } from '../harness/installed.ts';
import { timed } from '../harness/processes.ts';
import type { Scene } from '../harness/scene.ts';

export const hasOpentracker = (): boolean => installed('opentracker') && installed('wrk');

/** Announces a second that it answers to `connections` connections, the tracker and wrk on a core each. */
export async function announcesPerSecond(
  scene: Scene,
  connections: number,
  seconds: number,
): Promise<number> {
  const port = await freePort();
  const held = (core: number, command: string, args: readonly string[]): [string, string[]] =>
    installed('taskset') ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];
  const [command, args] = held(0, 'opentracker', ['-i', '127.0.0.1', '-p', String(port), '-P', String(port)]);
  scene.keep(spawn(command, args, { stdio: 'ignore', cwd: scene.folder }));
  const query = 'info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=6881&left=0&compact=1';
  const [asker, questions] = held(1, 'wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}`,
    `http://127.0.0.1:${port}/announce?${query}`,
  ]);
  const { output } = await timed(asker, questions);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? Number.NaN);
}
