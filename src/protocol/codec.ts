/**
 * Turns messages into frames and bodies of frames back into messages, by a table. Invariant: whatever the
 * bytes, `decode` returns a message that fits the table, or `undefined` for a code it does not have, or throws
 * a RemoteProtocolError.
 */
import { Packr, Unpackr } from 'msgpackr/pack';
import { maxUnknownFrameBytes } from '../core/limits/wire.ts';
import { LocalProtocolError, RemoteProtocolError } from './errors.ts';
import { type AnyField, dropLeftOut, invalid, u32 } from './fields.ts';
import { prefixBytes } from './frames.ts';
import { lint } from './linter.ts';
import type { MessageOf, MessageSpec, MessageTable, Side } from './table.ts';

interface Entry {
  readonly name: string;
  readonly spec: MessageSpec;
  readonly fields: readonly (readonly [string, AnyField])[];
  readonly isAnswer: boolean;
}

export interface Codec<Table extends MessageTable> {
  /** The whole frame, length prefix included. Throws a LocalProtocolError for a message that does not fit. */
  encode(message: MessageOf<Table>): Uint8Array;
  /**
   * The message in `source` from `start` to `end`: the body of one frame. `undefined` when the table does not
   * have its code. Nothing in it refers to `source` afterwards.
   */
  decode(source: Uint8Array, start: number, end: number): MessageOf<Table> | undefined;
  /** The code, and the request id if there is one, of a message that the table does not have. */
  peek(source: Uint8Array, start: number, end: number): { readonly code: number; readonly requestId: number };
  readonly table: Readonly<Record<string, MessageSpec>>;
  specOf(code: number): MessageSpec | undefined;
  /** Whether the message answers a request. */
  isAnswer(type: string): boolean;
  isAnswerCode(code: number): boolean;
  /** The largest body that this side may send, unknown types included. */
  maxBytesFrom(side: Side): number;
}

export function createCodec<const Table extends MessageTable>(table: Table): Codec<Table> {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number', copyBuffers: false });
  const window = { start: 0, end: 0 };
  const byName = new Map<string, Entry>();
  const byCode: (Entry | undefined)[] = [];
  const answers = new Set(Object.values(table).flatMap((spec) => spec.answers ?? []));
  const maxBytes = { client: maxUnknownFrameBytes, server: maxUnknownFrameBytes };
  for (const [name, spec] of Object.entries(table)) {
    const entry = { name, spec, fields: Object.entries(spec.fields), isAnswer: answers.has(name) };
    if (byCode[spec.code]) throw new Error(`Code ${spec.code} stands for two messages`);
    byCode[spec.code] = entry;
    byName.set(name, entry);
    for (const side of ['client', 'server'] as const)
      if (spec.from === side || spec.from === 'both')
        maxBytes[side] = Math.max(maxBytes[side], spec.maxBytes);
  }

  return {
    encode(message) {
      const entry = byName.get(message.type as string);
      if (!entry) throw new LocalProtocolError(`No message is called ${String(message.type)}`);
      const values: unknown[] = [entry.spec.code];
      for (const [name, field] of entry.fields) {
        const value = field.write((message as Readonly<Record<string, unknown>>)[name] as never);
        if (value === invalid) throw new LocalProtocolError(`${entry.name}.${name} is not fit to be sent`);
        values.push(value);
      }
      dropLeftOut(values, entry.fields);
      const body = packr.pack(values);
      if (body.length > entry.spec.maxBytes)
        throw new LocalProtocolError(
          `${entry.name} takes ${body.length} bytes of at most ${entry.spec.maxBytes}`,
        );
      const frame = new Uint8Array(prefixBytes + body.length);
      new DataView(frame.buffer).setUint32(0, body.length);
      frame.set(body, prefixBytes);
      return frame;
    },

    decode(source, start, end) {
      const code = lint(source, start, end);
      const entry = byCode[code];
      if (!entry) return undefined;
      window.start = start;
      window.end = end;
      const values = unpack(unpackr, source, window);
      const message: Record<string, unknown> = { type: entry.name };
      let at = 1;
      for (const [name, field] of entry.fields) {
        if (at >= values.length && !field.optional)
          throw new RemoteProtocolError('bad-field', `${entry.name} ends before ${name}`);
        const value = field.read(values[at++]);
        if (value === invalid)
          throw new RemoteProtocolError('bad-field', `${entry.name}.${name} is not valid`);
        message[name] = value;
      }
      return message as MessageOf<Table>;
    },

    peek(source, start, end) {
      const code = lint(source, start, end);
      window.start = start;
      window.end = end;
      const requestId = u32.read(unpack(unpackr, source, window)[1]);
      return { code, requestId: requestId === invalid ? 0 : requestId };
    },

    table,
    specOf: (code) => byCode[code]?.spec,
    isAnswer: (type) => answers.has(type),
    isAnswerCode: (code) => byCode[code]?.isAnswer === true,
    maxBytesFrom: (side) => maxBytes[side],
  };
}

function unpack(
  unpackr: Unpackr,
  source: Uint8Array,
  window: { start: number; end: number },
): readonly unknown[] {
  try {
    return unpackr.unpack(source, window) as readonly unknown[];
  } catch (error) {
    // The linter has let it through, so this is not expected; it is still the remote's bytes that did it.
    throw new RemoteProtocolError('malformed', `The message cannot be unpacked: ${String(error)}`);
  }
}
