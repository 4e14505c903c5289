import { describe, expect, test } from '@jest/globals';
import type { PeerSummary, SearchEnd, SearchResult } from '../../src/core/catalogue.ts';
import type { EngineCommand } from '../../src/core/engine/engine-api.ts';
import { maxSearchLimit } from '../../src/core/limits/cli.ts';
import { maxQueryTerms } from '../../src/core/limits/stores.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';

import { contentId, peerId, play, unreachable, type FakeEngine } from './fakes.ts';

const found: SearchResult = {
  id: contentId(1),
  name: 'Moby Dick.epub',
  names: ['Moby Dick.epub'],
  sizeBytes: 1_258_291,
  type: 'document',
  sources: [{ peer: peerId(2), name: 'alice', host: '127.0.0.1', port: 4001 }],
};

const someone: PeerSummary = {
  peer: peerId(2),
  name: 'alice',
  host: '127.0.0.1',
  port: 4001,
  files: 1,
  bytes: 1,
};

const answering =
  (
    answer: Result<readonly SearchResult[]>,
    end: SearchEnd = {},
    online: readonly PeerSummary[] = [someone],
  ) =>
  (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type === 'search')
      engine.emit({
        type: 'answer-search',
        requestId: command.requestId,
        answer,
        last: true,
        trackers: { asked: 1, answered: 1 },
        end,
      });
    else if (command.type === 'peers')
      engine.emit({ type: 'answer-peers', requestId: command.requestId, answer: ok(online) });
  };

