import { describe, expect, test } from '@jest/globals';
import type { ListEntry, PeerSummary } from '../../src/core/catalogue.ts';
import type { EngineCommand } from '../../src/core/engine/engine-api.ts';
import { maxOrderedEntries } from '../../src/core/limits/cli.ts';
import { fail, ok } from '../../src/core/result.ts';
import { contentId, peerId, play, unreachable, type FakeEngine } from './fakes.ts';

const folder: ListEntry = { kind: 'folder', path: '/music/live/', files: 2, sizeBytes: 4096 };
const song: ListEntry = { kind: 'file', path: '/music/a.flac', sizeBytes: 2048, id: contentId(1) };
const hostile: ListEntry = { kind: 'file', path: '/music/\u001b[2J\r.flac', sizeBytes: 1, id: contentId(2) };

/** Answers a browse with these pages. */
const paging =
  (...pages: readonly (readonly ListEntry[])[]) =>
  (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type !== 'browse') return;
    for (const [at, page] of pages.entries())
      engine.emit({
        type: 'answer-browse',
        requestId: command.requestId,
        answer: ok(page),
        last: at === pages.length - 1,
      });
  };

describe('browse', () => {
  test('prints folders first, each kind with its keys', async () => {
    const { code, stdout, engines } = await play({
      argv: ['browse', '--json', 'alice', '/music'],
      answer: paging([song], [folder]),
    });
    expect(code).toBe(0);
    expect(stdout.lines).toEqual([
      '{"path":"/music/live/","files":2,"size":4096}',
      `{"path":"/music/a.flac","size":2048,"id":"${contentId(1)}"}`,
    ]);
    expect(engines[0]?.sent[0]).toMatchObject({ peer: 'alice', path: '/music/', recursive: false });
  });

  test('takes a folder as get does', async () => {
    const { engines } = await play({ argv: ['browse', 'alice:/music/live'], answer: paging([song]) });
    expect(engines[0]?.sent[0]).toMatchObject({ peer: 'alice', path: '/music/live/' });
  });

  test.each([[], ['--json']])('has names in the order in which people expect them %s', async (...flags) => {
    const file = (path: string): ListEntry => ({ kind: 'file', path, sizeBytes: 1, id: contentId(1) });
    const names = ['/m/track 1', '/m/track 10', '/m/track 2'];
    const scene = {
      answer: paging(names.map(file), [
        { ...folder, path: '/m/b/' },
        { ...folder, path: '/m/B 2/' },
      ]),
    };
    const order = (lines: readonly string[]): readonly (string | undefined)[] =>
      lines.map((line) => /\/m\/[^"]*?(?=  |")/.exec(line)?.[0]);
    const one = await play({ argv: ['browse', 'a', '/m', ...flags], ...scene });
    expect(order(one.stdout.lines)).toEqual(['/m/b/', '/m/B 2/', '/m/track 1', '/m/track 2', '/m/track 10']);
    const all = await play({
      argv: ['browse', '--recursive', 'a', ...flags],
      answer: paging(
        [{ ...folder, path: '/m/b/' }, file('/m/b/10'), file('/m/b/9')],
        [file('/m/2'), file('/m/10'), file('/m/b/11')],
      ),
    });
    expect(order(all.stdout.lines)).toEqual(['/m/b/', '/m/b/9', '/m/b/10', '/m/b/11', '/m/2', '/m/10']);
  });

  test('says how many have come while a terminal waits, and takes that away', async () => {
    let nowMs = 0;
    const scene = {
      argv: ['browse', 'alice'],
      ports: { now: () => (nowMs += 300) },
      answer: paging([song], [song], [song], [folder]),
    };
    const watched = await play({ ...scene, tty: true });
    expect(watched.stderr.text).toMatch(
      /^Listing: 2 entries so far\r\u001b\[K(Listing: 4 entries so far\r\u001b\[K)?$/,
    );
    expect((await play(scene)).stderr.text).toBe('');
  });

  test('of more than can be put in order prints what comes as it comes, and says so', async () => {
    const page = Array.from({ length: maxOrderedEntries / 2 }, (_, at): ListEntry => ({
      kind: 'file',
      path: `/x/${9 - (at % 10)}`,
      sizeBytes: 1,
      id: contentId(1),
    }));
    const { stdout, stderr } = await play({ argv: ['browse', 'alice'], answer: paging(page, page, page) });
    expect(stdout.lines).toHaveLength(page.length * 3);
    expect(stdout.lines[0]).toContain('/x/9');
    expect(stderr.lines).toEqual([expect.stringContaining('in the order of their bytes')]);
  });

  test('prints everything below a folder', async () => {
    const { stdout, engines } = await play({
      argv: ['browse', '--recursive', '--json', 'alice'],
      answer: paging([song], [hostile]),
    });
    expect(stdout.lines).toHaveLength(2);
    expect(engines[0]?.sent[0]).toMatchObject({ path: '/', recursive: true });
  });

  test('shows people sizes, paths and ids, without anything hostile', async () => {
    const { stdout } = await play({
      argv: ['browse', 'alice', 'music'],
      answer: paging([folder, song, hostile]),
    });
    expect(stdout.lines).toEqual([
      '    4 KiB  /music/live/  2 files',
      `      1 B  /music/\ufffd[2J\ufffd.flac  ${contentId(2)}`,
      `    2 KiB  /music/a.flac  ${contentId(1)}`,
    ]);
  });

  test.each([
    [fail('not-found', 'nobody is called alice'), 66],
    [unreachable, 69],
  ])('ends as the problem says', async (answer, expected) => {
    const { code, stderr } = await play({
      argv: ['browse', 'alice'],
      answer: (command, engine) => {
        if (command.type === 'browse')
          engine.emit({ type: 'answer-browse', requestId: command.requestId, answer, last: true });
      },
    });
    expect(code).toBe(expected);
    expect(stderr.lines).toHaveLength(1);
  });

  test.each([
    ['online', ok({ peer: peerId(1), name: 'alice', host: '127.0.0.1', port: 1 }), true],
    ['not online', fail('not-found', 'No peer alice is online'), false],
  ] as const)(
    'of a folder that is not there says where to look when the peer is %s',
    async (_, peer, hints) => {
      const { code, stderr } = await play({
        argv: ['browse', 'alice', '/Music/'],
        answer: ({ type, ...command }, engine) => {
          const requestId = 'requestId' in command ? command.requestId : 0;
          const answer = fail('not-found', 'alice shares no folder /Music/');
          if (type === 'browse') engine.emit({ type: 'answer-browse', requestId, answer, last: true });
          if (type === 'find-peer') engine.emit({ type: 'answer-find-peer', requestId, answer: peer });
        },
      });
      const hint = hints ? '; shoal browse alice shows what there is' : '';
      expect([code, stderr.lines]).toEqual([66, [`shoal: alice shares no folder /Music/${hint}`]]);
    },
  );

  test('an empty folder that is not the root is not there', async () => {
    const { code, stderr } = await play({ argv: ['browse', 'alice', '/x'], answer: paging([]) });
    expect([code, stderr.lines]).toEqual([
      66,
      ['shoal: alice shares no folder /x/; shoal browse alice shows what there is'],
    ]);
    expect((await play({ argv: ['browse', 'alice'], answer: paging([]) })).code).toBe(0);
  });
});

describe('list', () => {
  const files = [
    { id: contentId(2), path: '/b/2.txt', sizeBytes: 2 },
    { id: contentId(1), path: '/a/1.txt', sizeBytes: 1 },
  ];

  test('prints what the profile shares, in order, without starting anything', async () => {
    const homes: string[] = [];
    const { code, stdout, engines } = await play({
      argv: ['list', '--json', '--name', 'alice'],
      ports: {
        readShareIndex: (home) => {
          homes.push(home);
          return Promise.resolve(ok(files));
        },
      },
    });
    expect([code, engines.length, homes]).toEqual([0, 0, ['/nowhere/data/alice']]);
    expect(stdout.lines).toEqual([
      `{"path":"/a/1.txt","size":1,"id":"${contentId(1)}"}`,
      `{"path":"/b/2.txt","size":2,"id":"${contentId(2)}"}`,
    ]);
  });

  test('says how to share when nothing is shared', async () => {
    const { code, stdout, stderr } = await play({ argv: ['list'] });
    expect([code, stdout.text]).toEqual([0, '']);
    expect(stderr.text).toContain('shoal peer --share DIR');
  });

  test('an index that cannot be read is exit code 74', async () => {
    const ports = { readShareIndex: () => Promise.resolve(fail('io', 'cannot be read')) };
    expect((await play({ argv: ['list'], ports })).code).toBe(74);
  });
});

describe('hash', () => {
  test('prints ids under the paths that were given', async () => {
    const { code, stdout } = await play({
      argv: ['hash', '--json', 'a.txt', '/x/b.txt'],
      ports: {
        hashFiles: (paths, onResult) => {
          for (const path of paths) onResult({ path, outcome: ok({ id: contentId(1), sizeBytes: 5 }) });
          return Promise.resolve();
        },
      },
    });
    expect(code).toBe(0);
    expect(stdout.lines).toEqual([
      `{"path":"a.txt","size":5,"id":"${contentId(1)}"}`,
      `{"path":"/x/b.txt","size":5,"id":"${contentId(1)}"}`,
    ]);
  });

  test('goes on after a file that cannot be read, and says so in its exit code', async () => {
    const { code, stdout, stderr } = await play({
      argv: ['hash', 'a.txt', 'b.txt'],
      ports: {
        hashFiles: (paths, onResult) => {
          onResult({ path: paths[0] ?? '', outcome: fail('io', 'Permission denied') });
          onResult({ path: paths[1] ?? '', outcome: ok({ id: contentId(1), sizeBytes: 5 }) });
          return Promise.resolve();
        },
      },
    });
    expect(code).toBe(74);
    expect(stdout.lines).toHaveLength(1);
    expect(stderr.text).toBe('shoal: a.txt: Permission denied\n');
  });
});

describe('peers', () => {
  const alice: PeerSummary = {
    peer: peerId(1),
    name: 'alice',
    host: '::1',
    port: 4001,
    files: 12,
    bytes: 4096,
  };

  const answering =
    (peers: readonly PeerSummary[], missing: { isPartial?: boolean; isCut?: boolean } = {}) =>
    (command: EngineCommand, engine: FakeEngine): void => {
      if (command.type === 'peers')
        engine.emit({ type: 'answer-peers', requestId: command.requestId, answer: ok(peers), ...missing });
    };

  test('prints who is online with the keys scripts rely on', async () => {
    const { stdout } = await play({ argv: ['peers', '--json'], answer: answering([alice]) });
    expect(stdout.text).toBe(
      `{"peer":"${peerId(1)}","name":"alice","host":"::1","port":4001,"files":12,"bytes":4096}\n`,
    );
  });

  test('shows people a table', async () => {
    const { stdout } = await play({ argv: ['peers'], answer: answering([alice]) });
    expect(stdout.lines).toEqual([
      expect.stringMatching(/^NAME +FILES +SIZE +ADDRESS +ID$/),
      `alice     12  4 KiB  [::1]:4001  ${peerId(1)}`,
    ]);
  });

  test('says whom a tracker did not get through to', async () => {
    const closed = { ...alice, reachable: false };
    const text = await play({ argv: ['peers'], answer: answering([closed]) });
    expect(text.stdout.text).toContain('[::1]:4001 (by call)');
    const json = await play({ argv: ['peers', '--json'], answer: answering([closed]) });
    expect(json.events).toMatchObject([{ name: 'alice', reachable: false, files: 12 }]);
  });

  test('says that some may be missing, to people and to scripts', async () => {
    const missing = { isPartial: true };
    const text = await play({ argv: ['peers'], answer: answering([alice], missing) });
    expect(text.stderr.text).toBe('A part of the catalogue did not answer: there may be more.\n');
    const json = await play({ argv: ['peers', '--json'], answer: answering([alice], missing) });
    expect(json.events).toMatchObject([{ name: 'alice', partial: true }]);
    const none = await play({ argv: ['peers'], answer: answering([], missing) });
    expect(none.stderr.lines).toEqual(['Nobody was found online.', expect.stringContaining('A part of')]);
    const cut = await play({ argv: ['peers'], answer: answering([alice], { isCut: true }) });
    expect(cut.stderr.text).toBe('These are 1 of them: there are more.\n');
  });

  test('nobody online is an answer, not a failure', async () => {
    const { code, stdout, stderr } = await play({ argv: ['peers'], answer: answering([]) });
    expect([code, stdout.text, stderr.text]).toEqual([0, '', 'Nobody is online.\n']);
  });
});
