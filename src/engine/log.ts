/**
 * The log of a thread: pino, as JSON lines to a file, or as plain lines to standard error. What comes from
 * remotes is made harmless to terminals here, whatever is logged.
 */
import { createRequire } from 'node:module';
import type * as Pino from 'pino';
import type { DestinationStream, Level, LogFn } from 'pino';
import type { LogLevel, LogLine } from '../core/engine/engine-api.ts';
import { displayName } from '../core/safe-name.ts';
import { openLogFile } from './log-file.ts';

/** A function for each level, as pino has them. */
export type Logger = Readonly<Record<Level, LogFn>>;

export interface LogOptions {
  readonly level: LogLevel;
  /** Undefined logs to standard error. */
  readonly file: string | undefined;
}

/**
 * Makes the log of the thread called `thread`. Lines are written at once, so that a crash loses none. `onLine`
 * gets those that people may want to see, from `info` upwards, whatever the level. Pino is loaded for the first
 * line that is wanted: of most commands there is none.
 */
export function createLog(
  thread: string,
  { level, file }: LogOptions,
  onLine?: (line: LogLine) => void,
): Logger {
  const streams: LevelStream[] = [];
  if (level !== 'silent')
    streams.push({ level, stream: file === undefined ? plainLines(process.stderr) : openLogFile(file) });
  if (onLine !== undefined) streams.push({ level: 'info', stream: logLines(onLine) });
  const lowest = streams.reduce((least, stream) => Math.min(least, levels[stream.level]), Infinity);
  let made: Pino.Logger | undefined;
  const make = (): Pino.Logger => {
    const { multistream, pino } = createRequire(import.meta.url)('pino') as typeof Pino;
    return pino(
      { level: levelNames.get(lowest) ?? 'silent', base: { thread }, formatters: { log: scrub } },
      multistream(streams),
    );
  };
  const logger = (level: Level): LogFn => {
    if (levels[level] < lowest) return () => undefined;
    return (...line: unknown[]) => {
      made ??= make();
      (made[level] as (...line: unknown[]) => void)(...line);
    };
  };
  return {
    fatal: logger('fatal'),
    error: logger('error'),
    warn: logger('warn'),
    info: logger('info'),
    debug: logger('debug'),
    trace: logger('trace'),
  };
}

interface LevelStream {
  readonly level: Level;
  readonly stream: DestinationStream;
}

/** As pino writes them. */
const levels = { fatal: 60, error: 50, warn: 40, info: 30, debug: 20, trace: 10 } as const;
const levelNames = new Map(Object.entries(levels).map(([level, value]) => [value as number, level]));

/** Marks a line that the command line prints in its own way: it is not for standard error. */
export const toldElsewhere = 'told';

/** Formats each JSON line for people: `12:00:01 warn engine: message key=value`. */
function plainLines(stream: NodeJS.WritableStream): DestinationStream {
  return {
    write(line) {
      const { level, time, thread, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      if (rest[toldElsewhere] === true) return;
      const clock = new Date(Number(time)).toISOString().slice(11, 19);
      const label = levelNames.get(Number(level)) ?? String(level);
      stream.write(`${clock} ${label} ${String(thread)}: ${textOf(msg, rest)}\n`);
    },
  };
}

/** Each line as clients are shown it; what it is about says where it comes from. */
function logLines(onLine: (line: LogLine) => void): DestinationStream {
  return {
    write(line) {
      const {
        level,
        time,
        thread,
        msg,
        source,
        path,
        [toldElsewhere]: _,
        ...rest
      } = JSON.parse(line) as Record<string, unknown>;
      onLine({
        atMs: Number(time),
        level: lineLevel(Number(level)),
        source: [source, path, thread].find((word) => typeof word === 'string') ?? '',
        text: textOf(msg, rest),
      });
    },
  };
}

function lineLevel(value: number): LogLine['level'] {
  if (value >= levels.error) return 'error';
  if (value >= levels.warn) return 'warn';
  return value >= levels.info ? 'info' : 'debug';
}

function textOf(message: unknown, details: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(details).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${displayName(typeof message === 'string' ? message : '')}${told.join('')}`;
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
