/**
 * An engine in a process of its own, driven by its parent: configuration as the only argument, commands as messages,
 * events as messages. For what the command line does not offer, such as limits within a private network.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type {
  DownloadView,
  EngineClient,
  EngineCommand,
  EngineConfig,
  EngineEvent,
} from '../../src/core/engine/engine-api.ts';
import type { SearchResult } from '../../src/core/catalogue.ts';
import type { Result } from '../../src/core/result.ts';
import { until } from './until.ts';
import type { Scene } from './scene.ts';

const self = import.meta.filename;
const built = path.join(import.meta.dirname, '../../dist/engine/launch-engine.js');

export class EngineProcess {
  readonly child: ChildProcess;
  readonly downloads = new Map<number, DownloadView>();
  readonly #config: EngineConfig;
  /** As the tracker last had it. */
  #files: number | undefined;
  #accepted = 0;
  #lastRequest = 0;
  #found: Result<readonly SearchResult[]> | undefined;

  constructor(scene: Scene, config: EngineConfig) {
    this.#config = config;
    this.child = scene.keep(
      fork(self, [JSON.stringify(config)], { execArgv: ['--disable-warning=ExperimentalWarning'] }),
    );
    this.child.on('message', (event: EngineEvent) => this.#hear(event));
  }

  /** Waits until so many files are shared and known to the tracker. */
  async shares(files: number): Promise<void> {
    await until(`${this.#config.name} shares ${files} files`, () => this.#files === files);
  }

  send(command: EngineCommand): void {
    this.child.send(command);
  }

  /** Tells it to download; the download is seen in `downloads`. */
  async download(
    command: Omit<Extract<EngineCommand, { type: 'download' }>, 'type' | 'requestId'>,
  ): Promise<void> {
    const asked = (this.#lastRequest += 1);
    this.send({ type: 'download', requestId: asked, ...command });
    await until('a download is taken', () => this.#accepted >= asked);
  }

  /** The one content that has this name, as the tracker knows it. */
  async find(name: string): Promise<SearchResult | undefined> {
    this.#found = undefined;
    this.send({ type: 'find-name', requestId: 0, name });
    await until(`an answer about ${name}`, () => this.#found !== undefined);
    const found = this.#found as Result<readonly SearchResult[]> | undefined;
    return found?.ok ? found.value[0] : undefined;
  }

  /** Waits until so many downloads are done; throws when one fails. */
  async finished(downloads: number): Promise<void> {
    await until(`${downloads} downloads are done`, () => this.done >= downloads);
  }

  get done(): number {
    const views = [...this.downloads.values()];
    const failed = views.find(({ state }) => state === 'failed');
    if (failed) throw new Error(`${failed.name} failed: ${failed.problem?.message ?? ''}`);
    return views.filter(({ state }) => state === 'done').length;
  }

  #hear(event: EngineEvent): void {
    if (event.type === 'registered') this.#files = event.files;
    if (event.type === 'download') this.downloads.set(event.download.transfer, event.download);
    if (event.type === 'answer-find-name') this.#found = event.answer;
    if (event.type === 'answer-download') {
      if (!event.answer.ok) throw new Error(event.answer.problem.message);
      this.#accepted += 1;
    }
  }
}

if (process.argv[1] === self) {
  const { launchEngine } = (await import(built)) as { launchEngine: (config: EngineConfig) => EngineClient };
  const client = launchEngine(JSON.parse(process.argv[2] ?? '') as EngineConfig);
  const told = new Set<EngineEvent['type']>([
    'registered',
    'download',
    'answer-download',
    'answer-find-name',
  ]);
  client.subscribe((event) => void (told.has(event.type) && process.send?.(event)));
  process.on('message', (command: EngineCommand) => client.send(command));
  process.on('disconnect', () => process.exit());
}
