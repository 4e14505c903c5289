/**
 * Frames between threads: msgpack with records, trusted since both ends are ours. Refs and replies cross as
 * handles of the link that is coding; errors as values; shared memory and ports beside the bytes, each known there
 * by its place in line; functions and symbols not at all.
 */
import { MessagePort } from 'node:worker_threads';
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

/** What cannot be written as bytes: memory that both threads see from then on, or a port, which is given away. */
export type Passenger = SharedArrayBuffer | MessagePort;

/** What is posted: bytes alone, or bytes and those who travel with them, in their order. */
export type Frame = ArrayBuffer | readonly [bytes: ArrayBuffer, ...passengers: readonly Passenger[]];

/** Ports of this thread's that have gone to another: they are of no use here any more. */
const givenAway = new WeakSet<MessagePort>();

/** What of a frame changes hands, which is about to be posted. */
export function handOver(frame: Frame): (ArrayBuffer | MessagePort)[] {
  if (!Array.isArray(frame)) return [frame as ArrayBuffer];
  const [bytes, ...carried] = frame as readonly [ArrayBuffer, ...Passenger[]];
  const ports = new Set(carried.filter((passenger) => passenger instanceof MessagePort));
  for (const port of ports) givenAway.add(port);
  return [bytes, ...ports];
}

const refType = 0x10;
const replyType = 0x11;
const errorType = 0x12;
const passengerType = 0x13;

/** The table of the link that is coding right now: coding is synchronous, and extensions are the module's. */
let table: HandleTable | undefined;

function current(): HandleTable {
  if (table === undefined) throw new TypeError('A ref can only be coded by a link');
  return table;
}

/** Those of the frame that is being coded. */
let passengers: Passenger[] = [];

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
function writePassenger(passenger: Passenger): number {
  if (passenger instanceof MessagePort && givenAway.has(passenger))
    throw new TypeError('The port has gone to another thread already');
  return passengers.push(passenger) - 1;
}

/** Memory that another realm of JavaScript took in first, as there are in a test, is of a class of its own. */
const passengerClasses = new Set<unknown>();

function carry(Class: Passenger['constructor']): void {
  passengerClasses.add(Class);
  addExtension({
    Class,
    type: passengerType,
    write: writePassenger,
    read: (place: number) => passengers[place],
  });
}

for (const Class of [SharedArrayBuffer, MessagePort]) carry(Class);
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

  /** Bytes of its own, to be transferred. Throws on what is not plain data. */
  encode(value: unknown): Frame {
    table = this.#table;
    passengers = [];
    try {
      const packed = this.#packr.pack(value);
      const bytes = packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length) as ArrayBuffer;
      return passengers.length === 0 ? bytes : [bytes, ...passengers];
    } finally {
      table = undefined;
      passengers = [];
    }
  }

  decode(frame: Frame): unknown {
    table = this.#table;
    let bytes = frame as ArrayBuffer;
    if (Array.isArray(frame)) [bytes, ...passengers] = frame as readonly [ArrayBuffer, ...Passenger[]];
    for (const { constructor } of passengers) if (!passengerClasses.has(constructor)) carry(constructor);
    try {
      return this.#unpackr.unpack(new Uint8Array(bytes));
    } finally {
      table = undefined;
      passengers = [];
    }
  }
}
