/**
 * What holds for every command: who we are, where our things lie, which trackers we ask and how we report.
 * Flags win over the environment, the environment over defaults.
 */
import path from 'node:path';
import type { LogLevel, TrackerAddress } from '../../core/engine/engine-api.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { safeName } from '../../core/safe-name.ts';
import { expectedAddress, parseAddress } from '../flag-values.ts';
import type { CliPorts } from './ports.ts';

/** The flags every command takes, as commander reads them. */
export interface GlobalFlags {
  readonly home?: string;
  readonly tracker?: readonly TrackerAddress[];
  readonly json?: boolean;
  readonly name?: string;
  readonly logLevel?: LogLevel;
  readonly logFile?: string;
}

export interface Settings {
  readonly name: string;
  readonly home: string;
  /** Whether `home` was chosen rather than derived from the name. */
  readonly homeGiven: boolean;
  readonly nameGiven: boolean;
  readonly trackers: readonly TrackerAddress[];
  /** Whether trackers were named, by flag or environment. */
  readonly trackersGiven: boolean;
  readonly json: boolean;
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
  /** Whether a log level or file was chosen. */
  readonly logGiven: boolean;
}

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export const defaultTracker: TrackerAddress = { host: '127.0.0.1', port: 5000 };
/** What a name is made of; the tracker refuses others. */
const namePattern = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._ -]{0,30}[\p{L}\p{N}\p{M}_-])?$/u;
const expectedName =
  'a name of 1 to 32 letters, digits, dots, dashes, underscores and spaces, with a letter or digit first';

/** Completes flags from the environment and the platform; `bad-request` names what is wrong with either. */
export function settingsOf(flags: GlobalFlags, ports: CliPorts): Result<Settings> {
  const name = (flags.name ?? defaultName(ports)).normalize('NFC');
  if (!namePattern.test(name))
    return fail('bad-request', `--name: expected ${expectedName}, got ${JSON.stringify(name)}`);
  const trackers = flags.tracker === undefined ? trackersOf(ports.env['SHOAL_TRACKER']) : ok(flags.tracker);
  if (!trackers.ok) return trackers;
  const home = flags.home ?? nonEmpty(ports.env['SHOAL_HOME']);
  return ok({
    name,
    home: home === undefined ? path.join(ports.dataDir, name) : path.resolve(ports.cwd, home),
    homeGiven: home !== undefined,
    nameGiven: flags.name !== undefined,
    trackers: distinct(trackers.value),
    trackersGiven: flags.tracker !== undefined || nonEmpty(ports.env['SHOAL_TRACKER']) !== undefined,
    json: flags.json ?? false,
    log: {
      level: flags.logLevel ?? 'warn',
      file: flags.logFile === undefined ? undefined : path.resolve(ports.cwd, flags.logFile),
    },
    logGiven: flags.logLevel !== undefined || flags.logFile !== undefined,
  });
}

function trackersOf(text = ''): Result<readonly TrackerAddress[]> {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return ok([defaultTracker]);
  const addresses: TrackerAddress[] = [];
  for (const word of words) {
    const address = parseAddress(word);
    if (address === undefined)
      return fail('bad-request', `SHOAL_TRACKER: expected ${expectedAddress}, got ${JSON.stringify(word)}`);
    addresses.push(address);
  }
  return ok(addresses);
}

function distinct(trackers: readonly TrackerAddress[]): readonly TrackerAddress[] {
  return [...new Map(trackers.map((tracker) => [`${tracker.host} ${tracker.port}`, tracker])).values()];
}

/** The login name with what a name may not hold left out; `peer` where nothing remains. */
function defaultName({ userName, env }: CliPorts): string {
  const login = nonEmpty(userName) ?? nonEmpty(env['USER']) ?? nonEmpty(env['USERNAME']) ?? '';
  const name = safeName(login)
    .replace(/[^\p{L}\p{N}\p{M}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 32)
    .replace(/[^\p{L}\p{N}]+$/u, '');
  return login === '' || name === '' ? 'peer' : name;
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
