/**
 * One declarative table per protocol: from it come the types of its messages, their encoding, their checks and
 * their limits. Invariant: a code, once used, never changes its meaning; fields are only ever added at the end.
 */
import type { AnyField, FieldValues } from './fields.ts';

/** `client` dials and asks (a peer at a tracker, a downloader at an uploader), `server` accepts and answers. */
export type Side = 'client' | 'server';

/** Before both sides have agreed on a version, and after. */
export type Phase = 'hello' | 'ready';

export interface MessageSpec {
  /** The first element of the array: 1–15 are common, 16–63 the tracker's, 64–95 the peers'. */
  readonly code: number;
  readonly from: Side | 'both';
  readonly phases: readonly Phase[];
  /** The largest body accepted, in bytes, without the length prefix. */
  readonly maxBytes: number;
  /** Set on requests: the messages that answer it; `error` always may. */
  readonly answers?: readonly string[];
  /** Set on answers of several messages: the request ends with the one whose field has this value. */
  readonly finalWhen?: readonly [field: string, value: boolean];
  /** `dataLength` raw bytes follow the frame. */
  readonly raw?: true;
  /** In the order in which they stand on the wire, after the code. */
  readonly fields: Readonly<Record<string, AnyField>>;
}

export type MessageTable = Readonly<Record<string, MessageSpec>>;

/** The message `Name` of a table as our code sees it. */
export type MessageNamed<Table extends MessageTable, Name extends keyof Table> = {
  readonly type: Name;
} & FieldValues<Table[Name]['fields']>;

/** Any message of a table. */
export type MessageOf<Table extends MessageTable> = {
  [Name in keyof Table]: MessageNamed<Table, Name>;
}[keyof Table];

/** The messages that `From` may send. */
export type MessageFrom<Table extends MessageTable, From extends Side> = {
  [Name in keyof Table]: Table[Name]['from'] extends From | 'both' ? MessageNamed<Table, Name> : never;
}[keyof Table];

/** Keeps the literal types of a table. */
export function defineMessages<const Table extends MessageTable>(table: Table): Table {
  return table;
}
