/**
 * How the values of flags are read. A reader throws commander's `InvalidArgumentError` with what was expected,
 * a phrase that the one place that reports usage mistakes completes with the flag and what was given.
 */
import { InvalidArgumentError } from 'commander';
import type { TrackerAddress } from '../core/engine/engine-api.ts';
import { parseDurationMs, parseRate, parseSize } from '../core/quantity.ts';
import type { Result } from '../core/result.ts';

export const expectedAddress = 'HOST:PORT, such as 127.0.0.1:5000 or [::1]:5000';
const maxPort = 65_535;

/** A whole number from `min` to `max`, in decimal digits. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };
}

/** A port to listen at; 0 takes a free one. */
export function portNumber(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= maxPort) return value;
  throw new InvalidArgumentError(`a port from 0 to ${maxPort}`);
}

export const size = reader(parseSize, 'a size such as 500, 10M or 1.5G');
export const rate = reader(parseRate, 'bytes per second, such as 500K or 5M');
export const durationMs = reader(parseDurationMs, 'a duration such as 30s or 5m');

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`one of ${words.join(', ')}`);
  };
}

export function yesOrNo(text: string): boolean {
  return oneOf(['yes', 'no'])(text) === 'yes';
}

/** A flag that may be given several times: collects what `read` makes of each. */
export function repeatable<T>(
  read: (text: string) => T,
): (text: string, earlier?: readonly T[]) => readonly T[] {
  return (text, earlier = []) => [...earlier, read(text)];
}

export function notEmpty(expected: string): (text: string) => string {
  return (text) => {
    if (text.trim() !== '' && !text.includes('\0')) return text;
    throw new InvalidArgumentError(expected);
  };
}

export const folder = notEmpty('a folder');

/** An address to listen at: a name or an IP address, IPv6 with or without brackets. */
export function host(text: string): string {
  const bare = /^\[([^\]]+)\]$/.exec(text)?.[1] ?? text;
  if (/^[\w.:%-]+$/.test(bare)) return bare;
  throw new InvalidArgumentError('a host name or address');
}

export function trackerAddress(text: string): TrackerAddress {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError(expectedAddress);
}

/** Reads `host:port` or `[v6]:port`, the port from 1 up; undefined for anything else. */
export function parseAddress(text: string): TrackerAddress | undefined {
  const { v6, name, port } =
    /^(?:\[(?<v6>[\da-f:.%\w]+)\]|(?<name>[\w.-]+)):(?<port>\d{1,5})$/i.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const number = Number(port);
  if (host === undefined || number < 1 || number > maxPort || (v6 !== undefined && !v6.includes(':')))
    return undefined;
  return { host, port: number };
}

function reader<T>(parse: (text: string) => Result<T>, expected: string): (text: string) => T {
  return (text) => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    throw new InvalidArgumentError(expected);
  };
}

/** What may be downloaded. */
export const targetHelp =
  'a content id, a shoal: link, a name that only one content has, PEER:/folder/ or PEER:/folder/file';

/** A list of targets. */
export const inputFile = notEmpty('a file, or - for standard input');

export const inputHelp =
  'get what this file lists too, a target a line, or lines of search --json and browse --json, whose folders are kept; # begins a comment; - reads standard input';

/** What `--sequential` means, for the help of every command that has it. */
export const sequentialHelp = 'from the front, for who looks on meanwhile; not the rarest pieces first';

/** What `--insecure` means, for the help of every command that has it. */
export const insecureHelp =
  'no encryption between peers, both must say so; nobody can prove who they are then (pieces are verified all the same)';
