/**
 * A Redis Cluster as a whole: which server has which slots now, and calls of our functions that find their way
 * while servers die, hang, move slots and change roles. Invariant: a call ends in its time, having been answered or
 * having thrown `RedisUnavailable`; it may have been carried out all the same, so every function bears repetition.
 */
import { hostPort } from '../../core/host.ts';
import { redisRetryMs, redisTopologyGapMs, redisTopologyMs, redisTryMs } from '../../core/limits/redis.ts';
import { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import { functionName, libraryText, type RedisReaderFunction, type RedisWriter } from './redis-library.ts';
import { RedisNode, type RedisAccess, type RedisArgument } from './redis-node.ts';
import { messageOf, RedisUnavailable, remedyOf } from './redis-problem.ts';
import { slotCount, slotOf } from './redis-tags.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** How long one try may take, and all together. */
export interface CallTimes {
  readonly tryMs: number;
  readonly allMs: number;
}

const shortestTryMs = 5;

export class RedisCluster {
  readonly #access: RedisAccess;
  readonly #counters: ThreadCounters;
  readonly #seeds: readonly RedisNode[];
  readonly #nodes = new Map<string, RedisNode>();
  readonly #owners: (RedisNode | undefined)[] = [];
  /** Servers that have the library, as far as is known. */
  readonly #loaded = new Set<RedisNode>();
  #refreshing: Promise<void> | undefined;
  #refreshedMs = -Infinity;
  #turn = 0;
  #redirects = 0;
  #retries = 0;
  #isClosed = false;

  constructor(
    seeds: readonly RedisAddress[],
    access: RedisAccess,
    counters: ThreadCounters = new ThreadCounters(),
  ) {
    this.#access = access;
    this.#counters = counters;
    this.#seeds = seeds.map(({ host, port }) => this.#nodeAt(host, port));
  }

  /** Servers that have slots. */
  get primaries(): readonly RedisNode[] {
    return [...new Set(this.#owners)].filter((node) => node !== undefined);
  }

  /** How often a call was sent elsewhere, and how often it was repeated. */
  get counts(): { readonly redirects: number; readonly retries: number } {
    return { redirects: this.#redirects, retries: this.#retries };
  }

  /** Servers that have slots and do not answer, by their addresses. */
  get lost(): readonly string[] {
    return this.primaries.filter(({ isLost }) => isLost).map(({ host, port }) => hostPort({ host, port }));
  }

  /** Learns who has which slots. Throws what the last of the servers asked had to say. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
      this.#refreshedMs = performance.now();
    });
    return this.#refreshing;
  }

  /** Asks the server that has a key to run a function on it. */
  async call(
    name: RedisWriter | RedisReaderFunction,
    key: string,
    args: readonly RedisArgument[],
    times: CallTimes,
    isReading = false,
  ): Promise<unknown> {
    const command = isReading ? 'FCALL_RO' : 'FCALL';
    const startedMs = performance.now();
    try {
      return await this.command(slotOf(key), [command, functionName(name), '1', key, ...args], times);
    } finally {
      this.#counters.took(isReading ? 'redisRead' : 'redisWrite', performance.now() - startedMs);
    }
  }

  /** Sends a command to the server that has a slot. */
  async command(slot: number, command: readonly RedisArgument[], times: CallTimes): Promise<unknown> {
    const endMs = performance.now() + times.allMs;
    let waitMs = redisRetryMs.first;
    for (;;) {
      const node = this.#owners[slot];
      const leftMs = Math.max(shortestTryMs, endMs - performance.now());
      let failure = 'no server has this part';
      try {
        if (node !== undefined) return await node.send(command, Math.min(times.tryMs, leftMs));
      } catch (error) {
        failure = messageOf(error);
        if (await this.#mend(error, node, slot, Math.min(times.tryMs, leftMs))) continue;
      }
      if (this.#isClosed) throw new RedisUnavailable('the store has been closed');
      this.#refreshSoon();
      this.#retries += 1;
      if (performance.now() + waitMs + shortestTryMs > endMs) throw new RedisUnavailable(failure);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(waitMs * 2, redisRetryMs.most);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const node of this.#nodes.values()) node.close();
  }

  /** Whether to go on at once. Throws what cannot be mended. */
  async #mend(
    error: unknown,
    node: RedisNode | undefined,
    slot: number,
    timeoutMs: number,
  ): Promise<boolean> {
    switch (remedyOf(error)) {
      case 'moved': {
        const [, , address = ''] = messageOf(error).split(' ');
        const at = address.lastIndexOf(':');
        const owner = this.#nodeAt(address.slice(0, at) || (node?.host ?? ''), Number(address.slice(at + 1)));
        this.#redirects += 1;
        this.#refreshSoon();
        if (owner === node || this.#owners[slot] === owner) return false;
        this.#owners[slot] = owner;
        return true;
      }
      case 'library':
        if (node === undefined) return false;
        this.#loaded.delete(node);
        await this.#loadUnlessAway(node, timeoutMs);
        return this.#loaded.has(node);
      case 'retry':
        return false;
      case 'refused':
        throw new RedisUnavailable(messageOf(error));
      case 'fault':
        throw error;
    }
  }

  #refreshSoon(): void {
    if (this.#isClosed || performance.now() - this.#refreshedMs < redisTopologyGapMs) return;
    this.refresh().catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    const known = [...new Set([...this.#nodes.values(), ...this.#seeds])];
    // Another first each time: one that is cut off from the others goes on saying what was.
    this.#turn = (this.#turn + 1) % Math.max(1, known.length);
    const inTurn = [...known.slice(this.#turn), ...known.slice(0, this.#turn)];
    const asked = inTurn.toSorted((a, b) => Number(b.isAnswering) - Number(a.isAnswering));
    let failure: unknown = new RedisUnavailable('no server is known');
    for (const node of asked) {
      if (this.#isClosed) return;
      try {
        this.#adopt(await node.send(['CLUSTER', 'SLOTS'], redisTopologyMs), node);
        await Promise.all(this.primaries.map((primary) => this.#loadUnlessAway(primary)));
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #adopt(ranges: unknown, teller: RedisNode): void {
    if (!Array.isArray(ranges)) throw new Error('This is not a Redis Cluster');
    const owners: (RedisNode | undefined)[] = Array.from({ length: slotCount }, () => undefined);
    for (const [first, last, [host, port]] of ranges as [number, number, [Buffer | null, number]][]) {
      const name = host?.toString() ?? '';
      const owner = this.#nodeAt(name === '' || name === '?' ? teller.host : name, port);
      owners.fill(owner, first, last + 1);
    }
    this.#owners.splice(0, this.#owners.length, ...owners);
    const inUse = new Set([...owners, ...this.#seeds]);
    for (const [address, node] of this.#nodes)
      if (!inUse.has(node)) {
        node.close();
        this.#nodes.delete(address);
        this.#loaded.delete(node);
      }
    this.#noteLost();
  }

  #noteLost(): void {
    this.#counters.set('isServerLost', Number(this.lost.length > 0));
  }

  /** Loaded again after every change of roles: a server that came back empty has nothing. */
  async #load(node: RedisNode, timeoutMs: number): Promise<void> {
    if (this.#loaded.has(node)) return;
    await node.send(['FUNCTION', 'LOAD', 'REPLACE', libraryText], timeoutMs);
    this.#loaded.add(node);
  }

  /** A server that is away gets it when it is called again. */
  async #loadUnlessAway(node: RedisNode, timeoutMs: number = redisTryMs): Promise<void> {
    try {
      await this.#load(node, timeoutMs);
    } catch (error) {
      if (remedyOf(error) === 'fault') throw error;
    }
  }

  #nodeAt(host: string, port: number): RedisNode {
    const address = `${host}:${port}`;
    const known = this.#nodes.get(address);
    if (known !== undefined) return known;
    const node: RedisNode = new RedisNode(host, port, this.#access, () => {
      if (node.isLost && this.#owners.includes(node)) this.#counters.add('serversLost');
      this.#noteLost();
    });
    this.#nodes.set(address, node);
    return node;
  }
}
