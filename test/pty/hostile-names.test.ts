/**
 * Names from strangers that try to be more than names: in every place where one is shown, the terminal is told nothing
 * but what to draw.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../src/core/ids.ts';
import { ok } from '../../src/core/result.ts';
import { downloadView, trackerView, uploadView } from '../helpers/views.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { TerminalProgram } from './program.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const limitMs = 180_000;
const id = <Kind>(seed: number): Kind => encodeId(new Uint8Array(32).fill(seed)) as Kind;

/** Title, clipboard, notification, link, bell, colours, cursor, erasing, the other screen, mouse, direction, lines. */
const attacks = [
  '\x1b]0;evil\x07',
  '\x1b]2;evil\x1b\\',
  '\x9d0;evil\x9c',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1b]9;evil\x07',
  '\x1b]8;;http://evil.example\x07link\x1b]8;;\x07',
  '\x07\x08\x7f',
  '\x1b[31m\x1b[8mhidden\x1b[0m',
  '\x1b[10;10H\x1b[2J\x9b2J',
  '\x1b[?1049l\x1b[?1000h\x1b[?25h\x1bc',
  '\u202egpj.exe\u2066\u200b\u200d',
  'two\nlines\r\nand\ttabs\u2028\u0085',
  'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301 鯨👨‍👩‍👧‍👦🇩🇪',
];
const evil = attacks.map((attack, at) => `a${at}${attack}z`).join('');
const short = (at: number): string => `n${at}${attacks[at % attacks.length] ?? ''}`;

const source = { peer: id<PeerId>(7), name: evil, host: '192.0.2.1', port: 4001 };
const problem = { code: 'unreachable', message: evil } as const;
const result = {
  id: id<ContentId>(8),
  name: evil,
  names: [evil, short(2)],
  sizeBytes: 5,
  type: 'video',
  sources: [source],
} as const;

let neighbourhood: Neighbourhood;
let engine: ScriptedEngine;

beforeEach(async () => {
  neighbourhood = new Neighbourhood();
  const downloads = [
    downloadView({ name: evil, path: `/out/${evil}`, outDir: `/out/${evil}`, sizeBytes: 1e6, doneBytes: 1e5, problem }),
    ...attacks.map((_, at) => downloadView({ transfer: at + 2, name: short(at), state: 'waiting', queueIndex: at + 2, problem })),
    downloadView({ transfer: 50, name: evil, state: 'failed', queueIndex: undefined, problem, retry: 'never' }),
    downloadView({ transfer: 51, name: evil, state: 'done', queueIndex: undefined, path: `/out/${evil}`, endedMs: 1 }),
  ];
  engine = await ScriptedEngine.open(await neighbourhood.folder('home'), {
    snapshot: {
      name: evil,
      trackers: [trackerView({ host: short(1), peers: 3 }), trackerView({ port: 1, state: 'refused', problem })],
      downloads,
      uploads: [uploadView({ peerName: evil, name: evil, sentBytes: 10 })],
      shares: [{ folder: `/srv/${evil}`, name: evil, state: 'failed', files: 1, bytes: 1, hashing: { files: 0, bytes: 0 }, scannedMs: 1, problem }],
      blocked: [{ peer: id<PeerId>(5), name: evil }],
      disk: { folder: `/out/${evil}`, freeBytes: 1e9 },
      log: [{ atMs: 1, level: 'error', source: short(3), text: evil }],
    },
    answers: {
      search: ({ requestId }) => [
        { type: 'answer-search', requestId, answer: ok([result]), last: true, trackers: { asked: 1, answered: 1 } },
      ],
      shared: ({ requestId }) => [{ type: 'answer-shared', requestId, answer: ok([]) }],
      peers: ({ requestId }) => [{ type: 'answer-peers', requestId, answer: ok([{ ...source, files: 3, bytes: 9 }]) }],
      browse: ({ requestId, path }): readonly EngineEvent[] => [
        {
          type: 'answer-browse',
          requestId,
          answer: ok([
            { kind: 'folder', path: `${path}${short(6)}${short(7)}/`, files: 3, sizeBytes: 9 },
            { kind: 'file', id: id(8), path: `${path}${evil.replaceAll('/', '')}`, sizeBytes: 9 },
          ]),
          last: true,
        },
      ],
      'share-entries': ({ requestId }) => [
        { type: 'answer-share-entries', requestId, answer: ok([{ kind: 'file', id: id(8), path: `/${evil.replaceAll('/', '')}`, sizeBytes: 9, sentBytes: 1, timesSent: 1 }]) },
      ],
      details: ({ requestId }) => [
        {
          type: 'answer-details',
          requestId,
          answer: ok({
            download: downloads[0] ?? downloadView(),
            pieceLength: 1024,
            pieces: 10,
            pieceMap: new Uint8Array(10),
            sources: [{ ...source, state: 'resting', havePieces: 3, receivedBytes: 1, bytesPerSecond: 0, queuePosition: undefined, problem, nextAttemptMs: undefined }],
            openFiles: [],
          }),
        },
      ],
      download: ({ requestId }) => [{ type: 'answer-download', requestId, answer: { ok: false, problem } }],
    },
  });
}); // prettier-ignore

