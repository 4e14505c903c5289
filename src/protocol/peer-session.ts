/**
 * A conversation between two peers: the dialler asks and downloads, the listener answers and uploads; with a peer
 * that was called it is the other way round. Both hellos are in the output from the start; requests may be sent from
 * the `hello` event on.
 */
import { maxPeerRequests, peerPingMs, peerSilenceMs } from '../core/limits/wire.ts';
import { type BlockHeader, blockHeaderBytes, writeBlockHeader } from './block-header.ts';
import { createCodec } from './codec.ts';
import { LocalProtocolError, RemoteProtocolError } from './errors.ts';
import type { KeepAlive } from './liveness.ts';
import { peerMessages, type PeerMessage, type PeerMessageNamed, type PeerTable } from './peer-messages.ts';
import type { OpenRequest } from './requests.ts';
import { Session } from './session.ts';
import { agreeOn, features, maxVersion, minVersion, swarming } from './version.ts';

export interface PeerSessionOptions {
  /** `called`: it dialled because the other side called it, and uploads. */
  readonly role: 'dialer' | 'listener' | 'called';
  readonly name: string;
  readonly agent: string;
  readonly nowMs: number;
  /** Of who was called: what it was given to show. */
  readonly token?: Uint8Array | undefined;
}

const codec = createCodec(peerMessages);

/** Who asks keeps the connection alive. */
const askers: KeepAlive = { pingEveryMs: peerPingMs, silenceMs: peerSilenceMs };

export class PeerSession extends Session<PeerTable, PeerMessage, PeerMessage> {
  readonly #isListener: boolean;
  #hasWatched = false;

  constructor({ role, name, agent, nowMs, token }: PeerSessionOptions) {
    super(codec, {
      side: role === 'dialer' ? 'client' : 'server',
      maxRequests: maxPeerRequests,
      keepAlive: role === 'dialer' ? askers : { ...askers, pingEveryMs: undefined },
      nowMs,
    });
    this.#isListener = role === 'listener';
    this.queue({ type: 'hello', minVersion, maxVersion, features, name, agent, token });
  }

  /**
   * Writes the frame of a block header into `target` at `at` and makes no garbage; gives where it ends. The
   * same checks as `send`, and the block's bytes must follow.
   */
  writeBlock(target: Uint8Array, at: number, block: BlockHeader): number {
    const request = this.owed.get(block.requestId);
    if (!request || !isNextBlock(request, block))
      throw new LocalProtocolError('The block answers nothing that was asked');
    if (block.last) this.owed.close(block.requestId);
    this.live.said(this.nowMs);
    writeBlockHeader(target, at, block);
    return at + blockHeaderBytes;
  }

  /** Whether both sides speak of what is not complete yet. */
  get isSwarming(): boolean {
    return ((this.agreed?.features ?? 0) & swarming) !== 0;
  }

  protected override encode(message: PeerMessage): Uint8Array {
    if (message.type === 'watch') this.#hasWatched = true;
    return super.encode(message);
  }

  /** What is told of a content may cross with our `unwatch` of it. */
  protected override onNotice({ type }: PeerMessage): void {
    if (type === 'have' && !this.#hasWatched)
      throw new RemoteProtocolError('unsolicited', 'Nobody asked for have');
  }

  protected override onGreeting(message: PeerMessage): void {
    if (message.type !== 'hello') return;
    this.agree(agreeOn(message));
    if (this.#isListener && message.token) this.turn(askers);
  }

  protected override isInOrder(request: OpenRequest, message: PeerMessage): boolean {
    if (message.type === 'block') return isNextBlock(request, message);
    if (message.type === 'files') return areNextFiles(request, message);
    return super.isInOrder(request, message);
  }
}

/** Blocks of a request come piece by piece, without a gap; the last one must be of the last piece. */
function isNextBlock(request: OpenRequest, { piece, offset, dataLength, last }: BlockHeader): boolean {
  const { message } = request;
  if (message.type !== 'get-pieces') return false;
  const { firstPiece, count } = message as PeerMessage & { type: 'get-pieces' };
  const continues = piece === request.piece && offset === request.offset;
  const begins = offset === 0 && piece === (request.piece < 0 ? firstPiece : request.piece + 1);
  const end = firstPiece + count;
  if ((!continues && !begins) || piece >= end || (last && piece !== end - 1)) return false;
  request.piece = piece;
  request.offset = offset + dataLength;
  return true;
}

/** Files come in the order asked, and the last of them with `last`. */
function areNextFiles(request: OpenRequest, { files, dataLength, last }: PeerMessageNamed<'files'>): boolean {
  const { message } = request;
  if (message.type !== 'get-files') return false;
  const { ids } = message as PeerMessageNamed<'get-files'>;
  const answered = request.results + files.length;
  const bytes = files.reduce((sum, { sizeBytes, code }) => sum + (code === undefined ? sizeBytes : 0), 0);
  if (files.length === 0 || bytes !== dataLength || answered > ids.length) return false;
  if (last !== (answered === ids.length)) return false;
  request.results = answered;
  return true;
}
