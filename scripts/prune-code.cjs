'use strict';
/*
 * Clears compiled code away that no program has wanted for long: every build and every version of Node leaves its
 * own. Invariant: nothing is taken away but files, in a folder that is all ours, and whoever misses one compiles it
 * anew: so no other program has to be asked, of whichever version. Loaded only when code is kept, once a day.
 */
const fs = require('node:fs');
const path = require('node:path');

const dayMs = 86_400_000;
/** Code that is used is written again within three days; what Node itself keeps is compiled once a month. */
const keepDays = 30;
/** Some forty builds: whoever makes them every day has no use for those of last week. */
const maxBytes = 256 * 1024 * 1024;
const stampName = '.pruned';

/** Looks through the folder, unless that was done within a day: too old goes, and the oldest where it is too much. */
function pruneDaily(folder, nowMs = Date.now()) {
  const stamp = path.join(folder, stampName);
  const { mtimeMs = 0 } = fs.statSync(stamp, { throwIfNoEntry: false }) ?? {};
  // Times of files are finer than those of clocks here.
  if (nowMs >= Math.floor(mtimeMs) && nowMs < mtimeMs + dayMs) return;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(stamp, '');
  fs.utimesSync(stamp, nowMs / 1_000, nowMs / 1_000);
  const files = filesIn(folder).sort((one, other) => other.mtimeMs - one.mtimeMs);
  let bytes = 0;
  for (const { file, mtimeMs: writtenMs, size } of files) {
    bytes += size;
    if (file !== stamp && (bytes > maxBytes || writtenMs < nowMs - keepDays * dayMs))
      fs.rmSync(file, { force: true });
  }
}

/** All files at and below it, links not followed; what goes meanwhile is left out. */
function filesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(file);
    const stats = entry.isFile() ? fs.lstatSync(file, { throwIfNoEntry: false }) : undefined;
    return stats ? [{ file, mtimeMs: stats.mtimeMs, size: stats.size }] : [];
  });
}

module.exports = { pruneDaily, keepDays, maxBytes };
