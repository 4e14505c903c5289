/**
 * What other full-screen programs cost on the same terminal: `ncdc` and `rtorrent` with nothing to do.
 */
import { spawn } from '@lydell/node-pty';
import { freePort } from '../harness/free-port.ts';
import { installed } from '../harness/installed.ts';
import { usageOf } from '../harness/processes.ts';
import type { Scene } from '../harness/scene.ts';
import { terminalSize } from './stage.ts';

export interface RivalCost {
  readonly name: string;
  readonly cpuPercent: number;
  readonly memoryMiB: number;
}

export async function rivals(scene: Scene, seconds: number): Promise<readonly RivalCost[]> {
  const costs: RivalCost[] = [];
  if (installed('ncdc'))
    costs.push(
      await costOf(
        'ncdc, idle',
        'ncdc',
        ['-c', scene.makeFolder('ncdc'), '--no-autoconnect'],
        scene,
        seconds,
      ),
    );
  if (installed('rtorrent')) {
    const session = scene.makeFolder('rtorrent');
    const own = ['-n', '-o', `network.port_range.set=${await freePort()}-65000,session.path.set=${session}`];
    costs.push(await costOf('rtorrent, idle', 'rtorrent', own, scene, seconds));
  }
  return costs;
}

async function costOf(
  name: string,
  command: string,
  args: readonly string[],
  scene: Scene,
  seconds: number,
): Promise<RivalCost> {
  const home = scene.makeFolder('rival-home');
  const program = spawn(command, [...args], {
    name: 'xterm-256color',
    cols: terminalSize.columns,
    rows: terminalSize.rows,
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  const gone = new Promise<void>((resolve) => program.onExit(() => resolve()));
  try {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    await wait(5_000);
    const before = usageOf(program.pid).cpuSeconds;
    await wait(seconds * 1000);
    const { cpuSeconds, peakMiB } = usageOf(program.pid);
    return { name, cpuPercent: (100 * (cpuSeconds - before)) / seconds, memoryMiB: peakMiB };
  } finally {
    program.kill('SIGKILL');
    await gone;
  }
}