afterEach(async () => {
  await engine.close();
  await neighbourhood.clear();
});

/** All that the program may write: text, colours, the cursor, erasing to the end of a line, and its own modes. */
const allowed =
  // eslint-disable-next-line no-control-regex -- what is drawn with
  /\x1b\[[\d;]*m|\x1b\[\d*(?:;\d*)?[ABCDGHKJEF]|\x1b\[\?(?:1049|25|2004|2026)[hl]|\x1b\]2;[^\x00-\x1f\x7f-\x9f]*\x07|\x1b\[2[23];2t|\r?\n/g;

function expectHarmless({ emulator }: TerminalProgram): void {
  expect(emulator.raw.replace(allowed, '')).not.toMatch(
    /\p{Cc}|[\u200b\u202a-\u202e\u2066-\u2069\u2028\u2029]/u,
  );
  expect(emulator.titles.join()).not.toMatch(/^evil/m);
  expect(emulator.clipboard).toEqual([]);
  expect(emulator.notifications).toEqual([]);
  expect(emulator.links).toEqual([]);
  expect(emulator.bells).toBe(0);
  expect(emulator.scrolls).toBe(0);
  expect(emulator.alternate).toBe(true);
  expect(emulator.terminal.modes.mouseTrackingMode).toBe('none');
  expect(emulator.frameFaults()).toEqual([]);
}

describe('a name that is an attack', () => {
  test.each([
    [160, 48],
    [80, 24],
  ])(
    'is drawn and nothing else, on every screen and in every message, at %i by %i',
    async (columns, rows) => {
      const terminal = await neighbourhood.terminal(engine.attach, { columns, rows });
      await terminal.waitFor('2 Transfers 14');
      const steps: readonly (readonly [keys: string, shown: string | RegExp])[] = [
        ['2', /^> .*a0/m],
        ['e', '[Details'],
        ['\x1b', '[Downloads'],
        [']', /\[Uploads[^]*a0/],
        [']', /\[Done[^]*a0/],
        [']', /\[Failed[^]*a0/],
        ['[[[', '[Downloads'],
        // Names in questions.
        ['x', /Cancel|cancel/],
        ['\x1b', '[Downloads'],
        ['3', /\[3 Shares[^]*a0/],
        ['\r', /a0/],
        ['4', /^> ! a0/m],
        ['b', /n6/],
        ['5', /\[5 Log[^]*a0/],
        ['/', 'Esc leave'],
        ['anything\r', /\/ anything[^]*a0/],
        // The answer is an error with the same words.
        ['\r', /Enter get[^]*|a0/],
        ['!', '[Messages'],
        ['q', 'Quit?'],
      ];
      for (const [keys, shown] of steps) {
        for (const key of keys.startsWith('any') ? [keys] : keys) terminal.type(key);
        await terminal.waitFor(shown, `${JSON.stringify(keys)} to show ${String(shown)}`);
      }
      engine.emit({ type: 'log', line: { atMs: 2, level: 'error', source: evil, text: evil } });
      engine.emit({ type: 'download', download: downloadView({ name: evil, state: 'done', sizeBytes: 1e6, doneBytes: 1e6 }) });
      terminal.press('s');
      await terminal.waitFor(/a0\ufffd/);
      expectHarmless(terminal);
      terminal.press('ctrl-c');
      terminal.press('ctrl-c');
      const end = await terminal.ended();
      expect(end).toMatchObject({ settingsKept: true, alternate: false });
    },
    limitMs,
  ); // prettier-ignore
});
