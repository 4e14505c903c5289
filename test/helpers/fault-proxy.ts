/**
 * A TCP proxy that does to each connection what its plan says: the network between two peers on a bad day.
 * What happens is set by the bytes that have passed, not by the clock, so that a plan means the same each time.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Source } from '../../src/core/catalogue.ts';
import type { Seeded } from './seeded.ts';

/** `up` is what the dialler says, `down` what comes to it. */
export type Direction = 'up' | 'down';

/**
 * `reset` and `end` close both sides, without and with a farewell; `half-close` ends one direction and drops the
 * rest of it; after `stall` nothing passes any more; `corrupt` changes one byte.
 */
export type FaultKind = 'reset' | 'end' | 'half-close' | 'stall' | 'corrupt';

export interface Fault {
  readonly kind: FaultKind;
  readonly direction: Direction;
  /** After so many bytes of that direction. */
  readonly atBytes: number;
}

export interface ConnectionPlan {
  /** `reset` and `end` at once; `ignore`: nobody ever answers. */
  readonly greeting: 'accept' | 'reset' | 'end' | 'ignore';
  /** What each chunk is late by. */
  readonly delayMs: number;
  /** In each direction; 0: as fast as it goes. */
  readonly bytesPerSecond: number;
  /** Passed on in pieces of at most so many bytes; once a lot has passed they are not tiny any more. */
  readonly chunkBytes: number;
  readonly faults: readonly Fault[];
}

export interface ProxyPlan {
  /** One for each connection, in the order in which they come … */
  readonly connections: readonly ConnectionPlan[];
  /** … and then this one for all that follow. */
  readonly afterwards: ConnectionPlan;
}

export const cleanConnection: ConnectionPlan = {
  greeting: 'accept',
  delayMs: 0,
  bytesPerSecond: 0,
  chunkBytes: 64 * 1024,
  faults: [],
};

const faultKinds: readonly FaultKind[] = ['reset', 'end', 'half-close', 'stall', 'corrupt'];

/** A connection as chance will have it; `bytes`: about how much would pass. */
export function drawConnection(seeded: Seeded, bytes: number): ConnectionPlan {
  const faults = seeded.times(seeded.pick([0, 1, 1, 1, 2]), () => ({
    kind: seeded.pick(faultKinds),
    direction: seeded.pick<Direction>(['up', 'down', 'down']),
    // Early ones hit the handshakes, the manifest and the lists.
    atBytes: seeded.chance(0.4) ? seeded.between(0, 4_000) : seeded.between(0, bytes),
  }));
  return {
    ...drawPace(seeded),
    greeting: seeded.pick(['accept', 'accept', 'accept', 'accept', 'reset', 'end', 'ignore']),
    faults: faults.sort((one, other) => one.atBytes - other.atBytes),
  };
}

/** A connection without faults, but neither fast nor even. */
export function drawPace(seeded: Seeded): ConnectionPlan {
  return {
    ...cleanConnection,
    delayMs: seeded.pick([0, 0, 0, 2, 10, 40]),
    bytesPerSecond: seeded.pick([0, 0, 1, 2, 4]) * 1024 * 1024,
    chunkBytes: seeded.pick([64 * 1024, 64 * 1024, 1_400, 16 * 1024, seeded.between(100, 60_000)]),
  };
}

/** A thousand tiny chunks take longer than anything here is to take. */
const smallChunksUpTo = 64 * 1024;
const leastLater = 16 * 1024;

/** Timers are no more exact than this. */
const shortestWaitMs = 2;

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined);

export class FaultProxy implements AsyncDisposable {
  /** Connections that came. */
  visits = 0;
  readonly #plan: ProxyPlan;
  readonly #to: Source;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #gone = new AbortController();

  private constructor(plan: ProxyPlan, to: Source) {
    this.#plan = plan;
    this.#to = to;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#take(near));
  }

  static async start(plan: ProxyPlan, to: Source): Promise<FaultProxy> {
    const proxy = new FaultProxy(plan, to);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The peer behind it, as it is to be dialled. */
  get source(): Source {
    return { ...this.#to, port: (this.#server.address() as AddressInfo).port };
  }

  /** Nobody gets through any more: who dials is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #take(near: Socket): void {
    const plan = this.#plan.connections[this.visits] ?? this.#plan.afterwards;
    this.visits += 1;
    this.#keep(near);
    if (plan.greeting === 'reset') return void near.resetAndDestroy();
    if (plan.greeting === 'end') return void near.resume().end();
    if (plan.greeting === 'ignore') return void near.resume();
    const far = connect({ port: this.#to.port, host: this.#to.host, allowHalfOpen: true, noDelay: true });
    this.#keep(far);
    // A connection that broke on one side breaks on the other.
    near.on('close', (hadError) => hadError && far.resetAndDestroy());
    far.on('close', (hadError) => hadError && near.resetAndDestroy());
    void this.#pass(near, far, 'up', plan);
    void this.#pass(far, near, 'down', plan);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** Passes on what comes until it ends or a fault ends it. */
  async #pass(from: Socket, to: Socket, direction: Direction, plan: ConnectionPlan): Promise<void> {
    const faults = plan.faults.filter((fault) => fault.direction === direction);
    let passed = 0;
    let owedMs = 0;
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        owedMs += plan.delayMs;
        let rest = chunk as Buffer;
        while (rest.length > 0) {
          const fault = faults[0];
          const left = fault ? fault.atBytes - passed : Infinity;
          if (fault && left <= 0) {
            faults.shift();
            if (fault.kind === 'corrupt') rest[0]! ^= 1 << (passed % 8);
            else return this.#break(fault.kind, from, to);
            continue;
          }
          const most = passed < smallChunksUpTo ? plan.chunkBytes : Math.max(plan.chunkBytes, leastLater);
          const length = Math.min(rest.length, most, left);
          if (plan.bytesPerSecond > 0) owedMs += (length / plan.bytesPerSecond) * 1000;
          if (owedMs >= shortestWaitMs) await sleep(owedMs, this.#gone.signal);
          if (owedMs >= shortestWaitMs) owedMs = 0;
          if (!to.write(rest.subarray(0, length))) await drained(to);
          rest = rest.subarray(length);
          passed += length;
        }
      }
      to.end();
    } catch {
      // Its other side is broken by what broke it.
    }
  }

  #break(kind: Exclude<FaultKind, 'corrupt'>, from: Socket, to: Socket): void {
    switch (kind) {
      case 'reset':
        from.resetAndDestroy();
        to.resetAndDestroy();
        return;
      case 'end':
        from.end();
        to.end();
        from.resume();
        to.resume();
        return;
      case 'half-close':
        to.end();
        from.resume();
        return;
      case 'stall':
        from.pause();
    }
  }
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}
