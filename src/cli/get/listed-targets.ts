/**
 * Targets that a file, or whoever writes to standard input, lists a line each: as an argument would have them, or as
 * the JSON lines of `search`, `browse` and `list`, of which the id counts and the path is kept; a line that begins with
 * # is a comment. Invariant: what is read is bounded.
 */
import { createReadStream } from 'node:fs';
import { diskProblem } from '../../core/disk-problem.ts';
import { isId } from '../../core/ids.ts';
import { maxTargetListBytes } from '../../core/limits/cli.ts';
import type { VirtualPath } from '../../core/catalogue.ts';
import { formatSize } from '../../core/quantity.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { isValidVirtualPath } from '../../core/share/virtual-path.ts';
import type { CommandContext } from '../command.ts';

/** What is to be got. */
export interface AskedTarget {
  /** As an argument would have it. */
  readonly text: string;
  /** Where it lies in the share that it was listed of: its folders are made anew below the output folder. */
  readonly at?: VirtualPath;
}

/** What stands for standard input where a file is expected. */
export const standardInput = '-';

/** Reads a list as a whole. Problems: `limit`, and what the disk says. */
export async function readTargetList(
  file: string,
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<Result<string>> {
  const isStdin = file === standardInput;
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of isStdin ? stdin : createReadStream(file)) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      bytes += chunk.length;
      if (bytes > maxTargetListBytes)
        return fail('limit', `${nameOfList(file)}: a list may have ${formatSize(maxTargetListBytes)}`);
    }
    return ok(Buffer.concat(chunks).toString());
  } catch (error) {
    return { ok: false, problem: diskProblem(error, nameOfList(file)) };
  }
}

/**
 * What `command` is to get: its arguments, and then what the list names; nothing once it is to stop. Problems:
 * `bad-request` without either, `not-found` where the list is empty, those of `readTargetList`.
 */
export async function askedTargets(
  { output, ports, stop }: Pick<CommandContext, 'output' | 'ports' | 'stop'>,
  command: 'get' | 'add',
  args: readonly string[],
  list: string | undefined,
): Promise<Result<readonly AskedTarget[]>> {
  const named = args.map((text) => ({ text }));
  if (list === undefined)
    return named.length > 0
      ? ok(named)
      : fail('bad-request', `expected TARGET, got nothing; see shoal help ${command}`);
  const read = await Promise.race([ports.readTargetList(list), stop.requested.then(() => ok(''))]);
  if (!read.ok) return read;
  const listed = targetsOf(read.value);
  if (listed.passedOver > 0) output.note(passedOverLine(listed.passedOver, list));
  const targets = [...named, ...listed.targets];
  if (targets.length > 0 || stop.signal.aborted) return ok(targets);
  return fail('not-found', `${nameOfList(list)} names nothing to download`);
}

/** The targets of a list, without comments and empty lines, and how many lines of JSON were passed over as they have no id. */
export function targetsOf(list: string): {
  readonly targets: readonly AskedTarget[];
  readonly passedOver: number;
} {
  const targets: AskedTarget[] = [];
  let passedOver = 0;
  for (const raw of list.replace(/^\uFEFF/, '').split('\n')) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const object = objectIn(line);
    const target = object === undefined ? { text: line } : targetIn(object);
    if (target === undefined) passedOver++;
    else targets.push(target);
  }
  return { targets, passedOver };
}

/** For people. */
export const nameOfList = (file: string): string => (file === standardInput ? 'standard input' : file);

function passedOverLine(lines: number, list: string): string {
  return `Passed over ${lines} ${lines === 1 ? 'line' : 'lines'} of ${nameOfList(list)} without an id, such as those of folders.`;
}

/** The content of an object that has its id, at the path it says; a result of a search has name and folder instead. */
function targetIn({ id, path, folder, name }: Listed): AskedTarget | undefined {
  if (typeof id !== 'string' || !isId(id)) return undefined;
  const isPlaced = typeof folder === 'string' && folder.endsWith('/') && typeof name === 'string';
  const at = path ?? (isPlaced ? folder + name : undefined);
  return typeof at === 'string' && isValidVirtualPath(at) ? { text: id, at } : { text: id };
}

interface Listed {
  readonly id?: unknown;
  readonly path?: unknown;
  readonly folder?: unknown;
  readonly name?: unknown;
}

/** Of a line of JSON; a name may look like the beginning of one. */
function objectIn(line: string): Listed | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Listed;
  } catch {
    return undefined;
  }
}
