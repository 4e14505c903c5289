'use strict';
/*
 * Where builds lie. Each is made in a folder of its own, beside those that programs may be running from, which load
 * more of it when they start a thread; `dist` is a link to the one that is started next. Invariant: `dist` leads to a
 * whole build, before and after, and a build stays until two others have been made. Plain old JavaScript, like the
 * set-up that calls it.
 */
const fs = require('node:fs');
const path = require('node:path');

/** Used in turn, so that what is kept elsewhere by their paths does not grow with every build. */
const names = ['.dist-1', '.dist-2', '.dist-3'];

/** When it was complete; one that never was goes first. */
const timeOf = (folder) => {
  try {
    return fs.statSync(path.join(folder, '.built-from')).mtimeMs;
  } catch {
    return 0;
  }
};

/** An empty folder for the next build: in place of the oldest, but never of the one that is started now. */
function nextFolder(root) {
  const dist = path.join(root, 'dist');
  const current = fs.existsSync(dist) ? fs.realpathSync(dist) : undefined;
  const [oldest] = names
    .map((name) => path.join(root, name))
    .filter((folder) => !fs.existsSync(folder) || fs.realpathSync(folder) !== current)
    .sort((one, other) => timeOf(one) - timeOf(other));
  fs.rmSync(oldest, { recursive: true, force: true });
  fs.mkdirSync(oldest);
  return oldest;
}

/** Lets `dist` lead to a build that is complete. */
function startFrom(root, folder) {
  const dist = path.join(root, 'dist');
  const link = path.join(root, '.dist-next');
  fs.rmSync(link, { recursive: true, force: true });
  const isWindows = process.platform === 'win32';
  fs.symlinkSync(isWindows ? folder : path.basename(folder), link, isWindows ? 'junction' : 'dir');
  const there = fs.lstatSync(dist, { throwIfNoEntry: false });
  // Neither a folder nor, on Windows, a link can be replaced in one step.
  if (there && (isWindows || there.isDirectory())) fs.rmSync(dist, { recursive: true, force: true });
  fs.renameSync(link, dist);
}

/** Makes `dist` a folder instead of a link, as a package has to hold it. */
function withoutLink(root) {
  const dist = path.join(root, 'dist');
  if (!fs.lstatSync(dist).isSymbolicLink()) return;
  const folder = fs.realpathSync(dist);
  fs.unlinkSync(dist);
  fs.renameSync(folder, dist);
}

module.exports = { nextFolder, startFrom, withoutLink };
