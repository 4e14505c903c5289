/**
 * What is to cross, collected into frames: flat arrays of operations, sent when the tick ends or when a frame is
 * full. Tells in a row to one ref are one operation.
 */
import { toError } from '../errors.ts';
import { frameBytes, frameMessages } from '../limits.ts';
import type { Codec, Frame } from './codec.ts';
import { itemsPerOp, op, type Op } from './wire.ts';

export interface Sender {
  post(frame: Frame): void;
  /** Called before a frame is closed, to add what can wait for one. */
  closing(): void;
  /** A message or payload that cannot cross; for an operation other than tells, what to send instead, if anything. */
  unsendable(operation: Op, id: number, payload: unknown, error: Error): readonly unknown[];
}

export class Outbox {
  readonly #codec: Codec;
  readonly #sender: Sender;
  #items: unknown[] = [];
  #count = 0;
  #limit = frameMessages;
  #tellsTo = -1;
  #tells: unknown[] = [];
  #armed = false;

  constructor(codec: Codec, sender: Sender) {
    this.#codec = codec;
    this.#sender = sender;
  }

  tell(id: number, message: unknown): void {
    if (this.#tellsTo !== id) {
      this.#tells = [];
      this.append(op.tells, id, this.#tells);
      this.#tellsTo = id;
    } else this.#count += 1;
    this.#tells.push(message);
    this.#arm();
  }

  push(operation: Op, id: number, payload: unknown): void {
    this.append(operation, id, payload);
    this.#arm();
  }

  /** Adds it to the next frame without hurry. */
  append(operation: Op, id: number, payload: unknown): void {
    this.#tellsTo = -1;
    this.#items.push(operation, id, payload);
    this.#count += 1;
  }

  flush(): void {
    this.#armed = false;
    this.#sender.closing();
    const items = this.#items;
    if (items.length === 0) return;
    const count = this.#count;
    this.#items = [];
    this.#count = 0;
    this.#tellsTo = -1;
    const frame = this.#encode(items);
    this.#limit = messagesPerFrame(sizeOf(frame), count);
    this.#sender.post(frame);
  }

  #arm(): void {
    if (this.#count >= this.#limit) this.flush();
    else this.flushSoon();
  }

  /** Sees to it that a frame goes out when the tick ends. */
  flushSoon(): void {
    if (this.#armed) return;
    this.#armed = true;
    queueMicrotask(this.#flushArmed);
  }

  readonly #flushArmed = (): void => {
    if (this.#armed) this.flush();
  };

  #encode(items: unknown[]): Frame {
    try {
      return this.#codec.encode(items);
    } catch {
      return this.#codec.encode(this.#sendable(items));
    }
  }

  /** The operations without what cannot cross. */
  #sendable(items: unknown[]): unknown[] {
    const sendable: unknown[] = [];
    for (let at = 0; at < items.length; at += itemsPerOp) {
      const operation = items[at] as Op;
      const id = items[at + 1] as number;
      const payload = items[at + 2];
      if (operation === op.tells) {
        const refused = (message: unknown): boolean => this.#refused(operation, id, message) === undefined;
        sendable.push(operation, id, (payload as unknown[]).filter(refused));
      } else sendable.push(...(this.#refused(operation, id, payload) ?? [operation, id, payload]));
    }
    return sendable;
  }

  /** Undefined when it can cross. */
  #refused(operation: Op, id: number, payload: unknown): readonly unknown[] | undefined {
    try {
      this.#codec.encode(payload);
      return undefined;
    } catch (error) {
      return this.#sender.unsendable(operation, id, payload, toError(error));
    }
  }
}

const sizeOf = (frame: Frame): number => ('byteLength' in frame ? frame : frame[0]).byteLength;

/** How many messages go into a frame, given what the last one came to. */
function messagesPerFrame(bytes: number, messages: number): number {
  return Math.max(1, Math.min(frameMessages, Math.floor((frameBytes * messages) / bytes)));
}
