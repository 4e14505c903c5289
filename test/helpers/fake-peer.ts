/** A peer that speaks the protocol and does as the test says: to see what others make of liars and the like. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Source } from '../../src/core/catalogue.ts';
import { Bitfield } from '../../src/core/swarm/bitfield.ts';
import type { Manifest } from '../../src/core/swarm/manifest.ts';
import { pieceCount, pieceSize } from '../../src/core/swarm/piece-length.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
import type { PeerMessageNamed } from '../../src/protocol/peer-messages.ts';
import { PeerSession } from '../../src/protocol/peer-session.ts';
import { makeIdentity, type TestContent } from './transfer.ts';

/** What becomes of a request for pieces. */
export type Behaviour = 'spoils' | 'denies' | 'stalls' | 'cuts short' | 'halts';

/** What one that halts has sent of a piece by then. */
export const haltsAfterBytes = 10_000;

export class FakePeer implements AsyncDisposable {
  readonly identity: Identity;
  /** Pieces it was asked for, in order; and how often somebody came. */
  readonly askedFor: number[] = [];
  visits = 0;
  readonly #content: TestContent;
  readonly #behaviour: Behaviour;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(identity: Identity, content: TestContent, behaviour: Behaviour) {
    this.identity = identity;
    this.#content = content;
    this.#behaviour = behaviour;
    this.#server = createServer((raw) => {
      const socket = new TLSSocket(raw, { isServer: true, ...tlsOptions(identity, 'peer') });
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('secure', () => this.#serve(socket));
    });
  }

  static async start(content: TestContent, behaviour: Behaviour): Promise<FakePeer> {
    const peer = new FakePeer(await makeIdentity(), content, behaviour);
    await new Promise<void>((resolve) => peer.#server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  get source(): Source {
    const { port } = this.#server.address() as AddressInfo;
    return { peer: this.identity.id, name: this.#behaviour, host: '127.0.0.1', port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: TLSSocket): void {
    this.visits++;
    const session = new PeerSession({
      role: 'listener',
      name: this.#behaviour,
      agent: 'test',
      nowMs: performance.now(),
    });
    const flush = (): void => {
      const output = session.takeOutput();
      if (output) socket.write(output);
    };
    socket.on('data', (bytes: Buffer) => {
      session.receive(bytes, performance.now());
      for (let event = session.next(); event; event = session.next()) {
        if (event.type === 'get-manifest') this.#giveManifest(socket, session, event.requestId);
        if (event.type === 'watch') this.#claimAll(socket, session, event.requestId);
        if (event.type === 'get-pieces') this.#answer(socket, session, event);
        if (event.type === 'bye') socket.end();
      }
      flush();
    });
    flush();
  }

  get #manifest(): Manifest {
    return this.#content.manifest;
  }

  #giveManifest(socket: TLSSocket, session: PeerSession, requestId: number): void {
    const { sizeBytes, pieceLength, leaves } = this.#manifest;
    const dataLength = leaves.length;
    socket.write(session.send({ type: 'manifest', requestId, sizeBytes, pieceLength, dataLength }));
    socket.write(leaves);
  }

  #claimAll(socket: TLSSocket, session: PeerSession, requestId: number): void {
    const bitfield = Bitfield.full(pieceCount(this.#manifest.sizeBytes)).encode();
    socket.write(session.send({ type: 'bitfield', requestId, bitfield }));
  }

  #answer(socket: TLSSocket, session: PeerSession, request: PeerMessageNamed<'get-pieces'>): void {
    const { requestId, firstPiece, count } = request;
    for (let piece = firstPiece; piece < firstPiece + count; piece++) this.askedFor.push(piece);
    if (this.#behaviour === 'stalls') return;
    if (this.#behaviour === 'denies') {
      const refusal = { type: 'error', requestId, code: 'not-found', message: 'no', detail: '' } as const;
      socket.write(session.send(refusal));
      return;
    }
    for (let piece = firstPiece; piece < firstPiece + count; piece++) {
      const last = piece === firstPiece + count - 1;
      const whole = pieceSize(this.#manifest.sizeBytes, piece);
      const dataLength = this.#behaviour === 'cuts short' ? Math.floor(whole / 2) : whole;
      socket.write(session.send({ type: 'block', requestId, piece, offset: 0, dataLength, last }));
      if (this.#behaviour === 'halts') return void socket.write(Buffer.alloc(haltsAfterBytes, 7));
      socket.write(Buffer.alloc(dataLength, 7));
    }
  }
}
