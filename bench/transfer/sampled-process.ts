/** A command of the bench, timed from its start to its end, with what it used on the way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

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

/** What a process has used until now; zeros where there is no /proc. */
export function usageOf(pid: number | undefined): Usage {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / ticksPerSecond, peakMiB: Number(peak ?? 0) / 1024 };
  } catch {
    return { cpuSeconds: 0, peakMiB: 0 };
  }
}

/** Runs a command to its end; rejects when it fails. */
export function timed(command: string, args: readonly string[]): Promise<Finished> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let usage: Usage = { cpuSeconds: 0, peakMiB: 0 };
  const sampler = setInterval(() => {
    const sample = usageOf(child.pid);
    if (sample.cpuSeconds > 0) usage = sample;
  }, sampleMs);
  let output = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => clearInterval(sampler));
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, output, ...usage });
      else reject(new Error(`${command} ended with ${code}: ${errors}`));
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
      for (const line of texts.map((text) => JSON.parse(text) as Line)) {
        if (lines.length < 100) lines.push(line);
        if (isReady(line)) resolve();
      }
    });
  });
  return { child, lines };
}
