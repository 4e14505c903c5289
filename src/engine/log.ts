/**
 * The log of a thread: pino, as JSON lines to a file, or as plain lines to standard error. What comes from
 * remotes is made harmless to terminals here, whatever is logged.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from '../core/engine-api.ts';
import { displayName } from '../core/safe-name.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: LogLevel;
  /** Undefined logs to standard error. */
  readonly file: string | undefined;
}

/** Makes the log of the thread called `thread`. Lines are written at once, so that a crash loses none. */
export function createLog(thread: string, { level, file }: LogOptions): Logger {
  return pino(
    { level, base: { thread }, formatters: { log: scrub } },
    file === undefined ? plainLines(process.stderr) : jsonLines(file),
  );
}

function jsonLines(file: string): DestinationStream {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return pino.destination({ dest: file, sync: true, append: true, mode: 0o600 });
}

const levelNames = new Map(
  Object.entries(pino.levels.labels).map(([value, label]) => [Number(value), label]),
);

/** Formats each JSON line for people: `12:00:01 warn engine: message key=value`. */
function plainLines(stream: NodeJS.WritableStream): DestinationStream {
  return {
    write(line) {
      const { level, time, thread, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const clock = new Date(Number(time)).toISOString().slice(11, 19);
      const details = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
      const label = levelNames.get(Number(level)) ?? String(level);
      stream.write(
        `${clock} ${label} ${String(thread)}: ${displayName(typeof msg === 'string' ? msg : '')}${details.join('')}\n`,
      );
    },
  };
}

/** Names and messages may come from strangers: no control sequence of theirs reaches a terminal by way of us. */
function scrub(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, scrubValue(value)]));
}

function scrubValue(value: unknown): unknown {
  if (typeof value === 'string') return displayName(value);
  if (value instanceof Error) return displayName(`${value.name}: ${value.message}`);
  return value;
}
