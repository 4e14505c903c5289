/**
 * A download that is killed (SIGKILL) when half of it is there, and goes on: how many bytes come twice, of one file and
 * of a folder of small ones. Beside it aria2c and curl from nginx, which go on by what the file's length says and
 * verify nothing.
 * Usage: npm run bench -- resume [--size 1G] [--rounds 3] [--json]
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { installed } from '../harness/installed.ts';
import { startNginx } from '../harness/nginx.ts';
import { benchOptions } from '../harness/options.ts';
import { timed, type Finished, type Line } from '../harness/processes.ts';
import { atMost, median, print, race, type Contender, type Goal, type Row } from '../harness/race.ts';
import { keepMemoryWarm, withScene, writeRandomFile, type Scene } from '../harness/scene.ts';
import { get, startPeer, startTracker } from '../harness/shoal.ts';

const fileName = 'file.bin';
const folderName = 'small';
/** Of each file in the folder: small enough to come with others in one answer. */
const smallFileBytes = 500_000;
const MiB = 2 ** 20;

/** A contender and how much came twice in each of its rounds. */
interface Resumer extends Contender {
  readonly twiceBytes: number[];
}

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { json, rounds, sizeBytes } = benchOptions(args, { rounds: 3, size: '1G' });
  return withScene(async (scene) => {
    const share = scene.makeFolder('share');
    writeRandomFile(path.join(share, fileName), sizeBytes);
    const smallFiles = Math.ceil(sizeBytes / smallFileBytes);
    mkdirSync(path.join(share, folderName));
    for (let file = 0; file < smallFiles; file++)
      writeRandomFile(path.join(share, folderName, String(file)), smallFileBytes);
    await keepMemoryWarm(scene, 3 * sizeBytes);
    const tracker = await startTracker(scene);
    await startPeer(scene, 'sender', share, 1 + smallFiles, tracker);
    const contenders = [
      ours(scene, tracker, { name: 'shoal get', target: fileName, sizeBytes, bytesIn }),
      ours(scene, tracker, {
        ...{ name: 'shoal get, a folder', target: `sender:/share/${folderName}/` },
        ...{ sizeBytes: smallFiles * smallFileBytes, bytesIn: bytesBelow },
      }),
      ...(await rivals(scene, share, sizeBytes)),
    ];
    const rows = await race(contenders, rounds, sizeBytes);
    const what = `${sizeBytes / MiB} MiB, killed half way and resumed, both parts timed; medians of ${rounds}`;
    print({ bench: 'resume', what, rows, goals: contenders.map(goalOf) }, json);
    return rows;
  });
}

const goalOf = ({ name, twiceBytes }: Resumer): Goal =>
  atMost(`${name}: MiB fetched twice`, median(twiceBytes) / MiB, 32);

/** Kills the first run when half of the bytes are on the disk; gives what both runs took together. */
async function twoRuns(
  isHalfThere: () => boolean,
  start: (watch?: (child: ChildProcess) => void) => Promise<Finished>,
): Promise<readonly [Finished, Finished]> {
  let killed = false;
  const first = await start((child) => {
    const watch = setInterval(() => {
      if (child.exitCode !== null || !isHalfThere()) return;
      killed = child.kill('SIGKILL');
      clearInterval(watch);
    }, 5);
    child.on('exit', () => clearInterval(watch));
  });
  if (!killed) throw new Error('It was over before it could be killed');
  return [first, await start()];
}

/** What is on the disk of the one file in a folder, whatever it is called: its length, or its blocks if it has holes. */
function bytesIn(folder: string): number {
  for (const candidate of [path.join(folder, fileName), ...partials(folder)]) {
    const stats = statSync(candidate, { throwIfNoEntry: false });
    if (stats) return Math.min(stats.size, stats.blocks * 512);
  }
  return 0;
}

/** What is on the disk of all files in a folder, hidden or not. */
function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stats?.isFile()) bytes += stats.size;
  }
  return bytes;
}

function partials(folder: string): string[] {
  const hidden = path.join(folder, '.shoal');
  if (!existsSync(hidden)) return [];
  const names = readdirSync(hidden).filter((name) => name.endsWith('.part'));
  return names.map((name) => path.join(hidden, name));
}

function sum(first: Finished, second: Finished): Awaited<ReturnType<Contender['run']>> {
  const usage = {
    receiver: {
      cpuSeconds: first.cpuSeconds + second.cpuSeconds,
      peakMiB: Math.max(first.peakMiB, second.peakMiB),
    },
  };
  return { seconds: first.seconds + second.seconds, usage };
}

async function inFolder<T>(scene: Scene, work: (outDir: string) => Promise<T>): Promise<T> {
  const outDir = scene.path('out');
  mkdirSync(outDir);
  const result = await work(outDir);
  rmSync(outDir, { recursive: true });
  return result;
}

interface Wanted {
  readonly name: string;
  readonly target: string;
  readonly sizeBytes: number;
  /** What of it is on the disk in the folder that it goes to. */
  readonly bytesIn: (outDir: string) => number;
}

/** Of what is on the disk at the kill, what the second run fetches all the same. */
function ours(
  scene: Scene,
  tracker: readonly string[],
  { name, target, sizeBytes, bytesIn: here }: Wanted,
): Resumer {
  const twiceBytes: number[] = [];
  return {
    name,
    twiceBytes,
    run: () =>
      inFolder(scene, async (outDir) => {
        let there = 0;
        const [first, second] = await twoRuns(
          () => here(outDir) >= sizeBytes / 2,
          (watch) =>
            get(scene, outDir, [target], tracker, (child) => {
              watch?.(child);
              if (watch) child.on('exit', () => (there = here(outDir)));
            }),
        );
        const done = lines(second.output).filter(({ event }) => event === 'done');
        const fetched = done.reduce((total, line) => total + Number(line['fetched']), 0);
        twiceBytes.push(fetched - (sizeBytes - there));
        return sum(first, second);
      }),
  };
}

const lines = (output: string): Line[] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

async function rivals(scene: Scene, share: string, sizeBytes: number): Promise<Resumer[]> {
  if (!installed('nginx')) return [];
  const { url, log } = await startNginx(scene, share);
  const from = `${url}/${fileName}`;
  const commands: readonly (readonly [string, (outDir: string) => readonly string[]])[] = [
    ['curl', (outDir) => ['-sSf', '-C', '-', '-o', path.join(outDir, fileName), from]],
    ['aria2c', (outDir) => ['-q', '-c', '--file-allocation=none', '-d', outDir, '-o', fileName, from]],
  ];
  return commands
    .filter(([program]) => installed(program))
    .map(([program, argsFor]) => {
      const twiceBytes: number[] = [];
      return {
        name: `${program} from nginx`,
        twiceBytes,
        run: () =>
          inFolder(scene, async (outDir) => {
            let there = 0;
            const [first, second] = await twoRuns(
              () => bytesIn(outDir) >= sizeBytes / 2,
              (watch) =>
                timed(program, argsFor(outDir), (child) => {
                  watch?.(child);
                  if (watch) child.on('exit', () => (there = bytesIn(outDir)));
                }),
            );
            twiceBytes.push(lastSent(log) - (sizeBytes - there));
            return sum(first, second);
          }),
      };
    });
}

/** The bytes of the last answer that nginx has given. */
const lastSent = (log: string): number => Number(readFileSync(log, 'utf8').trim().split('\n').pop());
