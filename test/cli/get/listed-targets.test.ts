import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, jest, test } from '@jest/globals';
import { readTargetList, targetsOf } from '../../../src/cli/get/listed-targets.ts';
import { maxTargetListBytes } from '../../../src/core/limits/cli.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { contentId, play, start, until } from '../fakes.ts';

const nobody = Readable.from([]);

const texts = (...all: readonly string[]) => all.map((text) => ({ text }));

describe('a list of targets', () => {
  test('is read from a file or from standard input, as a whole', async () => {
    const file = join(tempDir(), 'list');
    writeFileSync(file, 'a.txt\nb.txt\n');
    expect(await readTargetList(file, nobody)).toEqual(ok('a.txt\nb.txt\n'));
    // A character may come in two parts.
    const [first, second] = [Buffer.from('grün').subarray(0, 3), Buffer.from('grün').subarray(3)];
    expect(await readTargetList('-', Readable.from([first, second]))).toEqual(ok('grün'));
  });

  test('that is not there, or is too long, is a problem that names it', async () => {
    const missing = join(tempDir(), 'none');
    expect(await readTargetList(missing, nobody)).toMatchObject({
      problem: { code: 'not-found', message: expect.stringContaining(missing) },
    });
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(maxTargetListBytes / 4);
      })(),
    );
    expect(await readTargetList('-', endless)).toMatchObject({
      problem: { code: 'limit', message: expect.stringContaining('standard input') },
    });
  });

  test('has one target in each line, or JSON with the id of one', () => {
    const id = contentId(3);
    const lines = ['a b.txt', '', ' spaced ', `{"id":"${id}","name":"x"}`, '{draft}.txt', '  '];
    expect(targetsOf(lines.join('\r\n'))).toEqual({
      targets: texts('a b.txt', ' spaced ', id, '{draft}.txt'),
      passedOver: 0,
    });
    expect(targetsOf('last')).toEqual({ targets: texts('last'), passedOver: 0 });
  });

  test('keeps where a line of browse, list or search says that it lies, and nothing that is no path', () => {
    const id = contentId(3);
    const line = (fields: object): string => JSON.stringify({ id, ...fields });
    const lines = [
      line({ path: '/music/live/track 1.mp3', size: 4 }),
      line({ name: 'a.mp3', folder: '/music/', sources: [] }),
      line({ name: 'a.mp3' }),
      line({ path: '/music/../../etc/passwd' }),
      line({ path: 'C:\\x' }),
      line({ path: 7 }),
      line({ name: '../a.mp3', folder: '/music/' }),
      line({ name: 'b', folder: '/a' }),
    ];
    expect(targetsOf(lines.join('\n')).targets).toEqual([
      { text: id, at: '/music/live/track 1.mp3' },
      { text: id, at: '/music/a.mp3' },
      ...texts(id, id, id, id, id, id),
    ]);
  });

  test('may have comments; a name that begins like one is listed as the path of a peer', () => {
    const lines = ['# what I want', 'a.txt', '#b.txt', 'c #1.txt', 'bob:/#d.txt', ''];
    expect(targetsOf(lines.join('\n'))).toEqual({
      targets: texts('a.txt', 'c #1.txt', 'bob:/#d.txt'),
      passedOver: 0,
    });
  });

  test('passes over lines of JSON without an id, and a mark of the byte order', () => {
    const id = contentId(3);
    const lines = [
      '{"path":"/a/","files":2,"size":9}',
      `{"id":"${id}"}`,
      '{"event":"done","id":null}',
      '{"id":"no id"}',
      '{"id":7}',
    ];
    expect(targetsOf(`\uFEFF${id}\n`)).toEqual({ targets: texts(id), passedOver: 0 });
    expect(targetsOf(`\uFEFF${lines.join('\n')}`)).toEqual({ targets: texts(id), passedOver: 4 });
  });
});

describe.each(['get', 'add'])('%s --input', (command) => {
  test('an empty list is nothing found, a missing one a problem of the disk, and neither starts anything', async () => {
    for (const [list, code] of [
      [ok('\n\n'), 66],
      [ok('# nothing\n\n'), 66],
      [fail('io', 'No such file: list'), 74],
    ] as const) {
      const ports = { readTargetList: () => Promise.resolve(list) };
      const played = await play({ argv: [command, '--input', 'list'], ports });
      expect([played.code, played.engines.length]).toEqual([code, 0]);
      expect(played.stderr.lines).toHaveLength(1);
    }
  });

  test('Ctrl-C ends the wait for a list that does not come', async () => {
    const read = jest.fn(() => new Promise<never>(() => undefined));
    const playing = start({ argv: [command, '-i', '-'], ports: { readTargetList: read } });
    await until(() => read.mock.calls.length > 0);
    playing.signal('SIGINT');
    expect((await playing.finished).code).toBe(130);
  });

  test('a list of folders alone names nothing, and it is said why', async () => {
    const folders = '{"path":"/a/","files":2,"size":9}\n{"path":"/b/","files":1,"size":9}\n';
    const ports = { readTargetList: () => Promise.resolve(ok(folders)) };
    const { code, stderr } = await play({ argv: [command, '--input', 'list'], ports });
    expect([code, stderr.lines]).toEqual([
      66,
      [
        'Passed over 2 lines of list without an id, such as those of folders.',
        'shoal: list names nothing to download',
      ],
    ]);
  });

  test('without a list there must be targets', async () => {
    const { code, stderr } = await play({ argv: [command] });
    expect(code).toBe(64);
    expect(stderr.lines).toEqual([`shoal: expected TARGET, got nothing; see shoal help ${command}`]);
  });
});
