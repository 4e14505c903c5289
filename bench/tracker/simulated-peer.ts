/**
 * One peer of a crowd: a real connection with a key of its own, the real protocol, and no files behind what it says
 * that it shares. Invariant: a question ends with its answer, or with the error that ended it.
 */
import { hash } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { maxFilesPerAdd } from '../../src/core/limits/wire.ts';
import { ShareDigest } from '../../src/core/share/share-digest.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions, type TlsOptions } from '../../src/identity/tls.ts';
import { createCodec } from '../../src/protocol/codec.ts';
import type { Sendable } from '../../src/protocol/session-events.ts';
import { TrackerClientSession } from '../../src/protocol/tracker-client-session.ts';
import {
  trackerMessages,
  type TrackerMessageNamed,
  type TrackerReply,
  type TrackerRequest,
} from '../../src/protocol/tracker-messages.ts';

type Unnumbered<M> = M extends { readonly requestId: number } ? Omit<M, 'requestId'> : never;
type Question = Unnumbered<Sendable<TrackerRequest>>;
export type Welcome = TrackerMessageNamed<'welcome'>;

interface Waiting {
  readonly resolve: (reply: TrackerReply) => void;
  readonly reject: (error: Error) => void;
}

/** Keep-alives that are out. */
interface Pings {
  left: number;
  readonly done: () => void;
}

export interface PeerPlace {
  readonly host: string;
  readonly port: number;
  /** The address to come from: a tracker bounds what one address may do. */
  readonly from: string;
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');
const codec = createCodec(trackerMessages);
const pingFrame = codec.encode({ type: 'ping', token: 7 });
const prefixBytes = 4;
const pongCode = trackerMessages.pong.code;
/** Numbers that never meet those of a session. */
const farToken = 0x7000_0000;

/** Addresses of this machine, spread over networks: 127.0.1.1, 127.0.2.1, … */
export const addressOf = (at: number): string => `127.${(at >> 8) & 0x7f}.${at & 0xff}.1`;

export class SimulatedPeer {
  readonly name: string;
  /** Sent and received on the connection so far, inside TLS. */
  sentBytes = 0;
  receivedBytes = 0;
  /** Whether its last TLS handshake was a short one, thanks to an earlier one. */
  hasResumed = false;
  readonly #identity: Identity;
  readonly #waiting = new Map<number, Waiting>();
  #socket: TLSSocket | undefined;
  /** Made once, as a peer does: it holds our parsed key. */
  #tls: TlsOptions | undefined;
  #tlsSession: Buffer | undefined;
  #session: TrackerClientSession | undefined;
  #welcomed: Waiting | undefined;
  #pings: Pings | undefined;
  /** The beginning of a frame whose rest has not come. */
  #begun: Buffer = Buffer.alloc(0);
  /** Told of what comes unasked. */
  onNotice: (notice: TrackerReply) => void = () => undefined;
  onLost: () => void = () => undefined;

  constructor(identity: Identity, name: string) {
    this.#identity = identity;
    this.name = name;
  }

  get id(): Identity['id'] {
    return this.#identity.id;
  }

  get isConnected(): boolean {
    return this.#session?.isReady === true && this.#socket?.destroyed === false;
  }

  /** Connects and greets. A guest is not listed. Rejects when that fails. */
  enter(place: PeerPlace, as: 'peer' | 'guest' = 'peer'): Promise<Welcome> {
    this.#dial(place, as);
    return this.greet();
  }

  /** Connects and says nothing. Resolves when the TLS handshake is done here. */
  secure(place: PeerPlace): Promise<void> {
    const socket = this.#dial(place, 'peer');
    return new Promise((resolve, reject) => {
      socket.once('secureConnect', () => resolve());
      socket.once('close', () => reject(new Error(`${this.name} lost its connection`)));
    });
  }

  /** Greets on a connection that is there, if need be once it is encrypted. Rejects when that fails. */
  greet(): Promise<Welcome> {
    this.#sent(this.#session?.takeOutput());
    return new Promise((resolve, reject) => {
      this.#welcomed = { resolve: (reply) => resolve(reply as Welcome), reject };
    });
  }

