/**
 * A real Redis Cluster for tests: servers on free loopback ports in a temporary folder, with what can befall them.
 * Invariant: all of its processes end with `stop`, and with the test process at the latest.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Result } from '../../src/core/result.ts';
import { isFree } from './free-port.ts';
import { until } from './poll.ts';

const run = promisify(execFile);
const busPortOffset = 10_000;
const lastFreePort = 28_000;
const nodeTimeoutMs = { short: 1_000, long: 15_000 };

export interface RedisServer {
  readonly port: number;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it anew if it was killed: empty, knowing nothing but its cluster. */
  start(): Promise<void>;
  cli(...args: readonly string[]): Promise<string>;
}

export class RedisTestCluster {
  readonly servers: readonly RedisServer[];
  readonly #folder: string;

  private constructor(folder: string, servers: readonly RedisServer[]) {
    this.#folder = folder;
    this.servers = servers;
  }

  static async start(primaries = 3, replicas = 1): Promise<RedisTestCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-redis-'));
    const count = primaries * (1 + replicas);
    const ports = await freePorts(count);
    const servers = await Promise.all(ports.map((port) => startServer(join(folder, String(port)), port)));
    const cluster = new RedisTestCluster(folder, servers);
    try {
      const addresses = ports.map((port) => `127.0.0.1:${port}`);
      const create = [
        '--cluster',
        'create',
        ...addresses,
        '--cluster-replicas',
        String(replicas),
        '--cluster-yes',
      ];
      await run('redis-cli', create);
      await until('the cluster is ready', async () =>
        (await cluster.#states()).every((state) => state === 'ok'),
      );
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** A URL for a catalogue of its own; `options` as in redis-open.ts. */
  url(catalogue: string, options = ''): string {
    const seeds = this.servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `redis://${seeds}/?catalogue=${catalogue}${options}`;
  }

  /**
   * Has a server that is silent taken for gone sooner or later: soon only where it is gone and another is to take its
   * place, since a busy machine may hold up any of them.
   */
  async setPatience(patience: keyof typeof nodeTimeoutMs): Promise<void> {
    const config = ['config', 'set', 'cluster-node-timeout', String(nodeTimeoutMs[patience])];
    // One that does not run has what it is started with.
    await Promise.all(this.servers.map(async (server) => server.cli(...config).catch(() => '')));
  }

  /** The servers that have slots now, and who would take each one's place. */
  async roles(): Promise<{ primaries: RedisServer[]; replicasOf: Map<RedisServer, RedisServer[]> }> {
    const [server] = await this.#alive();
    const lines = ((await server?.cli('cluster', 'nodes')) ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const byId = new Map(lines.map(([id = '', address = '']) => [id, this.#at(address)]));
    const primaries: RedisServer[] = [];
    const replicasOf = new Map<RedisServer, RedisServer[]>();
    for (const [id = '', , flags = '', of = '', , , , , ...slots] of lines) {
      const node = byId.get(id);
      const primary = byId.get(of);
      if (node === undefined || flags.includes('fail')) continue;
      if (slots.length > 0) primaries.push(node);
      if (primary !== undefined) replicasOf.set(primary, [...(replicasOf.get(primary) ?? []), node]);
    }
    return { primaries, replicasOf };
  }

  /** Those that were killed or stopped run again, so that the next test finds all of them. */
  async revive(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill('SIGCONT')));
    await Promise.all(this.servers.map((server) => server.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill('SIGKILL')));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #at(address: string): RedisServer | undefined {
    const port = Number(/:(\d+)@/.exec(address)?.[1]);
    return this.servers.find((server) => server.port === port);
  }

  async #alive(): Promise<readonly RedisServer[]> {
    const states = await this.#states();
    return this.servers.filter((_, at) => states[at] === 'ok');
  }

  async #states(): Promise<readonly (string | undefined)[]> {
    return Promise.all(
      this.servers.map(async (server) => {
        const info = await server.cli('cluster', 'info').catch(() => '');
        const isWhole = /cluster_slots_assigned:16384/.test(info);
        return isWhole ? /cluster_state:(\w+)/.exec(info)?.[1] : undefined;
      }),
    );
  }
}

async function startServer(folder: string, port: number): Promise<RedisServer> {
  mkdirSync(folder, { recursive: true });
  let child: ChildProcess | undefined;
  const end = (): void => void child?.kill('SIGKILL');
  const cli = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('redis-cli', ['-p', String(port), ...args], { timeout: 30_000 });
    return stdout;
  };
  async function start(): Promise<void> {
    if (child !== undefined && isRunning(child)) return;
    const options = [
      ['--port', String(port)],
      ['--bind', '127.0.0.1'],
      ['--dir', folder],
      ['--save', ''],
      ['--appendonly', 'no'],
      ['--cluster-enabled', 'yes'],
      ['--cluster-node-timeout', String(nodeTimeoutMs.long)],
      ['--cluster-require-full-coverage', 'no'],
      ['--repl-diskless-sync-delay', '0'],
      ['--logfile', join(folder, 'log')],
    ];
    child = spawn('redis-server', options.flat(), { stdio: 'ignore' });
    process.once('exit', end);
    await until(
      `a server on port ${port}`,
      async () => (await cli('ping').catch(() => '')).trim() === 'PONG',
    );
  }
  await start();
  return {
    port,
    cli,
    start,
    async kill(signal) {
      const running = child;
      if (running === undefined || !isRunning(running)) return;
      const isOver = once(running, 'exit');
      running.kill(signal);
      if (signal !== 'SIGKILL') return;
      await isOver;
      process.off('exit', end);
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Ports whose cluster bus ports are free too. */
async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = 12_000 + Math.floor(Math.random() * (lastFreePort - 12_000));
    if (!found.includes(port) && (await isFree(port)) && (await isFree(port + busPortOffset)))
      found.push(port);
  }
  return found;
}

/** Asks again where a busy machine has kept the servers from answering in time. */
export async function patient<T>(ask: () => Promise<Result<T>>): Promise<T> {
  let answer = await ask();
  await until('the servers answer', async () => {
    if (!isLate(answer)) return true;
    answer = await ask();
    return !isLate(answer);
  });
  if (!answer.ok) throw new Error(`${answer.problem.code}: ${answer.problem.message}`);
  return answer.value;
}

function isLate(answer: Result<unknown>): boolean {
  return !answer.ok && (answer.problem.code === 'unreachable' || answer.problem.code === 'busy');
}

/** Whether there is a redis-server to test with; on CI there must be. */
export async function hasRedis(): Promise<boolean> {
  try {
    await run('redis-server', ['--version']);
    await run('redis-cli', ['--version']);
    return true;
  } catch (error) {
    if (process.env['CI'])
      throw new Error('CI tests the Redis store for real: install redis-server', { cause: error });
    return false;
  }
}
