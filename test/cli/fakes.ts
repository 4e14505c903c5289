/** Scripted stand-ins for what the command line needs of the world. */
import { Writable } from 'node:stream';
import type { CliPorts, StopSignal } from '../../src/cli/peer/ports.ts';
import { runCli } from '../../src/cli/cli.ts';
import type {
  EngineClient,
  EngineCommand,
  EngineConfig,
  EngineEvent,
} from '../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../src/core/ids.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import { defaultConfig } from '../../src/profile/config.ts';
import type { TrackerClient, TrackerConfig, TrackerEndpoint } from '../../src/core/tracker/tracker-api.ts';

export const contentId = (seed: number): ContentId => encodeId(new Uint8Array(32).fill(seed)) as ContentId;
export const peerId = (seed: number): PeerId => encodeId(new Uint8Array(32).fill(seed)) as PeerId;

/** A stream that keeps what is written, with the extras of a terminal. */
export class FakeStream extends Writable {
  text = '';
  isTTY = false;
  columns = 80;
  rows = 24;
  /** Whether the reader is gone. */
  broken = false;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.broken) done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    else {
      this.text += chunk.toString();
      done();
    }
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

type Answer = (command: EngineCommand, engine: FakeEngine) => void;

/** An engine that records what it is sent and answers by a script. */
export class FakeEngine implements EngineClient {
  readonly config: EngineConfig;
  readonly sent: EngineCommand[] = [];
  readonly ended: Promise<number>;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #answer: Answer;
  readonly #end: (code: number) => void;

  constructor(config: EngineConfig, answer: Answer) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.config = config;
    this.ended = promise;
    this.#end = resolve;
    this.#answer = answer;
  }

  send(command: EngineCommand): void {
    this.sent.push(command);
    if (command.type === 'stop') this.end(0);
    else queueMicrotask(() => this.#answer(command, this));
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(...events: readonly EngineEvent[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }

  end(code: number): void {
    this.#end(code);
  }
}

export class FakeTracker implements TrackerClient {
  readonly config: TrackerConfig;
  readonly ready: Promise<Result<TrackerEndpoint>>;
  readonly ended: Promise<number>;
  stops = 0;
  reloads = 0;
  readonly end: (code: number) => void;

  constructor(config: TrackerConfig) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.config = config;
    this.ended = promise;
    this.end = resolve;
    this.ready = Promise.resolve(
      ok({
        host: config.host,
        port: config.port || 4242,
        id: peerId(9),
        ...(config.admin?.port === undefined ? {} : { admin: config.admin.port || 4343 }),
      }),
    );
  }

  reload(): void {
    this.reloads += 1;
  }

  stop(): Promise<void> {
    this.stops += 1;
    this.end(0);
    return Promise.resolve();
  }
}

export interface Scene {
  readonly argv: readonly string[];
  readonly answer?: Answer;
  /** Called with each engine right after its launch. */
  readonly launched?: (engine: FakeEngine) => void;
  readonly ports?: Partial<CliPorts>;
  readonly tty?: boolean;
  readonly columns?: number;
  /** Runs something else than the whole command line. */
  readonly run?: (ports: CliPorts) => Promise<number>;
}

export interface Played {
  readonly code: number;
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly engines: readonly FakeEngine[];
  readonly trackers: readonly FakeTracker[];
  /** Stdout as JSON lines; fails the test where a line is none. */
  readonly events: readonly Record<string, unknown>[];
}

export interface Playing extends Omit<Played, 'code' | 'events'> {
  readonly finished: Promise<Played>;
  signal(name: StopSignal): void;
}

/** Starts the command line in a made-up world. */
export function start(scene: Scene): Playing {
  const { argv, answer = () => undefined, launched, ports, tty = false, columns = 80 } = scene;
  const { run = (world: CliPorts) => runCli(argv, world) } = scene;
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  stdout.isTTY = stderr.isTTY = tty;
  stdout.columns = columns;
  const engines: FakeEngine[] = [];
  const trackers: FakeTracker[] = [];
  const listeners = new Set<(signal: StopSignal) => void>();
  const world: CliPorts = {
    stdout,
    stderr,
    stdin: { isTTY: tty },
    env: {},
    cwd: '/nowhere',
    version: '1.2.3',
    runtime: { version: '26.10.0', pinned: '26.10.0' },
    userName: 'Zoé Doe',
    dataDir: '/nowhere/data',
    sharedFilesDir: '/nowhere/shared_files',
    tempDir: '/nowhere/tmp',
    now: () => 0,
    launchEngine(config) {
      const engine = new FakeEngine(config, answer);
      engines.push(engine);
      if (launched) queueMicrotask(() => launched(engine));
      return engine;
    },
    askTracker: () => Promise.resolve(fail('unreachable', 'No tracker runs here')),
    showTrackerStats: () => Promise.resolve(),
    launchTracker(config) {
      const tracker = new FakeTracker(config);
      trackers.push(tracker);
      return tracker;
    },
    connectEngine: () => Promise.resolve(fail('unreachable', 'No peer of this profile runs')),
    haltEngine: () => Promise.resolve(fail('unreachable', 'No peer of this profile runs')),
    startInBackground: () => Promise.resolve(fail('internal', 'Nothing can be started here')),
    tellStarter: () => undefined,
    loadConfig: () => Promise.resolve(ok(defaultConfig)),
    changeConfig: () => Promise.resolve(ok(undefined)),
    runTui: undefined,
    wait: () => Promise.resolve(),
    hashFiles: () => Promise.resolve(),
    readTargetList: () => Promise.resolve(ok('')),
    readShareIndex: () => Promise.resolve(ok([])),
    measureHashing: () => Promise.resolve({ implementation: 'fake', native: true, bytesPerSecond: 1e9 }),
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...ports,
  };
  const finished = run(world).then((code) => ({
    code,
    stdout,
    stderr,
    engines,
    trackers,
    get events() {
      return stdout.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  }));
  return {
    stdout,
    stderr,
    engines,
    trackers,
    finished,
    signal: (name) => listeners.forEach((listener) => listener(name)),
  };
}

export const play = (scene: Scene): Promise<Played> => start(scene).finished;

/** Waits until something holds, looking each time the event loop turns; fails in the end. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const unreachable = fail('unreachable', 'the tracker does not answer');
