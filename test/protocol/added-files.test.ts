import { describe, expect, test } from '@jest/globals';
import { FileEntries } from '../../src/core/share/file-entries.ts';
import { contentId, idBytes } from '../../src/core/ids.ts';
import { maxFilesPerAdd, maxPathBytes } from '../../src/core/limits/wire.ts';
import { readAddedFiles } from '../../src/protocol/added-files.ts';
import { createCodec } from '../../src/protocol/codec.ts';
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import { trackerMessages, type TrackerMessageNamed } from '../../src/protocol/tracker-messages.ts';
import * as fc from '../helpers/properties.ts';

type Add = TrackerMessageNamed<'add'>;
const codec = createCodec(trackerMessages);

const files = fc.array(
  fc.record({
    id: fc.uint8Array({ minLength: idBytes, maxLength: idBytes }).map(contentId),
    sizeBytes: fc.oneof(
      fc.nat({ max: 300 }),
      fc.constantFrom(127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    ),
    path: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }).map((path) => path.toWellFormed()),
      fc.constantFrom('/a', `/${'x'.repeat(30)}`, `/${'ä'.repeat(200)}`, `/${'x'.repeat(maxPathBytes - 1)}`),
    ),
  }),
  { maxLength: 20 },
);

function read(body: Uint8Array): readonly unknown[] | undefined {
  // Behind other bytes and before others, as in a chunk.
  const chunk = Uint8Array.from([1, 2, 3, ...body, 4, 5]);
  const entries = readAddedFiles(chunk, 3, 3 + body.length);
  chunk.fill(0);
  return entries && said(entries);
}

const said = (entries: FileEntries): readonly unknown[] =>
  Array.from({ length: entries.count }, (_, at) => [
    entries.id(at),
    entries.path(at),
    Buffer.from(entries.bytes.subarray(entries.start(at), entries.end(at))).toString('hex'),
  ]);

const bodyOf = (message: Add): Uint8Array => codec.encode(message).subarray(4);

/** A body of one file as it is packed, piece by piece. */
const idOf = [0xc4, 32, ...new Uint8Array(32).fill(9)];
const path = [0xa2, 0x2f, 0x61];
const one = (...file: readonly number[]): Uint8Array => Uint8Array.from([0x92, 20, 0x91, ...file]);
const wanted = { id: contentId(new Uint8Array(32).fill(9)), path: '/a' };

describe('files that a peer adds', () => {
  test('are read as the fields of the message read them', () => {
    fc.assert(
      fc.property(files, (all) => {
        expect(read(bodyOf({ type: 'add', files: all }))).toEqual(said(FileEntries.of(all)));
      }),
    );
  });

  test('are read in a full message too', () => {
    const all = Array.from({ length: maxFilesPerAdd }, (_, at) => ({ ...wanted, sizeBytes: at }));
    expect(read(bodyOf({ type: 'add', files: all }))).toEqual(said(FileEntries.of(all)));
  });

  test.each<[string, readonly number[], number]>([
    ['one byte', [200], 200],
    ['two', [0xcd, 0, 5], 5],
    ['four', [0xce, 0xff, 0xff, 0xff, 0xff], 2 ** 32 - 1],
    ['eight', [0xcf, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Number.MAX_SAFE_INTEGER],
    ['a double', [0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0], 5],
    ['a double below zero that is zero', [0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], 0],
  ])('may have their size in %s', (_, packed, sizeBytes) => {
    const size = packed.length === 1 ? [0xcc, ...packed] : packed;
    expect(read(one(0x93, ...idOf, ...size, ...path))).toEqual(
      said(FileEntries.of([{ ...wanted, sizeBytes }])),
    );
  });

  test.each<[string, Uint8Array]>([
    ['a field of a later version behind them', Uint8Array.from([0x93, 20, 0x90, 5])],
    ['a file with one more field', one(0x94, ...idOf, 5, ...path, 5)],
    ['a file with one field less', one(0x92, ...idOf, 5)],
    ['an array header that is longer than it need be', Uint8Array.from([0x92, 20, 0xdd, 0, 0, 0, 0])],
    ['an id of another length', one(0x93, 0xc4, 1, 9, 5, ...path)],
    ['a signed size', one(0x93, ...idOf, 0xd0, 5, ...path)],
    ['a size below zero', one(0x93, ...idOf, 0xff, ...path)],
    ['a size of 2^53', one(0x93, ...idOf, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0, ...path)],
    ['half a byte', one(0x93, ...idOf, 0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, ...path)],
    ['a path that is too long', one(0x93, ...idOf, 5, 0xda, 4, 1, ...new Uint8Array(1_025).fill(0x61))],
    ['a path that is none', one(0x93, ...idOf, 5, 5)],
    ['no files', Uint8Array.from([0x92, 20, 5])],
    ['too many', Uint8Array.from([0x92, 20, 0xdc, 2, 1, ...new Uint8Array(513).fill(0)])],
  ])('are left to the fields of the message where there is %s', (_, body) => {
    expect(read(body)).toBeUndefined();
  });

  test.each<[string, Uint8Array]>([
    ['ends too early', one(0x93, ...idOf, 5)],
    ['goes on after its end', Uint8Array.from([...one(0x93, ...idOf, 5, ...path), 5])],
    ['holds a path that is not UTF-8', one(0x93, ...idOf, 5, 0xa1, 0xff)],
    ['claims more than there is', Uint8Array.from([0x92, 20, 0xdc, 1, 0])],
  ])('are refused when the message %s', (_, body) => {
    expect(() => read(body)).toThrow(RemoteProtocolError);
  });

  test('whatever the bytes, what is read is what the message says', () => {
    fc.assert(
      fc.property(
        files,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
        (all, changes) => {
          const body = Uint8Array.from(bodyOf({ type: 'add', files: all }));
          for (const [at, byte] of changes) body[2 + (at % (body.length - 2))] = byte;
          let entries: readonly unknown[] | undefined;
          try {
            entries = read(body);
          } catch (error) {
            expect(error).toBeInstanceOf(RemoteProtocolError);
            return;
          }
          if (entries === undefined) return;
          const message = codec.decode(body, 0, body.length) as Add;
          expect(entries).toEqual(said(FileEntries.of(message.files)));
        },
      ),
    );
  });
});
