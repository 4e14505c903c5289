/** A peer that speaks the protocol over real contents and lies in a way of its own, now and then or always. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Bitfield } from '../../src/core/swarm/bitfield.ts';
import type { ListEntry, Source } from '../../src/core/catalogue.ts';
import type { ContentId } from '../../src/core/ids.ts';
import { pieceCount, pieceSize } from '../../src/core/swarm/piece-length.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import type { PeerMessage, PeerMessageNamed } from '../../src/protocol/peer-messages.ts';
import { PeerSession } from '../../src/protocol/peer-session.ts';
import { encodePlainGreeting, plainGreetingBytes } from '../../src/protocol/plain-greeting.ts';
import type { EventOf } from '../../src/protocol/session-events.ts';
import type { Seeded } from './seeded.ts';
import { makeIdentity, type TestContent } from './transfer.ts';

/**
 * What it does in place of an honest answer: wrong bytes; `not-found` for what it said it has; nothing, ever; only
 * half of what is owed; a farewell in the middle; what is no message at all; a place in a queue that never moves;
 * another manifest than the one asked for; and an answer to a question that nobody asked.
 */
export const lies = [
  'spoils',
  'denies',
  'stalls',
  'cuts short',
  'leaves',
  'babbles',
  'makes wait',
  'forges',
  'volunteers',
] as const;

export type Lie = (typeof lies)[number];

export interface LiarPlan {
  readonly lie: Lie;
  /** How many of its answers are lies. */
  readonly share: number;
}

type Asked = EventOf<PeerMessage>;

