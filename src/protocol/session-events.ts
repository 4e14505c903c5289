/** What a session gives and takes, for any table of messages: types only. */

/** Raw bytes of an answer. `bytes` is a view into the received chunk: valid until the next `receive`. */
export interface DataEvent {
  readonly type: 'data';
  readonly requestId: number;
  readonly bytes: Uint8Array;
}

/** All bytes that the last `manifest` or `block` announced have come. */
export interface DataEndEvent {
  readonly type: 'data-end';
  readonly requestId: number;
}

/** What `next` gives: data, and messages but for keep-alive, which the session sees to. */
export type EventOf<Incoming extends { readonly type: unknown }> =
  Exclude<Incoming, { readonly type: 'ping' | 'pong' }> | DataEvent | DataEndEvent;

/** What `send` takes: greetings and keep-alive are the session's own. */
export type Sendable<Outgoing extends { readonly type: unknown }> = Exclude<
  Outgoing,
  { readonly type: 'ping' | 'pong' | 'hello' | 'welcome' }
>;
