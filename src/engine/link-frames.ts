/**
 * What engine and client send each other, as bytes: msgpack, several commands or events to a frame. The same
 * over a message port, where both ends are one program, and over a local socket, where each frame is preceded
 * by its length and looked through before it is decoded. Invariant: `readFrame` returns a frame or a Problem,
 * whatever the bytes.
 */
import { Packr, Unpackr } from 'msgpackr/pack';
import type { EngineCommand, EngineEvent } from '../core/engine/engine-api.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { prefixBytes } from '../protocol/frames.ts';
import { lint, type Dialect } from '../protocol/linter.ts';
import type { PackedSnapshot, PackedView } from './view-deltas.ts';

/** Raised whenever frames or handshake change; the contract itself is as old as the program. */
export const linkVersion = 5;

/** An event as it travels: views, snapshots and the files of a folder in their compact forms. */
export type WireEvent =
  | Exclude<
      EngineEvent,
      {
        readonly type:
          'download' | 'upload' | 'shared' | 'unshared' | 'tree-files' | 'answer-snapshot' | 'resync';
      }
    >
  /** Files as JSON text, which is read and written natively: there are thousands of them in a moment. */
  | { readonly type: 'shared' | 'unshared'; readonly files: string }
  | { readonly type: 'tree-files'; readonly transfer: number; readonly files: string }
  | { readonly type: 'answer-snapshot'; readonly requestId: number; readonly answer: Result<PackedSnapshot> }
  | { readonly type: 'resync'; readonly snapshot: PackedSnapshot }
  | PackedView;

/** The words of the link. The codes of all but `commands` and `events` never change, whatever the version. */
export type LinkFrame =
  /** The client's first. */
  | { readonly kind: 'hello'; readonly link: number; readonly program: string }
  /** The engine's answer, after which the link is open. */
  | { readonly kind: 'welcome'; readonly program: string; readonly pid: number }
  /** Or that it will not talk to this client; it still takes a `halt`. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'commands'; readonly commands: readonly EngineCommand[] }
  | { readonly kind: 'events'; readonly events: readonly WireEvent[] }
  /** The client has dealt with so many bytes of frames. */
  | { readonly kind: 'took'; readonly bytes: number }
  /** Stops an engine of whatever version. */
  | { readonly kind: 'halt'; readonly when: string };

const codes = { hello: 1, welcome: 2, refused: 3, commands: 4, events: 5, took: 6, halt: 7 } as const;

/** The contract's deepest event is a search result's source, eight within one another; the rest is spare. */
const dialect: Dialect = { maxDepth: 12, hasMaps: true };

const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number', copyBuffers: true });

/** The body of a frame, in a buffer of its own that may be given away. */
export function packFrame(frame: LinkFrame): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(packr.pack([codes[frame.kind], ...valuesOf(frame)]));
}

/** The same with its length before it, for a stream. */
export function packPrefixed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(prefixBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, prefixBytes);
  return frame;
}

function valuesOf(frame: LinkFrame): readonly unknown[] {
  switch (frame.kind) {
    case 'hello':
      return [frame.link, frame.program];
    case 'welcome':
      return [frame.program, frame.pid];
    case 'refused':
      return [frame.code, frame.message];
    case 'commands':
      return [frame.commands];
    case 'events':
      return [frame.events];
    case 'took':
      return [frame.bytes];
    case 'halt':
      return [frame.when];
  }
}

/** A frame from our own program. */
export function readTrusted(bytes: Uint8Array): LinkFrame | undefined {
  return frameOf(unpackr.unpack(bytes) as readonly unknown[]);
}

/** A frame from a socket: `protocol` when it is none. What its commands say is still to be checked. */
export function readFrame(source: Uint8Array, start: number, end: number): Result<LinkFrame> {
  try {
    lint(source, start, end, dialect);
    const frame = frameOf(unpackr.unpack(source.subarray(start, end)) as readonly unknown[]);
    return frame === undefined ? malformed : ok(frame);
  } catch {
    return malformed;
  }
}

const malformed: Result<never> = fail(
  'protocol',
  'What came over the engine’s socket is not what a client of this version says',
);

function frameOf([code, first, second]: readonly unknown[]): LinkFrame | undefined {
  switch (code) {
    case codes.hello:
      return isNumber(first) && isText(second) ? { kind: 'hello', link: first, program: second } : undefined;
    case codes.welcome:
      return isText(first) && isNumber(second) ? { kind: 'welcome', program: first, pid: second } : undefined;
    case codes.refused:
      return isText(first) && isText(second) ? { kind: 'refused', code: first, message: second } : undefined;
    case codes.commands:
      return Array.isArray(first) ? { kind: 'commands', commands: first } : undefined;
    case codes.events:
      return Array.isArray(first) ? { kind: 'events', events: first } : undefined;
    case codes.took:
      return isNumber(first) ? { kind: 'took', bytes: first } : undefined;
    case codes.halt:
      return isText(first) ? { kind: 'halt', when: first } : undefined;
    default:
      return undefined;
  }
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';