  /** Asks, and resolves to the last reply of the answer. Rejects with the tracker's refusal. */
  ask(question: Question): Promise<TrackerReply> {
    const session = this.#session;
    if (session === undefined || !this.isConnected)
      return Promise.reject(new Error(`${this.name} is not connected`));
    const requestId = session.nextRequestId();
    return new Promise((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject });
      this.#sent(session.send({ ...question, requestId } as Sendable<TrackerRequest>));
    });
  }

  /** A share with nothing in it yet. */
  newShare(): ShareDigest {
    return new ShareDigest(sha256);
  }

  /** Tells of these files, none of which is in its share yet, and resolves when the tracker has acknowledged them. */
  async share(files: readonly SharedFile[], generation = 1, digest = this.newShare()): Promise<void> {
    for (const file of files) digest.add(file);
    for (let from = 0; from < files.length; from += maxFilesPerAdd) {
      const add = { type: 'add', files: files.slice(from, from + maxFilesPerAdd) } as const;
      this.#sent(this.#session?.send(add));
    }
    await this.ask({ type: 'commit', generation, count: digest.count, digest: digest.digest() });
  }

  /** Sends so many keep-alives at once and resolves when as many answers have come, or the connection is gone. */
  ping(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#pings = { left: count, done: resolve };
      this.#sent(pingsOf(count));
    });
  }

  leave(): void {
    this.#socket?.destroy();
  }

  #dial({ host, port, from }: PeerPlace, as: 'peer' | 'guest'): TLSSocket {
    const address = { host, port, localAddress: from };
    const session = this.#tlsSession && { session: this.#tlsSession };
    this.#tls ??= tlsOptions(this.#identity, 'tracker');
    const socket = connect({ ...this.#tls, ...address, ...session });
    socket.on('session', (kept: Buffer) => void (this.#tlsSession = kept));
    socket.once('secureConnect', () => void (this.hasResumed = socket.isSessionReused()));
    socket.setNoDelay(true);
    this.#socket = socket;
    this.#endPings();
    const identity = as === 'peer' ? { name: this.name, port: 40_000 } : { name: '', port: 0 };
    const talk = new TrackerClientSession({ ...identity, agent: 'bench', nowMs: performance.now() });
    this.#session = talk;
    socket.on('data', (bytes: Buffer) => this.#receive(talk, bytes));
    socket.on('error', () => undefined);
    socket.once('close', () => this.#lost(socket));
    return socket;
  }

  #sent(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    this.sentBytes += bytes.length;
    this.#socket?.write(bytes);
  }

  #receive(session: TrackerClientSession, bytes: Buffer): void {
    this.receivedBytes += bytes.length;
    if (this.#pings !== undefined) {
      this.#countPongs(this.#pings, bytes);
      return;
    }
    session.receive(bytes, performance.now());
    for (let event = session.next(); event !== undefined; event = session.next())
      if (event.type !== 'data' && event.type !== 'data-end') this.#hear(event);
    this.#sent(session.takeOutput());
  }

  /** While keep-alives are out, their answers are counted where they lie; what else comes is passed over. */
  #countPongs(pings: Pings, bytes: Buffer): void {
    const all = this.#begun.length > 0 ? Buffer.concat([this.#begun, bytes]) : bytes;
    let at = 0;
    while (all.length - at >= prefixBytes) {
      const end = at + prefixBytes + all.readUInt32BE(at);
      if (end > all.length) break;
      if (end - at === pingFrame.length && all[at + prefixBytes + 1] === pongCode) pings.left -= 1;
      at = end;
    }
    this.#begun = all.subarray(at);
    if (pings.left > 0) return;
    this.#pings = undefined;
    pings.done();
  }

  /** No answer comes to those of a connection that is gone. */
  #endPings(): void {
    this.#begun = Buffer.alloc(0);
    this.#pings?.done();
    this.#pings = undefined;
  }

  #hear(event: TrackerReply): void {
    if (event.type === 'welcome') {
      this.#welcomed?.resolve(event);
      this.#welcomed = undefined;
      return;
    }
    const requestId = 'requestId' in event ? event.requestId : farToken;
    const waiting = this.#waiting.get(requestId);
    if (event.type === 'error') {
      const error = new Error(`${this.name}: ${event.code}: ${event.message}`);
      if (requestId === 0) this.#fail(error);
      else waiting?.reject(error);
      this.#waiting.delete(requestId);
    } else if (waiting === undefined) this.onNotice(event);
    else if (event.type !== 'results' || !event.more) {
      this.#waiting.delete(requestId);
      waiting.resolve(event);
    }
  }

  #fail(error: Error): void {
    this.#welcomed?.reject(error);
    this.#welcomed = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #lost(socket: TLSSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#endPings();
    this.#fail(new Error(`${this.name} lost its connection`));
    this.onLost();
  }
}

const runs = new Map<number, Buffer>();

/** The same bytes each time: making them is not what is measured. */
function pingsOf(count: number): Buffer {
  const known = runs.get(count);
  if (known !== undefined) return known;
  const run = Buffer.concat(Array.from({ length: count }, () => pingFrame));
  runs.set(count, run);
  return run;
}
