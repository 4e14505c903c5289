'use strict';
/*
 * Brings a clone to the point where the program can run: the packages (the pinned Node runtime among
 * them) installed as the lock file says, and src/ built to dist/. When nothing has changed since the last
 * time it does nothing, in a few milliseconds. Programs that run meanwhile keep the build they run from. With
 * `--package` dist/ becomes a folder that can be packed. Plain old JavaScript: it runs before any of that exists.
 */
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { nextFolder, startFrom, withoutLink } = require('./built-folders.cjs');

const root = path.join(__dirname, '..');
const at = (...parts) => path.join(root, ...parts);
const packagesStamp = at('node_modules', '.shoal-packages');
const buildStamp = at('dist', '.built-from');
const lockFolder = at('.setup-lock');

/** What the installed packages depend on: the lock file and the platform they are for. */
function packagesKey() {
  const lock = fs.readFileSync(at('package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

/** What the build depends on: names, sizes and times of everything in src/, and how it is compiled and joined. */
function buildKey() {
  const hash = createHash('sha256');
  const how = ['bundle.cjs', 'load.cjs', 'kept-code.cjs', 'prune-code.cjs'].map((file) =>
    at('scripts', file),
  );
  // The packages of every start are a part of what is built.
  for (const file of [at('tsconfig.json'), at('package-lock.json'), ...how])
    hash.update(fs.readFileSync(file));
  const walk = (folder) => {
    for (const entry of fs
      .readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else {
        const { size, mtimeMs } = fs.statSync(file);
        hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
      }
    }
  };
  walk(at('src'));
  return hash.digest('hex');
}

const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
const packagesCurrent = () => read(packagesStamp) === packagesKey();
const buildCurrent = () => read(buildStamp) === buildKey();

function run(what, command, args) {
  process.stderr.write(`shoal: ${what}\n`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    // What a step prints is for people; standard output stays the program's own.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(`shoal: ${what}: failed${error ? ` (${error.message})` : ''}\n`);
  process.stderr.write(`       The command was: ${command} ${args.join(' ')}\n`);
  release();
  process.exit(1);
}

/** One file for each thread, which starts several times as fast. */
function joinModules(folder) {
  try {
    require('./bundle.cjs').bundle(folder);
  } catch (error) {
    process.stderr.write(`shoal: building: failed (${error.message})\n`);
    release();
    process.exit(1);
  }
}

/** One set-up at a time per clone: a second start waits for the first instead of tearing its work down. */
function acquire() {
  for (;;) {
    try {
      fs.mkdirSync(lockFolder);
      fs.writeFileSync(path.join(lockFolder, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (ownerGone()) {
      fs.rmSync(lockFolder, { recursive: true, force: true });
      continue;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function ownerGone() {
  const pid = Number(read(path.join(lockFolder, 'pid')));
  try {
    // A lock whose owner has not written its number yet is given a moment.
    if (!pid) return Date.now() - fs.statSync(lockFolder).mtimeMs > 5000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH' || error.code === 'ENOENT';
  }
}

const release = () => fs.rmSync(lockFolder, { recursive: true, force: true });

if (!packagesCurrent() || !buildCurrent()) {
  acquire();
  if (!packagesCurrent()) {
    // No package may run a script of its own: nothing is compiled or fetched behind the lock file's back.
    // Not `npm ci`: it insists on a lock entry for each platform's build of a package, which npm can only
    // write where the registry has all of them. What the lock names is installed from it, and it is not changed.
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('installing packages (first start only)', 'npm', ['install', ...quiet]);
    fs.writeFileSync(packagesStamp, packagesKey());
  }
  if (!buildCurrent()) {
    const key = buildKey();
    const folder = nextFolder(root);
    const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
    run('building', process.execPath, [tsc, '-p', at('tsconfig.json'), '--outDir', folder]);
    joinModules(folder);
    fs.writeFileSync(path.join(folder, '.built-from'), key);
    startFrom(root, folder);
  }
  release();
}
// Required by the launcher it has nothing to do with the program's arguments.
if (require.main === module && process.argv.includes('--package')) withoutLink(root);