export class LyingPeer implements AsyncDisposable {
  readonly identity: Identity;
  readonly #plan: LiarPlan;
  readonly #contents: ReadonlyMap<ContentId, TestContent>;
  readonly #entries: readonly ListEntry[];
  readonly #seeded: Seeded;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(
    identity: Identity,
    plan: LiarPlan,
    contents: readonly TestContent[],
    entries: readonly ListEntry[],
    seeded: Seeded,
    insecure: boolean,
  ) {
    this.identity = identity;
    this.#plan = plan;
    this.#contents = new Map(contents.map((content) => [content.id, content]));
    this.#entries = entries;
    this.#seeded = seeded;
    this.#server = createServer((raw) => this.#take(raw, insecure));
  }

  static async start(
    plan: LiarPlan,
    contents: readonly TestContent[],
    entries: readonly ListEntry[],
    seeded: Seeded,
    insecure: boolean,
  ): Promise<LyingPeer> {
    const peer = new LyingPeer(await makeIdentity(), plan, contents, entries, seeded, insecure);
    await new Promise<void>((resolve) => peer.#server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  get source(): Source {
    const { port } = this.#server.address() as AddressInfo;
    return { peer: this.identity.id, name: this.#plan.lie, host: '127.0.0.1', port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #take(raw: Socket, insecure: boolean): void {
    const socket = insecure
      ? raw
      : new TLSSocket(raw, { isServer: true, ...tlsOptions(this.identity, 'peer') });
    for (const one of [raw, socket]) {
      this.#sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => this.#sockets.delete(one));
    }
    if (!insecure) return void socket.once('secure', () => this.#serve(socket));
    const greet = (): void => {
      if (!socket.read(plainGreetingBytes)) return;
      socket.off('readable', greet);
      socket.write(encodePlainGreeting(this.identity.id));
      this.#serve(socket);
    };
    socket.on('readable', greet);
  }

  #serve(socket: Socket): void {
    const options = { role: 'listener', name: this.#plan.lie, agent: 'test' } as const;
    const session = new PeerSession({ ...options, nowMs: performance.now() });
    const flush = (): void => {
      const output = session.takeOutput();
      if (output && socket.writable) socket.write(output);
    };
    socket.on('data', (bytes: Buffer) => {
      try {
        session.receive(bytes, performance.now());
        for (let event = session.next(); event; event = session.next())
          if (socket.writable) this.#answer(socket, session, event);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        socket.end();
      }
      flush();
    });
    flush();
  }

  #answer(socket: Socket, session: PeerSession, asked: Asked): void {
    if (asked.type === 'bye') return void socket.end();
    if (!('requestId' in asked) || asked.type === 'cancel' || asked.type === 'error') return;
    const { lie, share } = this.#plan;
    const isLie = this.#seeded.chance(share);
    if (isLie && lie === 'leaves') return void socket.destroy();
    if (isLie && lie === 'babbles') return void socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    if (isLie && lie === 'volunteers') {
      // No session would send it.
      const stranger = new PeerSession({
        role: 'listener',
        name: 'x',
        agent: 'x',
        nowMs: performance.now(),
      });
      return void socket.write(stranger.takeOutput() ?? Buffer.alloc(0));
    }
    switch (asked.type) {
      case 'bitfield':
      case 'block':
      case 'data':
      case 'data-end':
      case 'files':
      case 'list-page':
      case 'manifest':
        // A listener is sent none of these: the session refuses them.
        return;
      case 'get-manifest':
        return this.#giveManifest(socket, session, asked, isLie);
      case 'watch':
        return this.#claimAll(socket, session, asked);
      case 'list':
        return this.#giveList(socket, session, asked, isLie);
      case 'get-pieces':
      case 'get-files':
        if (isLie && lie === 'stalls') return;
        if (isLie && lie === 'makes wait')
          return void socket.write(session.send({ type: 'queue', position: 3 }));
        if (isLie && lie === 'denies') return this.#deny(socket, session, asked.requestId);
        if (asked.type === 'get-pieces') this.#givePieces(socket, session, asked, isLie);
        else this.#giveFiles(socket, session, asked, isLie);
    }
  }

  #deny(socket: Socket, session: PeerSession, requestId: number): void {
    const refusal = { type: 'error', requestId, code: 'not-found', message: 'no', detail: '' } as const;
    socket.write(session.send(refusal));
  }

  #giveManifest(
    socket: Socket,
    session: PeerSession,
    { requestId, id }: PeerMessageNamed<'get-manifest'>,
    isLie: boolean,
  ): void {
    const content = this.#contents.get(id);
    if (!content) return this.#deny(socket, session, requestId);
    if (isLie && this.#plan.lie === 'stalls' && this.#seeded.chance(0.2)) return;
    const { sizeBytes, pieceLength, leaves } = content.manifest;
    const given = Buffer.from(leaves);
    if (isLie && this.#plan.lie === 'forges' && given.length > 0) given[0]! ^= 1;
    const size = isLie && this.#plan.lie === 'forges' && given.length === 0 ? 1 : sizeBytes;
    const dataLength = given.length;
    socket.write(session.send({ type: 'manifest', requestId, sizeBytes: size, pieceLength, dataLength }));
    socket.write(given);
  }

  #claimAll(socket: Socket, session: PeerSession, { requestId, id }: PeerMessageNamed<'watch'>): void {
    const content = this.#contents.get(id);
    if (!content) return this.#deny(socket, session, requestId);
    const bitfield = Bitfield.full(pieceCount(content.manifest.sizeBytes)).encode();
    socket.write(session.send({ type: 'bitfield', requestId, bitfield }));
  }

  /** A forged list leads out of the folder, and has no end. */
  #giveList(
    socket: Socket,
    session: PeerSession,
    { requestId }: PeerMessageNamed<'list'>,
    isLie: boolean,
  ): void {
    const isForged = isLie && this.#plan.lie === 'forges';
    const entries = isForged
      ? this.#entries.map((entry) => ({ ...entry, path: entry.path.replace('/', '/../') }))
      : this.#entries;
    const cursor = isForged ? 'again' : undefined;
    socket.write(session.send({ type: 'list-page', requestId, entries: [...entries], cursor }));
  }

  #givePieces(
    socket: Socket,
    session: PeerSession,
    { requestId, id, firstPiece, count }: PeerMessageNamed<'get-pieces'>,
    isLie: boolean,
  ): void {
    const content = this.#contents.get(id);
    if (!content) return this.#deny(socket, session, requestId);
    const { sizeBytes, pieceLength } = content.manifest;
    for (let piece = firstPiece; piece < firstPiece + count; piece++) {
      const last = piece === firstPiece + count - 1;
      const whole = pieceSize(sizeBytes, piece);
      const isShort = isLie && this.#plan.lie === 'cuts short';
      const dataLength = isShort ? Math.ceil(whole / 2) : whole;
      const at = piece * pieceLength;
      const given = Buffer.from(content.bytes.subarray(at, at + dataLength));
      if (isLie && this.#plan.lie === 'spoils') given[0]! ^= 1;
      socket.write(session.send({ type: 'block', requestId, piece, offset: 0, dataLength, last }));
      socket.write(given);
    }
  }

  /** One reply for each file. */
  #giveFiles(
    socket: Socket,
    session: PeerSession,
    { requestId, ids }: PeerMessageNamed<'get-files'>,
    isLie: boolean,
  ): void {
    const { lie } = this.#plan;
    for (const [at, id] of ids.entries()) {
      const content = this.#contents.get(id);
      const last = at === ids.length - 1;
      const given = content && Buffer.from(content.bytes);
      if (given && isLie && lie === 'spoils' && given.length > 0) given[0]! ^= 1;
      const isShort = isLie && lie === 'cuts short' && given !== undefined && given.length > 0;
      const sent = isShort ? given.subarray(0, given.length - 1) : given;
      const dataLength = sent?.length ?? 0;
      const files = [{ sizeBytes: dataLength, code: sent ? undefined : 'not-shared' }];
      socket.write(session.send({ type: 'files', requestId, dataLength, last, files }));
      if (sent) socket.write(sent);
    }
  }
}
