/** What the screen does with the user's files: complete their paths, open them, write new ones. */
import { spawn } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { maxNewFileTries, maxPathCompletions, openingWatchMs } from '../core/limits/cli.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { safeName } from '../core/safe-name.ts';

/**
 * Folders, or folders and files, that a path which is being written can go on with; folders end in a slash.
 * `~` at its start is `home`, and stays as it is written.
 */
export async function completePath(
  text: string,
  kind: 'folder' | 'any',
  places: { readonly home: string | undefined; readonly cwd: string },
): Promise<readonly string[]> {
  const cut = text.lastIndexOf('/') + 1;
  const [above, begun] = [text.slice(0, cut), text.slice(cut)];
  const folder = resolvePath(above, places);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = await Promise.all(
    entries
      .filter(({ name }) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')))
      .slice(0, maxPathCompletions)
      .map(async (entry) => {
        const isFolder = entry.isSymbolicLink()
          ? await leadsToFolder(path.join(folder, entry.name))
          : entry.isDirectory();
        if (isFolder) return [`${above}${entry.name}/`];
        return kind === 'any' ? [above + entry.name] : [];
      }),
  );
  return names.flat().toSorted();
}

/** A path as its user means it: `~` is the home, and a relative one starts where the program was started. */
export function resolvePath(
  text: string,
  places: { readonly home: string | undefined; readonly cwd: string },
): string {
  return path.resolve(places.cwd, expandHome(text, places.home));
}

/** `~` and `~/…` as a shell takes them. */
function expandHome(text: string, home: string | undefined): string {
  return home !== undefined && /^~(?=\/|$)/.test(text) ? home + text.slice(1) : text;
}

async function leadsToFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // No shell reads this: names of files come from strangers.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens a file or folder with what the system opens it with; settles when that has started, and has not failed
 * at once. Problems say where the file lies: there may be no desktop here.
 */
export function openPath(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<Result<void>> {
  const [command, ...args] = openers[platform] ?? ['xdg-open'];
  if (command === 'xdg-open' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'])
    return Promise.resolve(fail('io', `There is no desktop here to open it with; it lies at ${file}`));
  return new Promise((resolve) => {
    const child = spawn(command, [...args, file], { detached: true, stdio: 'ignore', env });
    const cannot = (why: string): void =>
      resolve(fail('io', `${command} cannot open it (${why}); it lies at ${file}`));
    child.once('error', (error) => cannot(error.message));
    child.once('exit', (code) => (code === 0 ? resolve(ok(undefined)) : cannot(`exit ${code}`)));
    child.once('spawn', () => {
      child.unref();
      setTimeout(() => resolve(ok(undefined)), openingWatchMs).unref();
    });
  });
}

/** Writes a text to a new file, never over another; gives its path. */
export async function writeNewFile(folder: string, name: string, text: string): Promise<Result<string>> {
  const { name: stem, ext } = path.parse(safeName(name));
  for (let copy = 1; copy <= maxNewFileTries; copy++) {
    const file = path.join(folder, copy === 1 ? `${stem}${ext}` : `${stem} (${copy})${ext}`);
    try {
      await writeFile(file, text, { flag: 'wx', mode: 0o600 });
      return ok(file);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) return { ok: false, problem: diskProblem(error, file) };
    }
  }
  return fail('io', `There are too many files called ${name} in ${folder}`);
}
