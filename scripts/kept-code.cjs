'use strict';
/*
 * Compiled code of scripts, kept from one run of a command to the next, for each thread that asks. It is written
 * when the thread ends, or when it has run for a while, because it then holds what was compiled when it was first
 * called. Invariant: what is given to V8 is whole, of exactly this script, and from a file that nobody else could
 * write, as V8 itself looks at its own version and flags alone. What cannot be read or written is done without.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { isMainThread, threadId } = require('node:worker_threads');

/** Each runs other parts of the scripts. What is none of them shares one folder. */
const commands = [
  ...[
    'peer',
    'tracker',
    'search',
    'get',
    'browse',
    'list',
    'hash',
    'peers',
    'attach',
    'status',
    'add',
    'queue',
    'limits',
    'stop',
  ],
  ...['block', 'unblock', 'blocked', 'demo', 'doctor', 'help'],
];

/** Flags of all commands that have a value after them, and those that end with what they print. */
const flagsWithValue = ['--home', '--name', '--tracker', '--log-level', '--log-file'];
const flagsAlone = ['--json'];
const lastFlags = ['--help', '--version'];

/** The folder of this command's code; threads have it of the one that started them. */
let folder = process.env.SHOAL_KEPT_CODE;
/** What is to be cleared of code that nobody wants any more, by the thread that the launcher runs on. */
let pruned;

/** Digest of 32 bytes, and how often the code has been made anew; in eights, as V8 copies what is not. */
const headBytes = 40;
const digestBytes = 32;
/** More is not code of ours. */
const maxBytes = 32 * 1024 * 1024;
/** Who runs on and on has done by then what a start takes. */
const keepAfterMs = 10_000;
/** Threads that are ended without a word have the most of it by then. */
const keepFirstMs = 250;
/** Made anew after a minute at first, for what the runs before did not call, and after twice as long each time. */
const firstRenewalMs = 60_000;
const maxRenewals = 12;

/** Scripts whose code is to be written, by file. */
const wanted = new Map();

/**
 * To be called once, by the launcher: chooses the folder, in Node's own cache of compiled code and where that is.
 * `isOurs`: no other program has its code in that cache.
 */
function keepCodeFor(args, isOurs = false) {
  const { NODE_COMPILE_CACHE: cache, NODE_DISABLE_COMPILE_CACHE: isDisabled } = process.env;
  delete process.env.SHOAL_KEPT_CODE;
  folder = undefined;
  if (!cache || isDisabled) return;
  pruned = isOurs ? cache : path.join(cache, 'joined');
  folder = path.join(cache, 'joined', `${process.version}-${process.arch}`, commandOf(args));
  process.env.SHOAL_KEPT_CODE = folder;
}

/** What runs: flags of one command before any command are of the one that needs no name. */
function commandOf(args) {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (!arg.startsWith('-')) return commands.includes(arg) ? arg : 'other';
    if (lastFlags.includes(arg)) return 'other';
    const [flag] = arg.split('=');
    if (flagsWithValue.includes(arg)) at++;
    else if (!flagsWithValue.includes(flag) && !flagsAlone.includes(arg)) break;
  }
  return args.some((arg) => lastFlags.includes(arg)) ? 'other' : 'peer';
}

/** The code kept of a script, if any; `use` takes the script that was made with it. */
function openCode(filename, source) {
  if (!folder) return { data: undefined, use: () => {} };
  const place = createHash('sha256').update(filename).digest('hex').slice(0, 16);
  const file = path.join(folder, `${path.basename(filename, '.js')}-${place}.code`);
  // The first line tells one build from another.
  const identity = `${source.length}\n${source.slice(0, source.indexOf('\n'))}`;
  const kept = read(file, identity);
  return {
    data: kept?.data,
    use(script) {
      const isTaken = kept !== undefined && !script.cachedDataRejected;
      if (isTaken && Date.now() - kept.madeMs < firstRenewalMs * 2 ** kept.renewals) return;
      const renewals = isTaken ? Math.min(kept.renewals + 1, maxRenewals) : 0;
      if (wanted.size === 0) schedule();
      wanted.set(file, { script, identity, renewals });
    },
  };
}

function digestOf(identity, bytes) {
  return createHash('sha256').update(identity).update(bytes.subarray(digestBytes)).digest();
}

function read(file, identity) {
  let fd;
  try {
    fd = fs.openSync(file, 'r');
    const { size, mtimeMs, mode, uid } = fs.fstatSync(fd);
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    if (!isOurs || size <= headBytes || size > maxBytes) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (fs.readSync(fd, bytes) !== size) return undefined;
    if (!digestOf(identity, bytes).equals(bytes.subarray(0, digestBytes))) return undefined;
    return { data: bytes.subarray(headBytes), renewals: bytes.readUInt32LE(digestBytes), madeMs: mtimeMs };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function schedule() {
  if (!isMainThread) setTimeout(keep, keepFirstMs).unref();
  setTimeout(keepAll, keepAfterMs).unref();
  // A run that failed has not called what others call.
  process.once('exit', (status) => status === 0 && keepAll());
}

function keep() {
  for (const [file, code] of wanted) write(file, code);
}

function keepAll() {
  keep();
  if (wanted.size > 0 && pruned !== undefined) prune();
  wanted.clear();
}

/** What was built anew leaves the code of an earlier build behind. */
function prune() {
  try {
    require('./prune-code.cjs').pruneDaily(pruned);
  } catch {
    // Who cannot clear away has more on the disk, and nothing else.
    return;
  }
}

/** Written aside, so that nobody reads half of it, whoever else writes. */
function write(file, { script, identity, renewals }) {
  const aside = `${file}.${process.pid}-${threadId}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = fs.openSync(aside, 'wx', 0o600);
    try {
      const bytes = Buffer.concat([Buffer.alloc(headBytes), script.createCachedData()]);
      bytes.writeUInt32LE(renewals, digestBytes);
      digestOf(identity, bytes).copy(bytes);
      fs.writeSync(fd, bytes);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(aside, file);
  } catch {
    discard(aside);
  }
}

/** Where nothing can be written, nothing can be looked for either. */
function discard(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    return;
  }
}

module.exports = { keepCodeFor, openCode, commands, flagsWithValue, flagsAlone, lastFlags };
