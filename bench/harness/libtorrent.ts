/** libtorrent by way of its Python binding: torrents of one version only, a seed, a leech. */
import { spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { freePort } from './free-port.ts';
import { started, timed, type Finished } from './processes.ts';
import type { Scene } from './scene.ts';

const script = path.join(import.meta.dirname, 'torrent.py');

/** The Python that has the binding; undefined when none has. */
export function findPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import libtorrent'], { stdio: 'ignore' }).status === 0,
  );
}

export type TorrentVersion = 1 | 2;

export class Libtorrent {
  readonly #python: string;
  readonly #scene: Scene;
  readonly #torrent: string;

  /** A torrent of a file or folder. */
  constructor(python: string, scene: Scene, content: string, version: TorrentVersion) {
    this.#python = python;
    this.#scene = scene;
    this.#torrent = scene.path(`v${version}.torrent`);
    const { status, stderr } = spawnSync(python, [script, 'make', this.#torrent, content, String(version)]);
    if (status !== 0) throw new Error(`making a torrent failed: ${String(stderr)}`);
  }

  /** Seeds what is in a folder. `rate` in bytes a second; 0: unlimited. */
  async seed(folder: string, rate = 0): Promise<{ readonly child: ChildProcess; readonly address: string }> {
    const port = await freePort();
    const args = [script, 'seed', this.#torrent, folder, String(port), String(rate)];
    const { child } = await started(this.#python, args, ({ event }) => event === 'ready');
    return { child: this.#scene.keep(child), address: `127.0.0.1:${port}` };
  }

  async leech(outDir: string, addresses: readonly string[]): Promise<Finished> {
    const port = await freePort();
    return timed(this.#python, [script, 'leech', this.#torrent, outDir, String(port), ...addresses]);
  }

  /** Several at once, that find one another by address. */
  async leechTogether(outDirs: readonly string[], seed: string): Promise<Finished> {
    const ports = await Promise.all(outDirs.map(() => freePort()));
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const all = await Promise.all(
      outDirs.map((outDir, at) => {
        const others = addresses.filter((_, other) => other !== at);
        return timed(this.#python, [
          script,
          'share',
          this.#torrent,
          outDir,
          String(ports[at]),
          seed,
          ...others,
        ]);
      }),
    );
    return {
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
      cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)),
      output: '',
    };
  }
}
