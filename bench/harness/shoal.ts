/** Shoal's own programs as a bench starts them: a tracker, peers that share, and `shoal get`. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { started, timed, usageOf, type Finished } from './processes.ts';
import type { Round } from './race.ts';
import type { Scene } from './scene.ts';

const launcher = path.join(import.meta.dirname, '../../bin/shoal');
const main = path.join(import.meta.dirname, '../../dist/main.js');

// As an installed program starts: the bench itself has seen to it that the program is built.
process.env['SHOAL_SKIP_SETUP'] = '1';

export const shoal = (...args: readonly string[]): string[] => [
  '--disable-warning=ExperimentalWarning',
  launcher,
  ...args,
];

/** Starts a tracker; gives the flags by which the others find it. */
export async function startTracker(scene: Scene, name = 'tracker'): Promise<readonly string[]> {
  if (!existsSync(main)) throw new Error(`${main} is missing: build first`);
  const { child, lines } = await started(
    process.execPath,
    shoal('tracker', '--port', '0', '--data', scene.path(name), '--json'),
    ({ event }) => event === 'listening',
  );
  scene.keep(child);
  return ['--tracker', `127.0.0.1:${String(lines[0]?.['port'])}`];
}

/** Starts a peer that shares a folder; resolves when it has registered `files` files. */
export async function startPeer(
  scene: Scene,
  name: string,
  share: string,
  files: number,
  flags: readonly string[],
): Promise<ChildProcess> {
  const own = ['--name', name, '--home', scene.path(name), '--share', share, '--port', '0', '--no-tui'];
  const { child } = await started(
    process.execPath,
    shoal('peer', ...own, '--json', ...flags),
    (line) => line['event'] === 'registered' && line['files'] === files,
  );
  return scene.keep(child);
}

/** Gets targets into a folder, from the start of the command to its end. */
export function get(
  scene: Scene,
  outDir: string,
  targets: readonly string[],
  flags: readonly string[],
  watch?: (child: ChildProcess) => void,
): Promise<Finished> {
  const home = scene.path('getter');
  const args = shoal('get', '--home', home, '--out', outDir, '--json', ...flags, ...targets);
  return timed(process.execPath, args, watch);
}

/** Measures a command together with what it made others use. */
export async function withOthers(
  others: Readonly<Record<string, ChildProcess>>,
  command: () => Promise<Finished>,
): Promise<Round> {
  const before = Object.entries(others).map(([name, child]) => [name, usageOf(child.pid)] as const);
  const { seconds, cpuSeconds, peakMiB } = await command();
  const usage = Object.fromEntries(
    before.map(([name, used]) => {
      const now = usageOf(others[name]?.pid);
      return [name, { cpuSeconds: now.cpuSeconds - used.cpuSeconds, peakMiB: now.peakMiB }];
    }),
  );
  return { seconds, usage: { receiver: { cpuSeconds, peakMiB }, ...usage } };
}
