/**
 * This program a second time, without a terminal: who starts it hears once, over the channel between the two,
 * whether it came up. Invariant: the one that was started depends on its starter for nothing, and what it prints
 * goes to its log.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { diskProblem } from '../../core/disk-problem.ts';
import { backgroundStartTimeoutMs } from '../../core/limits/cli.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { BackgroundPeer } from './ports.ts';

type Outcome = Result<Omit<BackgroundPeer, 'pid'>>;

/** The port of the same name. Problems: its own, `timeout`, or `internal` when it ended without a word. */
export async function startInBackground(
  args: readonly string[],
  logFile: string,
  signal: AbortSignal,
): Promise<Result<BackgroundPeer>> {
  if (signal.aborted) return stopped;
  let log: number;
  try {
    mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
    log = openSync(logFile, 'a', 0o600);
  } catch (error) {
    return { ok: false, problem: diskProblem(error, logFile) };
  }
  // It is nobody's stand-in, and its set-up is the one that was checked for us.
  const { SHOAL_STAND_IN: _, ...env } = process.env;
  const program = [...process.execArgv, process.argv[1] ?? ''];
  const child = spawn(process.execPath, [...program, ...args], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...env, SHOAL_SKIP_SETUP: '1' },
  });
  closeSync(log);
  const { pid = 0 } = child;
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(backgroundStartTimeoutMs)]);
  const outcome = await new Promise<Outcome>((resolve) => {
    child.once('message', (message) => resolve(message as Outcome));
    child.once('error', (error) => resolve(fail('internal', `It could not be started: ${error.message}`)));
    // Comes when its last words have been read, unlike `exit`.
    child.once('close', (code, by) =>
      resolve(fail('internal', `It ended before it was up (${by ?? code}); its log says why: ${logFile}`)),
    );
    giveUp.addEventListener('abort', () => resolve(signal.aborted ? stopped : late(logFile)), { once: true });
  });
  if (!outcome.ok && giveUp.aborted) child.kill();
  if (child.connected) child.disconnect();
  child.unref();
  return outcome.ok ? ok({ pid, ...outcome.value }) : outcome;
}

/** The port of the same name. */
export function tellStarter(outcome: Outcome): void {
  if (!process.connected) return;
  // Whoever waited may be gone.
  process.send?.(outcome, () => {
    if (process.connected) process.disconnect?.();
  });
}

const stopped = fail('cancelled', 'Stopped before it was up');

const late = (logFile: string): Result<never> =>
  fail('timeout', `It was not up in time and was stopped; its log says how far it came: ${logFile}`);
