/**
 * Which frames may come at all, decided from their length and code before their body is kept: by side, by
 * state, by the type's own limit, and answers only while something was asked.
 */
import { maxHelloFrameBytes, maxUnknownFrameBytes } from '../core/limits/wire.ts';
import type { Codec } from './codec.ts';
import { RemoteProtocolError } from './errors.ts';
import type { FrameGate } from './frames.ts';
import type { MessageTable, Side } from './table.ts';

/** What the gate must know of a conversation. */
export interface Conversation {
  readonly isReady: boolean;
  readonly remote: Side;
  /** Requests of ours without their end. */
  readonly askedCount: number;
}

export class Gate<Table extends MessageTable> implements FrameGate {
  readonly #codec: Codec<Table>;
  readonly #conversation: Conversation;

  constructor(codec: Codec<Table>, conversation: Conversation) {
    this.#codec = codec;
    this.#conversation = conversation;
  }

  admitLength(length: number): void {
    const { isReady, remote } = this.#conversation;
    const max = isReady ? this.#codec.maxBytesFrom(remote) : maxHelloFrameBytes;
    if (length === 0 || length > max)
      throw new RemoteProtocolError('frame-length', `A message of ${length} bytes is refused`);
  }

  admitMessage(code: number, length: number): void {
    const { isReady, remote, askedCount } = this.#conversation;
    const spec = this.#codec.specOf(code);
    const mayCome = spec
      ? (spec.from === remote || spec.from === 'both') && spec.phases.includes(isReady ? 'ready' : 'hello')
      : isReady;
    if (!mayCome) throw new RemoteProtocolError('unexpected', `Message type ${code} may not come now`);
    if (length > (spec?.maxBytes ?? maxUnknownFrameBytes))
      throw new RemoteProtocolError('frame-length', `Message type ${code} may not have ${length} bytes`);
    if (askedCount === 0 && this.#codec.isAnswerCode(code))
      throw new RemoteProtocolError('unsolicited', `Nobody asked for message type ${code}`);
  }
}
