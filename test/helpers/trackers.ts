/** Trackers and peers' links to them over loopback, with a wire between them that can be counted, cut and frozen. */
import { createHash } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { CallOfPeer } from '../../src/actors/peer/sessions/callers.ts';
import type { LibraryCommand, ShareChange } from '../../src/actors/peer/library/library-messages.ts';
import type {
  FoundSources,
  SwarmNews,
  TrackersCommand,
} from '../../src/actors/peer/trackers/trackers-messages.ts';
import { trackersActor } from '../../src/actors/peer/trackers/trackers.ts';
import {
  actor,
  ActorSystem,
  systemClock,
  type ActorContext,
  type ActorRef,
  type Answer,
  type Behavior,
  type Clock,
  type DeadLetter,
  type Question,
  type Root,
} from '../../src/actors/runtime/index.ts';
import type { Drained, DrainCommand } from '../../src/actors/tracker/drain.ts';
import type { Listening } from '../../src/actors/tracker/gate.ts';
import { defaultTrackerLimits, trackerActor, type TrackerArgs } from '../../src/actors/tracker/tracker.ts';
import type { SearchResult, SharedFile } from '../../src/core/catalogue.ts';
import type { EngineEvent, TrackerAddress, TrackerView } from '../../src/core/engine/engine-api.ts';
import { contentId, type ContentId } from '../../src/core/ids.ts';
import type { Result } from '../../src/core/result.ts';
import type { TrackerLimits } from '../../src/core/tracker/tracker-api.ts';
import { readNeighbours } from '../../src/identity/known-neighbours.ts';
import { loadIdentity, type Identity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
import type { EventOf, Sendable } from '../../src/protocol/session-events.ts';
import { TrackerClientSession } from '../../src/protocol/tracker-client-session.ts';
import type { TrackerReply, TrackerRequest } from '../../src/protocol/tracker-messages.ts';
import { until } from './poll.ts';
import { makeIdentity } from './transfer.ts';

/** A shared file made of a number: its id is the hash of the path. */
export function sharedFile(name: string, sizeBytes = 1_000): SharedFile {
  const id = contentId(createHash('sha256').update(`${name} ${sizeBytes}`).digest());
  return { id, path: `/docs/${name}`, sizeBytes };
}

export const sharedFiles = (count: number, stem = 'report'): SharedFile[] =>
  Array.from({ length: count }, (_, at) => sharedFile(`${stem} ${at}.txt`));

async function identityIn(home: string): Promise<Identity> {
  const identity = await loadIdentity(home);
  if (!identity.ok) throw new Error(identity.problem.message);
  return identity.value;
}

export interface TrackerOptions {
  readonly port?: number;
  /** `memory:` (the default) or a file. */
  readonly store?: string;
  /** In place of it. */
  readonly openStore?: TrackerArgs['openStore'];
  /** Which of several trackers of one home it is. */
  readonly key?: string;
  readonly limits?: Partial<TrackerLimits>;
  readonly clock?: Clock;
  readonly ticketKeys?: TrackerArgs['ticketKeys'];
  /** Where registry, searchers and listeners run; default `here`, with the clock that is given. */
  readonly placement?: 'here' | 'thread';
  /** Default false: how late its threads are says what else the machine is at. */
  readonly refusesWhenLate?: boolean;
}

/** A tracker in this thread. */
export class TestTracker implements AsyncDisposable {
  readonly system: ActorSystem;
  readonly failures: string[] = [];
  readonly deadLetters: DeadLetter[] = [];
  port = 0;
  #root: Root<DrainCommand> | undefined;
  #opened = 0;

  private constructor(clock: Clock) {
    this.system = new ActorSystem({
      clock,
      onFailure: (actorPath, error) => this.failures.push(`${actorPath}: ${error.message}`),
      onDeadLetter: (letter) => this.deadLetters.push(letter),
    });
  }

  static async start(home: string, options: TrackerOptions = {}): Promise<TestTracker> {
    const clock = options.clock ?? systemClock;
    const tracker = new TestTracker(clock);
    const observer = tracker.system.start(
      actor<Listening>('observer', () => ({
        receive({ port }) {
          tracker.port = port;
          tracker.#opened += 1;
        },
      })),
      undefined,
    );
    tracker.#root = tracker.system.start(trackerActor, {
      host: '127.0.0.1',
      port: options.port ?? 0,
      identity: await identityIn(path.join(home, options.key ?? 'tracker')),
      store: options.store ?? 'memory:',
      openStore: options.openStore,
      limits: { ...defaultTrackerLimits, ...options.limits },
      ...(options.ticketKeys && { ticketKeys: options.ticketKeys }),
      placement: options.placement ?? 'here',
      refusesWhenLate: options.refusesWhenLate ?? false,
      clock,
      wallMs: () => Date.now(),
      random: Math.random,
      observer: observer.ref,
    });
    await tracker.#root.ready;
    await until('the door is open', () => tracker.port !== 0);
    return tracker;
  }

  get address(): TrackerAddress {
    return { host: '127.0.0.1', port: this.port };
  }

  /** How often the door has been opened. */
  get opened(): number {
    return this.#opened;
  }

  /** Sends everybody away, as a stop does first. */
  async drain(): Promise<Drained> {
    if (this.#root === undefined) throw new Error('It has not been started');
    const outcome = await this.system.ask(this.#root.ref, { type: 'drain' }, 60_000);
    if (!outcome.ok) throw new Error(`Not drained: ${outcome.error}`);
    return outcome.value;
  }

  get done(): Root<never>['done'] {
    if (this.#root === undefined) throw new Error('It has not been started');
    return this.#root.done;
  }

  /** Connections that are past their TLS handshake. */
  get connections(): number {
    return this.system.snapshot().filter((one) => one.path.includes('/connection')).length;
  }

  /** Messages that those who are there now have handled. */
  get handled(): number {
    return this.system.snapshot().reduce((sum, { handled }) => sum + handled, 0);
  }

  /** How often a part of the house has been restarted. */
  restarts(name: string): number {
    return this.system.snapshot().find((one) => one.path === `/tracker/${name}`)?.restarts ?? 0;
  }

  /** Whether all of the house is up. */
  get isUp(): boolean {
    const up = this.system.snapshot().filter(({ status }) => status === 'running');
    return ['registry', 'reaper', 'directory', 'listener-0', 'gate'].every((name) =>
      up.some((one) => one.path === `/tracker/${name}`),
    );
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export interface PeerOptions {
  /** Undefined: a guest. */
  readonly share?: readonly SharedFile[];
  readonly name?: string;
  /** Where its identity is; default: by its name. */
  readonly home?: string;
  readonly clock?: Clock;
  /** Where it serves. */
  readonly port?: number;
  /** False: its port is not known yet. */
  readonly isServing?: boolean;
}

/** A peer's link to its trackers, with a library made up. */
export class TestLink implements AsyncDisposable {
  readonly system: ActorSystem;
  readonly events: EngineEvent[] = [];
  /** How many files its tracker acknowledged last; undefined before the first time. */
  acknowledgedFiles: number | undefined;
  readonly failures: string[] = [];
  readonly trackers: ActorRef<TrackersCommand>;
  readonly identity: Identity;
  /** What its downloads were told of newcomers, and how often to ask again. */
  readonly came: FoundSources[] = [];
  seeks = 0;
  /** Who has called it. */
  readonly calls: CallOfPeer[] = [];
  readonly follower: ActorRef<SwarmNews>;
  readonly home: string;
  readonly #share: Map<string, SharedFile>;
  readonly #subscribers = new Set<ActorRef<ShareChange>>();

  private constructor(
    home: string,
    identity: Identity,
    trackers: readonly TrackerAddress[],
    options: PeerOptions,
  ) {
    this.home = home;
    this.identity = identity;
    this.#share = new Map((options.share ?? []).map((file) => [file.id + file.path, file]));
    const clock = options.clock ?? systemClock;
    this.system = new ActorSystem({
      clock,
      onFailure: (actorPath, error) => this.failures.push(`${actorPath}: ${error.message}`),
    });
    const isGuest = options.share === undefined;
    const spawned: ActorRef<TrackersCommand>[] = [];
    const observer = this.system.start(
      actor<EngineEvent>('observer', () => ({
        receive: (event) => {
          this.events.push(event);
          if (event.type === 'registered') this.acknowledgedFiles = event.files;
        },
      })),
      undefined,
    ).ref;
    this.follower = this.system.start(
      actor<SwarmNews>('download', () => ({
        receive: (news) => {
          if (news.type === 'came') this.came.push(news.found);
          else this.seeks += 1;
        },
      })),
      undefined,
    ).ref;
    const uploads = this.system.start(
      actor<CallOfPeer & { readonly type: 'called' }>('uploads', () => ({
        receive: ({ caller, token }) => void this.calls.push({ caller, token }),
      })),
      undefined,
    ).ref;
    const supervision = { strategy: 'rest-for-one', maxRestarts: 5, withinMs: 30_000 } as const;
    const setup = (ctx: ActorContext<never>): Behavior<never> => {
      const library = isGuest ? undefined : ctx.spawn(this.#library(), undefined);
      const name = isGuest ? '' : (options.name ?? 'peer');
      const args = { trackers, identity, home, name, agent: 'test/1', library, observer, clock, uploads };
      spawned.push(ctx.spawn(trackersActor, { ...args, random: Math.random }));
      return { receive: () => undefined };
    };
    this.system.start(actor<never>('peer', setup, { supervision }), undefined);
    const [ref] = spawned;
    if (ref === undefined) throw new Error('Expected the actor of the trackers');
    this.trackers = ref;
    if (!isGuest && options.isServing !== false)
      this.trackers.tell({ type: 'serving', port: options.port ?? 4_321 });
  }

  static async start(
    base: string,
    trackers: readonly TrackerAddress[],
    options: PeerOptions = {},
  ): Promise<TestLink> {
    const home = path.join(base, options.home ?? options.name ?? 'guest');
    return new TestLink(home, await identityIn(home), trackers, options);
  }

  async ask<const Q extends Question<TrackersCommand>>(question: Q): Promise<Answer<TrackersCommand, Q>> {
    const outcome = await this.system.ask(this.trackers, question, 60_000);
    if (!outcome.ok) throw new Error(`No answer: ${outcome.error}`);
    return outcome.value;
  }

  /** Asks as a download does. */
  swarm(id: ContentId, isServed: boolean): Promise<Result<readonly FoundSources[]>> {
    return this.ask({ type: 'swarm', id, isServed, follower: this.follower });
  }

  /** What a search finds; throws its problem, unless it is told to try again: a slow machine is no fault of a tracker. */
  async search(query: string, limit = 200): Promise<readonly SearchResult[]> {
    const ask = () => this.ask({ type: 'search', query, limit });
    let answer = await ask();
    await until('a search is answered', async () => {
      if (answer.ok || answer.problem.code !== 'busy') return true;
      answer = await ask();
      return false;
    });
    if (!answer.ok) throw new Error(`${answer.problem.code}: ${answer.problem.message}`);
    return answer.value.results;
  }

  /** The names of the contents a search finds, sorted. */
  async names(query: string): Promise<string[]> {
    return (await this.search(query)).map(({ name }) => name).toSorted();
  }

  /** How often it has registered, each with how many files. */
  get registered(): number[] {
    return this.events.flatMap((event) => (event.type === 'registered' ? [event.files] : []));
  }

  /** The states the only tracker went through; that it was told again, with other counters, is none. */
  get states(): string[] {
    const told = this.events.flatMap((event) => (event.type === 'tracker' ? [event.tracker] : []));
    return told
      .filter(({ state, problem }, at) => state !== told[at - 1]?.state || problem !== told[at - 1]?.problem)
      .map(({ state }) => state);
  }

  /** The other trackers that it has been told of, and would remember. */
  async knows(): Promise<TrackerAddress[]> {
    const known = await readNeighbours(this.home);
    return [...known.values()].flat().map(({ host, port }) => ({ host, port }));
  }

  /** How each of its trackers was shown last. */
  get views(): TrackerView[] {
    const told = this.events.flatMap((event) => (event.type === 'tracker' ? [event.tracker] : []));
    return [...new Map(told.map((view) => [`${view.host} ${view.port}`, view])).values()];
  }

  /** The last problem that was shown. */
  get problem(): { code: string; message: string } | undefined {
    return this.events.findLast((event) => event.type === 'tracker')?.tracker.problem;
  }

  async isRegistered(times = 1): Promise<void> {
    await until(`registered ${times} times`, () => this.registered.length >= times);
  }

  /** The share changes, as the library would tell it. */
  change(added: readonly SharedFile[], removed: readonly SharedFile[] = []): void {
    for (const file of removed) this.#share.delete(file.id + file.path);
    for (const file of added) this.#share.set(file.id + file.path, file);
    for (const ref of this.#subscribers) ref.tell({ type: 'share-changed', added, removed });
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #library() {
    return actor<LibraryCommand>('library', () => ({
      receive: (message) => {
        if (message.type === 'share-state') message.replyTo.reply([...this.#share.values()]);
        if (message.type === 'unsubscribe') this.#subscribers.delete(message.ref);
        if (message.type !== 'subscribe') return;
        this.#subscribers.add(message.ref);
        message.ref.tell({ type: 'share-scanned' });
      },
    }));
  }
}

/** A wire to a tracker. */
export class Wire implements AsyncDisposable {
  /** Bytes sent towards the tracker. */
  sentBytes = 0;
  /** Bytes that have come from either side. */
  passedBytes = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isFrozen = false;
  #isRefusing = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(target: () => TrackerAddress): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('connection', (near) => {
      if (wire.#isRefusing) near.on('error', () => near.destroy()).destroy();
      else wire.#join(near, connect(target()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get address(): TrackerAddress {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** Connections that are up. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Ends all connections, and every new one at once, until `accept`. */
  refuse(): void {
    this.#isRefusing = true;
    this.sentBytes = 0;
    this.cut();
  }

  accept(): void {
    this.#isRefusing = false;
  }

  /** Ends every new connection at once, until `accept`; those that are up stay. */
  shut(): void {
    this.#isRefusing = true;
  }

  /** Ends all connections. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Nothing gets through any more, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.unpipe().pause();
  }

  /** What comes from now on gets through again; what was frozen is lost with its connection. */
  thaw(): void {
    this.#isFrozen = false;
  }

  /** All gets through again, and what was held back comes. */
  wake(): void {
    this.#isFrozen = false;
    for (const [near, far] of this.#pairs) {
      near.pipe(far);
      far.pipe(near);
    }
  }

  /** Nobody gets in any more. */
  close(): void {
    this.#server.close();
    this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    near.on('data', (bytes) => (this.sentBytes += bytes.length));
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.on('data', (bytes) => (this.passedBytes += bytes.length));
      if (this.#isFrozen) socket.unpipe().pause();
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  }
}

/** A connection that says whatever a test wants. */
export class RawPeer implements Disposable {
  readonly socket: TLSSocket;
  readonly session: TrackerClientSession;
  readonly heard: EventOf<TrackerReply>[] = [];

  private constructor(socket: TLSSocket, name: string) {
    this.socket = socket;
    this.session = new TrackerClientSession({
      name,
      port: name === '' ? 0 : 4_321,
      agent: 'raw',
      nowMs: 0,
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Uint8Array) => {
      this.session.receive(bytes, 0);
      for (let event = this.session.next(); event !== undefined; event = this.session.next())
        this.heard.push(event);
    });
  }

  /** Its TLS handshake is done, and nothing has been said. */
  static async connect(
    { host, port }: TrackerAddress,
    name = '',
    localAddress = '127.0.0.1',
  ): Promise<RawPeer> {
    const tls = tlsOptions(await makeIdentity(), 'tracker');
    const options: ConnectionOptions & { readonly localAddress: string } = {
      ...tls,
      host,
      port,
      localAddress,
    };
    const socket = connectTls(options);
    const peer = new RawPeer(socket, name);
    await new Promise((resolve) => socket.once('secureConnect', resolve).once('close', resolve));
    return peer;
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  /** The code of the refusal, once there is one. */
  get refusal(): string | undefined {
    return this.heard.find((event) => event.type === 'error')?.code;
  }

  hello(): void {
    const bytes = this.session.takeOutput();
    if (bytes !== undefined) this.socket.write(bytes);
  }

  /** Says hello and waits for the welcome. */
  async greet(): Promise<void> {
    this.hello();
    await until('a welcome', () => this.heard.some(({ type }) => type === 'welcome'));
  }

  send(message: Sendable<TrackerRequest>): void {
    this.socket.write(this.session.send(message));
  }

  stopReading(): void {
    this.socket.pause();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
