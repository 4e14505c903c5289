/**
 * The kinds of fields that messages are made of. A field reads a decoded msgpack value into what our code uses
 * (ids become strings, byte strings are copied) and writes it back; both ways refuse what does not fit.
 * Invariant: what a field has read never refers to the buffer it came from.
 */
import type { ListEntry } from '../core/catalogue.ts';
import { type ContentId, contentId, decodeId, idBytes, type PeerId, peerId } from '../core/ids.ts';
import { utf8Length } from './utf8.ts';

export const invalid: unique symbol = Symbol('invalid');
export type Invalid = typeof invalid;

export interface Field<T> {
  /** From the wire. */
  readonly read: (value: unknown) => T | Invalid;
  /** To the wire. */
  readonly write: (value: T) => unknown;
  /** May be nil, or missing at the end of a message. */
  readonly optional?: true;
}

/** Any field, whatever it holds. */
export interface AnyField {
  readonly read: (value: unknown) => unknown;
  readonly write: (value: never) => unknown;
  readonly optional?: true;
}

export type FieldValue<F extends AnyField> = Exclude<ReturnType<F['read']>, Invalid>;

/** A field that may be left out. */
export type OptionalField<T> = Field<T | undefined> & { readonly optional: true };

/** What fields of these names hold together. */
export type FieldValues<Fields extends Readonly<Record<string, AnyField>>> = {
  readonly [K in keyof Fields as Fields[K] extends { readonly optional: true } ? never : K]: FieldValue<
    Fields[K]
  >;
} & {
  readonly [K in keyof Fields as Fields[K] extends { readonly optional: true } ? K : never]?: FieldValue<
    Fields[K]
  >;
};

function both<T>(check: (value: unknown) => T | Invalid): Field<T> {
  return { read: check, write: check };
}

/** A whole number from `min` to `max`, however it is packed (any msgpack integer, or a float with no fraction). */
export function uint(max: number, min = 0): Field<number> {
  return both((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : invalid,
  );
}

export const u16 = uint(0xffff);
export const u32 = uint(0xffff_ffff);
/** Up to 2^53 − 1: what a double holds exactly. */
export const u53 = uint(Number.MAX_SAFE_INTEGER);

export const bool: Field<boolean> = both((value) => (typeof value === 'boolean' ? value : invalid));

/** A string of at most `maxBytes` in UTF-8. */
export function str(maxBytes: number): Field<string> {
  return both((value) =>
    typeof value === 'string' && value.isWellFormed() && utf8Length(value) <= maxBytes ? value : invalid,
  );
}

/** A byte string of exactly this length. */
export function bytes(length: number): Field<Uint8Array> {
  return both<Uint8Array>((value) =>
    value instanceof Uint8Array && value.length === length ? new Uint8Array(value) : invalid,
  );
}

/** A byte string of at most so many bytes. */
export function bytesUpTo(max: number): Field<Uint8Array> {
  return both<Uint8Array>((value) =>
    value instanceof Uint8Array && value.length <= max ? new Uint8Array(value) : invalid,
  );
}

/** 32 bytes on the wire, base32 in our code. */
export const contentIdField: Field<ContentId> = idField(contentId);
export const peerIdField: Field<PeerId> = idField(peerId);

export function list<T>(of: Field<T>, max: number): Field<readonly T[]> {
  return {
    read: (value) => (Array.isArray(value) ? mapped(value, of.read, max) : invalid),
    write: (value) => mapped(value, of.write, max),
  };
}

/** Several fields as a positional array; more elements than we know are ignored, optional ones may be missing at the end. */
export function record<Shape extends Readonly<Record<string, AnyField>>>(
  shape: Shape,
): Field<FieldValues<Shape>> {
  type Value = FieldValues<Shape>;
  const fields = Object.entries(shape) as unknown as [string, Field<unknown>][];
  return {
    read(value) {
      if (!Array.isArray(value)) return invalid;
      const result: Record<string, unknown> = {};
      for (const [at, [name, field]] of fields.entries()) {
        if (at >= value.length && field.optional !== true) return invalid;
        const item = field.read(value[at]);
        if (item === invalid) return invalid;
        if (item !== undefined) result[name] = item;
      }
      return result as Value;
    },
    write(value) {
      const result: unknown[] = [];
      for (const [name, field] of fields) {
        const item = field.write((value as Readonly<Record<string, unknown>>)[name]);
        if (item === invalid) return invalid;
        result.push(item);
      }
      return dropLeftOut(result, fields);
    },
  };
}

/** Takes from the end what may be missing there and is. */
export function dropLeftOut(
  values: unknown[],
  fields: readonly (readonly [name: string, field: AnyField])[],
): unknown[] {
  const first = values.length - fields.length;
  while (values.length > first && values.at(-1) === null && fields[values.length - first - 1]?.[1].optional)
    values.pop();
  return values;
}

/** nil, or missing at the end of a message, is `undefined`. */
export function optional<T>(of: Field<T>): OptionalField<T> {
  return {
    read: (value) => (value === null || value === undefined ? undefined : of.read(value)),
    write: (value) => (value === undefined ? null : of.write(value)),
    optional: true,
  };
}

/** `[kind, path, sizeBytes, id | nil, files]`: kind 0 is a folder, 1 a file. */
export function listEntry(maxPathBytes: number): Field<ListEntry> {
  const row = record({
    kind: uint(1),
    path: str(maxPathBytes),
    sizeBytes: u53,
    id: optional(contentIdField),
    files: u53,
  });
  return {
    read(value) {
      const entry = row.read(value);
      if (entry === invalid) return invalid;
      const { kind, path, sizeBytes, id, files } = entry;
      if (kind === 0) return { kind: 'folder', path, sizeBytes, files };
      return id === undefined ? invalid : { kind: 'file', path, sizeBytes, id };
    },
    write: (entry) =>
      entry.kind === 'folder'
        ? row.write({ ...entry, kind: 0, id: undefined })
        : row.write({ ...entry, kind: 1, files: 1 }),
  };
}

function idField<Id extends string>(make: (bytes: Uint8Array) => Id): Field<Id> {
  return {
    read: (value) => (value instanceof Uint8Array && value.length === idBytes ? make(value) : invalid),
    write: (value) => decodeId(value) ?? invalid,
  };
}

function mapped<From, To>(
  values: readonly From[],
  map: (value: From) => To | Invalid,
  max: number,
): To[] | Invalid {
  if (values.length > max) return invalid;
  const result: To[] = [];
  for (const value of values) {
    const item = map(value);
    if (item === invalid) return invalid;
    result.push(item);
  }
  return result;
}
