/**
 * Frames between threads: msgpack with records, trusted since both ends are ours. Refs and replies cross as
 * handles of the link that is coding; errors as values; functions and symbols not at all.
 */
import { addExtension, Packr, Unpackr } from 'msgpackr/pack';
import { Reply } from '../ask.ts';
import { Handle } from '../handle.ts';

/** What stands for a ref or a reply on the wire. */
export interface HandleTable {
  writeRef(ref: Handle<never>): unknown;
  readRef(written: unknown): Handle<never>;
  writeReply(reply: Reply<never>): unknown;
  readReply(written: unknown): Reply<never>;
}

const refType = 0x10;
const replyType = 0x11;
const errorType = 0x12;

/** The table of the link that is coding right now: coding is synchronous, and extensions are the module's. */
let table: HandleTable | undefined;

function current(): HandleTable {
  if (table === undefined) throw new TypeError('A ref can only be coded by a link');
  return table;
}

type WrittenError = readonly [name: string, message: string, stack: string, code: unknown, cause: unknown];

function writeError(error: Error): WrittenError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cause = error.cause instanceof Error ? writeError(error.cause) : undefined;
  return [error.name, error.message, error.stack ?? '', code, cause];
}

function readError([name, message, stack, code, cause]: WrittenError): Error {
  const error =
    cause === undefined
      ? new Error(message)
      : new Error(message, { cause: readError(cause as WrittenError) });
  return Object.assign(error, { name, stack }, code === undefined ? {} : { code });
}

addExtension({
  Class: Handle,
  type: refType,
  write: (ref: Handle<never>) => current().writeRef(ref),
  read: (written: unknown) => current().readRef(written),
});
addExtension({
  Class: Reply,
  type: replyType,
  write: (reply: Reply<never>) => current().writeReply(reply),
  read: (written: unknown) => current().readReply(written),
});
addExtension({ Class: Error, type: errorType, write: writeError, read: readError });

const options = {
  moreTypes: true,
  copyBuffers: true,
  bundleStrings: true,
  writeFunction(): never {
    throw new TypeError('Functions cannot cross to another thread');
  },
};

export class Codec {
  readonly #packr = new Packr(options);
  readonly #unpackr = new Unpackr(options);
  readonly #table: HandleTable;

  constructor(handles: HandleTable) {
    this.#table = handles;
  }

  /** A buffer of its own, to be transferred. Throws on what is not plain data. */
  encode(value: unknown): ArrayBuffer {
    table = this.#table;
    try {
      const bytes = this.#packr.pack(value);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    } finally {
      table = undefined;
    }
  }

  decode(frame: ArrayBuffer): unknown {
    table = this.#table;
    try {
      return this.#unpackr.unpack(new Uint8Array(frame));
    } finally {
      table = undefined;
    }
  }
}
