/** What the sessions of both protocols share: events, raw data, output queue, pings, deadlines, request ids. */
import type { MessageOf, MessageTable } from './table.ts';

/** Raw bytes that belong to an answer. `bytes` is a view into the received chunk: valid until the next `receive`. */
export interface DataEvent {
  readonly type: 'data';
  readonly requestId: number;
  readonly bytes: Uint8Array;
}

/** All bytes that a `manifest` or `block` announced have come. */
export interface DataEndEvent {
  readonly type: 'data-end';
  readonly requestId: number;
}

/** A message of the other side, or raw data of the last header. Pings and pongs do not show. */
export type SessionEvent<Table extends MessageTable, Incoming extends MessageOf<Table>> =
  Exclude<Incoming, { type: 'ping' | 'pong' }> | DataEvent | DataEndEvent;
