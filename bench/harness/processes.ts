/**
 * The programs of a bench as the system sees them: started, timed, and measured by processor time and memory,
 * their children included. Linux only: elsewhere all usage is 0.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const sampleMs = 50;
/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

export interface Finished extends Usage {
  readonly seconds: number;
  readonly output: string;
}

/** What a process and those that it started have used until now; zeros for one that is gone. */
export function usageOf(pid: number | undefined): Usage {
  let cpuSeconds = 0;
  let peakMiB = 0;
  for (const each of pid === undefined ? [] : [pid, ...descendants(pid)]) {
    cpuSeconds += cpuSecondsOf(each);
    peakMiB += statusMiB(each, 'VmHWM');
  }
  return { cpuSeconds, peakMiB };
}

/** What a process holds in memory now. */
export const residentMiB = (pid: number | undefined): number =>
  pid === undefined ? 0 : statusMiB(pid, 'VmRSS');

function cpuSecondsOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  // Its own time and that of its children that have ended, in and out of the kernel.
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / ticksPerSecond;
}

function statusMiB(pid: number, field: string): number {
  const value = new RegExp(`${field}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1];
  return Number(value ?? 0) / 1024;
}

function descendants(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Runs a command to its end; rejects when it fails. Only who has `watch` given may end it by a signal. */
export function timed(
  command: string,
  args: readonly string[],
  watch?: (child: ChildProcess) => void,
): Promise<Finished> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  watch?.(child);
  let usage: Usage = { cpuSeconds: 0, peakMiB: 0 };
  const sampler = setInterval(() => {
    const sample = usageOf(child.pid);
    const peakMiB = Math.max(usage.peakMiB, sample.peakMiB);
    usage = { cpuSeconds: Math.max(usage.cpuSeconds, sample.cpuSeconds), peakMiB };
  }, sampleMs);
  let output = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => clearInterval(sampler));
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0 || (signal !== null && watch)) resolve({ seconds, output, ...usage });
      else reject(new Error(`${command} ended with ${code ?? signal}: ${errors}`));
    });
  });
}

export type Line = Readonly<Record<string, unknown>>;

/** Starts a command that stays, and resolves to its JSON lines once one of them is the one waited for. */
export async function started(
  command: string,
  args: readonly string[],
  isReady: (line: Line) => boolean,
): Promise<{ child: ChildProcess; lines: readonly Line[] }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  let rest = '';
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    child.stdout.on('data', (bytes: Buffer) => {
      const texts = (rest + bytes.toString()).split('\n');
      rest = texts.pop() ?? '';
      for (const line of texts.filter(Boolean).map(parsed)) {
        if (lines.length < 100) lines.push(line);
        if (isReady(line)) resolve();
      }
    });
  });
  return { child, lines };
}

/** A line that is no JSON is one that says so itself. */
function parsed(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return { text };
  }
}
