/**
 * What a profile remembers of how its user likes things: `<home>/config.json`, made to be read and written by
 * people as well. Invariant: what is loaded fits the schema, a file that does not is left as it is and named with
 * what was expected and what came, and what is saved is there as a whole or not at all.
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { maxConfigBytes, maxConfigHistory, maxConfigTextLength } from '../core/limits/profile.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';

export interface ProfileConfig {
  readonly ui: UiConfig;
  /** Keys of the screen instead of the default ones, by action; none turns it off. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly limits: LimitsConfig;
  /** What was entered before, by field; newest last. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  /** What screens keep between runs, such as saved searches: any JSON. */
  readonly kept: Readonly<Record<string, unknown>>;
}

export interface LimitsConfig {
  /** Whether limits on speed do not hold in private networks. Undefined: as it was set last. */
  readonly lanExempt: boolean | undefined;
}

export interface UiConfig {
  /** Undefined: chosen from the environment. */
  readonly theme: (typeof themes)[number] | undefined;
  readonly glyphs: (typeof glyphSets)[number];
  readonly mouse: boolean;
  readonly notify: boolean;
  readonly bell: boolean;
  readonly title: boolean;
  readonly fullRepaint: boolean;
}

const themes = ['dark', 'light', 'high-contrast', 'mono'] as const;
const glyphSets = ['auto', 'unicode', 'ascii'] as const;

export const defaultConfig: ProfileConfig = {
  ui: {
    theme: undefined,
    glyphs: 'auto',
    mouse: false,
    notify: false,
    bell: false,
    title: true,
    fullRepaint: false,
  },
  keys: {},
  limits: { lanExempt: undefined },
  history: {},
  kept: {},
};

/** The file of a profile. */
export function configFile(home: string): string {
  return path.join(home, 'config.json');
}

/** The profile's configuration, defaults where it says nothing. Problems: `bad-request`, or those of the disk. */
export async function loadConfig(home: string): Promise<Result<ProfileConfig>> {
  const file = configFile(home);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return hasCode(error, 'ENOENT') ? ok(defaultConfig) : { ok: false, problem: diskProblem(error, file) };
  }
  return parseConfig(file, text);
}

function parseConfig(file: string, text: string): Result<ProfileConfig> {
  try {
    return ok(readConfig(JSON.parse(text)));
  } catch (error) {
    const why = error instanceof Unfit ? error.message : `expected JSON, ${(error as Error).message}`;
    return fail('bad-request', `${file}: ${why}`);
  }
}

let lastChange: Promise<unknown> = Promise.resolve();

/** Writes what `change` makes of the configuration. A file that does not fit is not overwritten. */
export function changeConfig(
  home: string,
  change: (config: ProfileConfig) => ProfileConfig,
): Promise<Result<void>> {
  // One after the other: each starts from what the one before has written.
  const done = lastChange.then(() => write(home, change));
  lastChange = done.catch(() => undefined);
  return done;
}

async function write(home: string, change: (config: ProfileConfig) => ProfileConfig): Promise<Result<void>> {
  const before = await loadConfig(home);
  if (!before.ok) return before;
  const text = `${JSON.stringify(change(before.value), undefined, 2)}\n`;
  if (Buffer.byteLength(text) > maxConfigBytes)
    return fail('limit', `${configFile(home)} would be longer than ${maxConfigBytes} bytes`);
  // What would not be read again is not written: it could not be mended from here.
  const again = parseConfig(configFile(home), text);
  if (!again.ok) return again;
  const problem = await replaceFile(await realFile(configFile(home)), text);
  return problem === undefined ? ok(undefined) : { ok: false, problem };
}

/** Where a file lies that may be a link, as who keeps settings elsewhere has made it. */
async function realFile(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

async function replaceFile(file: string, text: string): Promise<Problem | undefined> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return undefined;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return diskProblem(error, file);
  }
}

/** What is wrong with a configuration, by its place in it. */
class Unfit extends Error {}

function readConfig(value: unknown): ProfileConfig {
  const { ui, keys, limits, history, kept } = section('', value, ['ui', 'keys', 'limits', 'history', 'kept']);
  return {
    ui: readUi(ui),
    keys: texts('keys', keys),
    limits: readLimits(limits),
    history: texts('history', history),
    kept: { ...section('kept', kept) },
  };
}

function readUi(value: unknown): UiConfig {
  const fields = section('ui', value, Object.keys(defaultConfig.ui));
  const flag = (name: 'mouse' | 'notify' | 'bell' | 'title' | 'fullRepaint'): boolean => {
    const given = fields[name] ?? defaultConfig.ui[name];
    return typeof given === 'boolean' ? given : unfit(`ui.${name}`, 'true or false', given);
  };
  return {
    theme: fields['theme'] === undefined ? undefined : word('ui.theme', themes, fields['theme']),
    glyphs: word('ui.glyphs', glyphSets, fields['glyphs'] ?? defaultConfig.ui.glyphs),
    mouse: flag('mouse'),
    notify: flag('notify'),
    bell: flag('bell'),
    title: flag('title'),
    fullRepaint: flag('fullRepaint'),
  };
}

function readLimits(value: unknown): LimitsConfig {
  const { lanExempt } = section('limits', value, Object.keys(defaultConfig.limits));
  if (lanExempt === undefined || typeof lanExempt === 'boolean') return { lanExempt };
  return unfit('limits.lanExempt', 'true or false', lanExempt);
}

/** An object, none where it is missing, with no other names than these. */
function section(
  place: string,
  value: unknown,
  names?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return unfit(place === '' ? 'the file' : place, 'an object in braces', value);
  const stranger = names && Object.keys(value).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const at = place === '' ? '' : `${place}.`;
    throw new Unfit(`${at}${stranger}: there is no such setting; there are ${(names ?? []).join(', ')}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function texts(place: string, value: unknown): Readonly<Record<string, readonly string[]>> {
  const isText = (text: unknown): text is string =>
    typeof text === 'string' && text.length <= maxConfigTextLength;
  return Object.fromEntries(
    Object.entries(section(place, value)).map(([name, list]) =>
      Array.isArray(list) && list.every(isText)
        ? [name, list.slice(-maxConfigHistory)]
        : unfit(`${place}.${name}`, 'a list of texts', list),
    ),
  );
}

function word<const Word extends string>(place: string, words: readonly Word[], value: unknown): Word {
  const found = words.find((one) => one === value);
  return found ?? unfit(place, `one of ${words.join(', ')}`, value);
}

function unfit(place: string, expected: string, got: unknown): never {
  throw new Unfit(`${place}: expected ${expected}, got ${JSON.stringify(got)?.slice(0, 80)}`);
}