describe('search', () => {
  test('prints one JSON object a result, with the keys and order scripts rely on', async () => {
    const { code, stdout, stderr } = await play({
      argv: ['search', '--json', 'moby', 'dick'],
      answer: answering(ok([found])),
    });
    expect(code).toBe(0);
    expect(stdout.text).toBe(
      `{"id":"${found.id}","name":"Moby Dick.epub","size":1258291,"type":"document",` +
        `"sources":[{"peer":"${peerId(2)}","name":"alice","host":"127.0.0.1","port":4001}]}\n`,
    );
    expect(stderr.text).toBe('');
  });

  test('asks for the words in their order, minus words included, up to the limit', async () => {
    const { engines } = await play({
      argv: ['search', 'moby', '-whale', 'dick', '--limit', '7'],
      answer: answering(ok([found])),
    });
    expect(engines[0]?.sent[0]).toMatchObject({ type: 'search', query: 'moby -whale dick', limit: 7 });
    expect(engines[0]?.sent.at(-1)).toEqual({ type: 'stop', when: 'now' });
    expect(engines[0]?.config).toMatchObject({ role: 'guest', shares: [] });
  });

  test('says of a source whether a tracker got through to it, where one has tried', async () => {
    const sources = found.sources.map((source) => ({ ...source, reachable: false }));
    const { events } = await play({
      argv: ['search', '--json', 'x'],
      answer: answering(ok([{ ...found, sources }])),
    });
    expect(events).toMatchObject([{ sources: [{ name: 'alice', reachable: false }] }]);
  });

  test('says in which folder a file of that name lies, where trackers do', async () => {
    const answer = answering(ok([{ ...found, folder: '/books/old/' }]));
    const { events } = await play({ argv: ['search', '--json', 'x'], answer });
    expect(events).toMatchObject([{ name: found.name, folder: '/books/old/' }]);
  });

  test('does not say that there is nothing while a part of the catalogue is away', async () => {
    const { code, stderr } = await play({
      argv: ['search', 'x'],
      answer: answering(ok([]), { isPartial: true }),
    });
    expect(code).toBe(69);
    expect(stderr.text).toContain('A part of the catalogue did not answer');
  });

  test('shows people a table that fits the terminal and keeps the id whole', async () => {
    const wide = { ...found, name: '鯨'.repeat(60) + '.epub' };
    const { stdout } = await play({
      argv: ['search', 'x'],
      answer: answering(ok([found, wide])),
      tty: true,
      columns: 120,
    });
    expect(stdout.lines).toHaveLength(3);
    expect(stdout.lines[0]).toMatch(/^NAME +SIZE +TYPE +SOURCES +ID$/);
    expect(stdout.lines[1]).toContain(found.id);
    expect(stdout.lines[2]).toMatch(/….*\.epub +1\.2 MiB +document +1 {2}/);
  });

  describe('tells files of one name apart by their folders', () => {
    const alike = ['/one/', '/two/\u001b[2J'].map((folder, at) => ({
      ...found,
      id: contentId(at + 1),
      folder,
    }));
    const other = { ...found, id: contentId(3), name: 'Other.epub', folder: '/three/' };
    const shown = (columns?: number) =>
      play({
        argv: ['search', 'x'],
        answer: answering(ok([...alike, other])),
        ...(columns !== undefined && { tty: true, columns }),
      });

    test('in a column where nothing need fit', async () => {
      const { stdout } = await shown();
      expect(stdout.lines[0]).toMatch(/^NAME +SIZE +TYPE +SOURCES +FOLDER +ID$/);
      expect(stdout.lines.map((line) => line.split(/ {2,}/).slice(-2)).slice(1)).toEqual([
        ['/one/', contentId(1)],
        ['/two/\ufffd[2J', contentId(2)],
        ['1', contentId(3)],
      ]);
    });

    test('below their rows on a terminal, cut where it is narrow', async () => {
      const wide = await shown(120);
      expect(wide.stdout.lines).toHaveLength(6);
      expect([wide.stdout.lines[2], wide.stdout.lines[4]]).toEqual(['  in /one/', '  in /two/\ufffd[2J']);
      const narrow = await shown(60);
      expect(narrow.stdout.lines.slice(2, 4)).toEqual(['  in /one/', `  ${contentId(1)}`]);
      expect(narrow.stdout.lines.slice(-1)).toEqual([`  ${contentId(3)}`]);
      const long = { ...found, folder: `/${'a'.repeat(90)}/` };
      const cut = await play({
        ...{ argv: ['search', 'x'], answer: answering(ok([...alike, long])), tty: true, columns: 60 },
      });
      expect(cut.stdout.lines.at(-2)).toMatch(/^ {2}in \/a+…a+\/$/);
      expect(cut.stdout.lines.at(-2)).toHaveLength(60);
    });

    test('not where no name is that of several', async () => {
      const { stdout } = await play({ argv: ['search', 'x'], answer: answering(ok([other])) });
      expect(stdout.lines[0]).toMatch(/SOURCES +ID$/);
    });
  });

  test('says so on stderr when nothing is found', async () => {
    const { code, stdout, stderr } = await play({ argv: ['search', 'x'], answer: answering(ok([])) });
    expect([code, stdout.text]).toEqual([66, '']);
    expect(stderr.text).toContain('Nothing found for "x"');
  });

  test('gives no advice on words where nobody is online', async () => {
    const alone = await play({ argv: ['search', 'x'], answer: answering(ok([]), {}, []) });
    expect([alone.code, alone.stderr.text]).toEqual([66, 'Nothing found for "x". Nobody is online now.\n']);
    const { stderr } = await play({ argv: ['search', 'x'], answer: answering(ok([])) });
    expect(stderr.text).toBe('Nothing found for "x". Fewer words, or the start of one, find more.\n');
  });

  test('says that the start of a word is too short where that is all there is', async () => {
    const { stderr } = await play({ argv: ['search', 'f*'], answer: answering(ok([])) });
    expect(stderr.text).toBe(
      'Nothing found for "f*". f* is too short: two letters are needed before the *.\n',
    );
  });

  test('says what may have been meant when nothing is found, and nothing of it on stdout', async () => {
    for (const argv of [
      ['search', 'beatels'],
      ['search', '--json', 'beatels'],
    ]) {
      const { code, stdout, stderr } = await play({
        argv,
        answer: answering(ok([]), { suggestion: 'beatles' }),
      });
      expect([code, stdout.text]).toEqual([66, '']);
      expect(stderr.text).toBe('Nothing found for "beatels". Did you mean: beatles\n');
    }
  });

  test('says of a filter that there is none such, and which there are', async () => {
    const answer = answering(ok([]));
    const { code, stderr } = await play({ argv: ['search', 'artist:anna', 'x'], answer });
    expect([code, stderr.lines.at(-1)]).toEqual([
      66,
      'artist: is no filter; there are ext:, type:, size:, peer:, id:.',
    ]);
    const plain = await play({ argv: ['search', 'http://a 12:30'], answer });
    expect(plain.stderr.lines).toHaveLength(1);
  });

  test('says which of the peers it was to look at are not online', async () => {
    const { code, stdout, stderr } = await play({
      argv: ['search', '--json', 'peer:nobody,anna', 'x'],
      answer(command, engine) {
        answering(ok([]))(command, engine);
        if (command.type !== 'find-peer') return;
        const { requestId, peer } = command;
        const source = { peer: peerId(2), name: 'anna', host: '127.0.0.1', port: 4001 };
        const none = fail('not-found', `No peer ${peer} is online`);
        engine.emit({ type: 'answer-find-peer', requestId, answer: peer === 'anna' ? ok(source) : none });
      },
    });
    expect([code, stdout.text]).toEqual([66, '']);
    expect(stderr.lines.slice(1)).toEqual(['No peer nobody is online.']);
  });

  test('has nothing to point at where there is no query', async () => {
    const { code, stderr } = await play({ argv: ['search', ' '] });
    expect([code, stderr.lines.length]).toEqual([64, 1]);
  });

  test('refuses a query that makes no sense before anybody is asked, and points at the place', async () => {
    const { code, stderr, engines } = await play({ argv: ['search', '鯨 moby', 'type:movie', 'x'] });
    expect([code, engines.length]).toEqual([64, 0]);
    expect(stderr.lines).toEqual([
      expect.stringMatching(
        /^shoal: Expected a type out of audio.*got "movie"; did you mean type:video\? \(at character 8\)$/,
      ),
      '  鯨 moby type:movie x',
      '          ^^^^^^^^^^',
    ]);
    const blind = await play({ argv: ['search', 'moby OR'] });
    expect(blind.stderr.lines.slice(1)).toEqual(['  moby OR', '       ^^']);
    const endless = await play({ argv: ['search', 'x'.repeat(300)] });
    expect([endless.code, endless.stderr.lines.length]).toEqual([64, 1]);
  });

  test('takes more results than a tracker gives at once, up to its limit', async () => {
    const asking = (limit: string) =>
      play({ argv: ['search', 'moby', '--limit', limit], answer: answering(ok([found])) });
    const { engines } = await asking(String(maxSearchLimit));
    expect(engines[0]?.sent[0]).toMatchObject({ limit: maxSearchLimit });
    const { code, stderr } = await asking(String(maxSearchLimit + 1));
    expect(code).toBe(64);
    expect(stderr.text).toContain(String(maxSearchLimit));
  });

  test('shows no more than asked for where several trackers gave so many each', async () => {
    const results = [1, 2, 3].map((number) => ({ ...found, id: contentId(number) }));
    const argv = ['search', '--json', 'moby', '--limit', '2'];
    const { stdout, stderr } = await play({ argv, answer: answering(ok(results)) });
    expect(stdout.lines).toHaveLength(2);
    expect(stderr.text).toContain('These are the first 2: --limit 8 shows more.');
  });

  test.each([
    ['there is more', '50', { cursor: 'x' }, 'These are the first 1: --limit 200 shows more.'],
    [
      'there is more than is shown',
      '2000',
      { cursor: 'x' },
      'These are the first 1: there may be more, which',
    ],
    ['it stopped at a bound', '50', { isCut: true }, 'These are the first 1: there may be more, which'],
    ['a part is missing', '50', { isPartial: true }, 'A part of the catalogue did not answer'],
    ['that is all', '50', {}, undefined],
  ] as const)('says on stderr when %s', async (_, limit, end, words) => {
    const argv = ['search', '--json', 'moby', '--limit', limit];
    const { code, stdout, stderr } = await play({ argv, answer: answering(ok([found]), end) });
    expect([code, stdout.lines.length]).toEqual([0, 1]);
    if (words === undefined) expect(stderr.text).toBe('');
    else expect(stderr.text).toContain(words);
  });

  test('ends with 69 when no tracker answers', async () => {
    const { code, stderr } = await play({ argv: ['search', 'x'], answer: answering(unreachable) });
    expect(code).toBe(69);
    expect(stderr.text).toBe('shoal: the tracker does not answer\n');
  });

  test('ends with 69 when it is asked too often, and with 64 when it asks for too much', async () => {
    const answer = answering(fail('limit', 'Too many requests, slow down'));
    expect((await play({ argv: ['search', 'x'], answer })).code).toBe(69);
    const words = Array.from({ length: maxQueryTerms + 1 }, (_, at) => `w${at}`).join(' ');
    const { code, stderr } = await play({ argv: ['search', words] });
    const [, , pointer = ''] = stderr.lines;
    expect([code, pointer.indexOf('^') - 2]).toEqual([64, words.lastIndexOf('w')]);
  });

  test('ends with 70 when the engine gives up', async () => {
    const { code, stderr } = await play({
      argv: ['search', 'x'],
      launched: (engine) => {
        engine.emit({
          type: 'fault',
          problem: { code: 'internal', message: 'the library restarted too often' },
        });
        engine.end(70);
      },
    });
    expect(code).toBe(70);
    expect(stderr.text).toContain('the library restarted too often');
  });
});
