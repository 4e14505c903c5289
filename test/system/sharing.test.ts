/** The product end to end: real processes, real sockets, real files, bytes compared. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Stage } from './program.ts';
import type { Ended, Line, Program } from './program.ts';

const MiB = 1024 * 1024;
const limitMs = 180_000;

let stage: Stage;
let tracker: Program;
let address: string;

beforeEach(async () => {
  stage = new Stage();
  tracker = stage.start(['tracker', '--json', '--port', '0', '--data', await stage.folder('tracker')]);
  address = `127.0.0.1:${String((await tracker.event('listening'))['port'])}`;
});

afterEach(() => stage.clear());

interface SharingPeer {
  readonly program: Program;
  readonly share: string;
  readonly folder: string;
}

/** Writes `files` into a new share and runs a peer on it until all of them are at the tracker. */
async function sharing(name: string, files: Readonly<Record<string, Buffer>>): Promise<SharingPeer> {
  const share = await stage.folder(name);
  for (const [file, bytes] of Object.entries(files)) await put(path.join(share, file), bytes);
  const program = stage.start([
    'peer',
    '--json',
    '--no-tui',
    ...['--name', name, '--home', await stage.folder(`${name}-home`), '--tracker', address],
    ...['--share', share, '--downloads', share, '--embedded-tracker', 'off'],
  ]);
  await registered(program, Object.keys(files).length);
  return { program, share, folder: path.basename(share) };
}

async function put(file: string, bytes: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

function registered(program: Program, files: number, afterLine = 0): Promise<Line> {
  return program.line(
    (line) =>
      line['event'] === 'registered' && line['files'] === files && program.lines.indexOf(line) >= afterLine,
    `'registered' with ${files} files`,
  );
}

interface Guest {
  readonly home: string;
  readonly out: string;
  readonly run: (...args: string[]) => Promise<Ended>;
}

async function guest(): Promise<Guest> {
  const home = await stage.folder('guest-home');
  const out = await stage.folder('out');
  const common = ['--json', '--home', home, '--tracker', address];
  return { home, out, run: (command, ...rest) => stage.run([command ?? '', ...common, ...rest]) };
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const lineOf = (lines: readonly Line[], event: string): Line | undefined =>
  lines.find((line) => line['event'] === event);

describe('two peers and a tracker', () => {
  test(
    'a file is found by a word of its name and arrives byte for byte',
    async () => {
      const bytes = randomBytes(3 * MiB + 17);
      await sharing('alice', { 'Talks/Migration of Herring.mp4': bytes, 'notes.txt': Buffer.from('n') });
      const { run, out } = await guest();

      const search = await run('search', 'herring');
      expect(search.code).toBe(0);
      expect(search.lines).toHaveLength(1);
      const [result] = search.lines;
      expect(result).toMatchObject({ name: 'Migration of Herring.mp4', size: bytes.length, type: 'video' });
      expect(result?.['sources']).toEqual([expect.objectContaining({ name: 'alice', host: '127.0.0.1' })]);

      const get = await run('get', '--out', out, String(result?.['id']));
      expect(get.stderr).toBe('');
      expect(get.code).toBe(0);
      const done = lineOf(get.lines, 'done');
      expect(done).toMatchObject({
        id: result?.['id'],
        size: bytes.length,
        fetched: bytes.length,
        sources: 1,
      });
      expect(done?.['path']).toBe(path.join(out, 'Migration of Herring.mp4'));
      expect(digest(await readFile(String(done?.['path'])))).toBe(digest(bytes));
    },
    limitMs,
  );

  test(
    'a whole folder arrives with its structure, by a name and by a path',
    async () => {
      const files = {
        'music/one.ogg': randomBytes(900_000),
        'music/live/two.ogg': randomBytes(10),
        'music/live/empty.ogg': Buffer.alloc(0),
        'other.txt': Buffer.from('other'),
      };
      const { folder } = await sharing('alice', files);
      const { run, out } = await guest();

      const browse = await run('browse', 'alice', `/${folder}/`);
      expect(browse.lines).toEqual([
        { path: `/${folder}/music/`, files: 3, size: 900_010 },
        expect.objectContaining({ path: `/${folder}/other.txt`, size: 5 }),
      ]);

      const get = await run('get', '--out', out, `alice:/${folder}/music/`, 'other.txt');
      expect(get.code).toBe(0);
      for (const [name, bytes] of Object.entries(files)) {
        expect(digest(await readFile(path.join(out, name)))).toBe(digest(bytes));
      }
    },
    limitMs,
  );

  test(
    'what changes in a share is at the tracker without a restart',
    async () => {
      const { share, program } = await sharing('alice', { 'first.txt': Buffer.from('first') });
      const { run } = await guest();
      await put(path.join(share, 'second.txt'), Buffer.from('second'));
      await registered(program, 2);
      expect((await run('search', 'second')).lines).toHaveLength(1);

      const beforeRenamed = program.lines.length;
      await rename(path.join(share, 'second.txt'), path.join(share, 'third.txt'));
      await program.line((line) => line['event'] === 'shared' && String(line['path']).endsWith('/third.txt'));
      // Where it went before it came back, one file alone was registered for a moment.
      await registered(program, 2, beforeRenamed);
      const before = program.lines.length;
      await rm(path.join(share, 'first.txt'));
      await registered(program, 1, before);
      expect((await run('search', 'first')).code).toBe(66);
      expect((await run('search', 'third')).lines).toHaveLength(1);
    },
    limitMs,
  );

  test(
    'a peer that is killed leaves the results at once',
    async () => {
      const { program } = await sharing('alice', { 'gone.txt': Buffer.from('gone') });
      const { run } = await guest();
      expect((await run('search', 'gone')).lines).toHaveLength(1);
      await program.stop('SIGKILL');
      const deadline = AbortSignal.timeout(60_000);
      let found = await run('search', 'gone');
      while (found.code === 0 && !deadline.aborted) found = await run('search', 'gone');
      expect(found.code).toBe(66);
    },
    limitMs,
  );

  test(
    'a taken name is refused with a suggestion, and who has it is listed',
    async () => {
      await sharing('alice', { 'a.txt': Buffer.from('a') });
      const share = await stage.folder('impostor');
      const impostor = await stage.run([
        'peer',
        '--json',
        '--no-tui',
        ...['--name', 'Alice', '--home', await stage.folder('impostor-home'), '--tracker', address],
        ...['--share', share, '--downloads', share, '--embedded-tracker', 'off'],
      ]);
      expect(impostor.code).toBe(64);
      expect(impostor.stderr).toMatch(/alice-2/i);
      const { run } = await guest();
      const peers = await run('peers');
      expect(peers.lines).toEqual([
        expect.objectContaining({ name: 'alice', files: 1, bytes: 1, host: '127.0.0.1' }),
      ]);
    },
    limitMs,
  );
});

test(
  'a second peer of the same profile is refused, and the first goes on',
  async () => {
    const { share, program } = await sharing('alice', { 'a.txt': Buffer.from('a') });
    const home = program.process.spawnargs[program.process.spawnargs.indexOf('--home') + 1] ?? '';
    const second = await stage.run([
      ...['peer', '--no-tui', '--name', 'alice', '--home', home, '--tracker', address],
      ...['--share', share, '--downloads', share, '--embedded-tracker', 'off'],
    ]);
    expect(second.code).toBe(64);
    expect(second.stderr).toMatch(/runs already/);
    const { run } = await guest();
    expect((await run('peers')).lines).toHaveLength(1);
  },
  limitMs,
);

test(
  'twenty gets at once, from two peers, all arrive',
  async () => {
    const files = Array.from(
      { length: 20 },
      (_, n) => [`number-${n}.bin`, randomBytes(2 * MiB + n)] as const,
    );
    await sharing('alice', Object.fromEntries(files.filter((__, n) => n % 3 !== 1)));
    await sharing('bob', Object.fromEntries(files.filter((__, n) => n % 3 !== 0)));
    const { home, out } = await guest();
    const common = ['--json', '--home', home, '--tracker', address, '--out', out, '--limit-rate', '512K'];
    const programs: Program[] = [];
    // Four come up at a time: twenty that do are more than a small machine has patience for. All of them last.
    for (let at = 0; at < files.length; at += 4) {
      const four = files.slice(at, at + 4).map(([name]) => stage.start(['get', ...common, name]));
      programs.push(...four);
      await Promise.all(four.map((program) => program.line(() => true)));
    }
    const gets = await Promise.all(programs.map(({ ended }) => ended));
    expect(gets.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      files.map(() => ({ code: 0, stderr: '' })),
    );
    for (const [name, bytes] of files) {
      expect(digest(await readFile(path.join(out, name)))).toBe(digest(bytes));
    }
    expect((await readdir(out)).toSorted()).toEqual(files.map(([name]) => name).toSorted());
  },
  limitMs,
);

describe('faults', () => {
  test(
    'a download killed halfway fetches only what was missing',
    async () => {
      const bytes = randomBytes(96 * MiB);
      await sharing('alice', { 'big.bin': bytes });
      const { home, out, run } = await guest();
      const args = ['get', '--json', '--home', home, '--tracker', address, '--out', out];
      const first = stage.start([...args, '--limit-rate', '24M', 'big.bin']);
      await first.line((line) => line['event'] === 'progress' && Number(line['done']) > 48 * MiB);
      await first.stop('SIGKILL');

      const second = await run('get', '--out', out, 'big.bin');
      expect(second.code).toBe(0);
      const done = lineOf(second.lines, 'done');
      // Half was there; what was written after the last flush may be fetched again.
      expect(Number(done?.['fetched'])).toBeLessThan(48 * MiB + 32 * MiB);
      expect(digest(await readFile(path.join(out, 'big.bin')))).toBe(digest(bytes));
    },
    limitMs,
  );

  test(
    'when one of two sources is killed the other finishes',
    async () => {
      const bytes = randomBytes(64 * MiB);
      const [first] = [
        await sharing('alice', { 'twice.bin': bytes }),
        await sharing('bob', { 'two.bin': bytes }),
      ];
      const { home, out } = await guest();
      const get = stage.start([
        ...['get', '--json', '--home', home, '--tracker', address, '--out', out, '--limit-rate', '8M'],
        'twice.bin',
      ]);
      await get.line(() => {
        const withBoth = get.lines.filter(({ event, sources }) => event === 'progress' && sources === 2);
        const [first, last] = [withBoth[0], withBoth.at(-1)];
        return Number(last?.['done']) - Number(first?.['done']) > 8 * MiB;
      }, 'progress with both');
      await first?.program.stop('SIGKILL');
      const { code, lines, stderr } = await get.ended;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(lineOf(lines, 'done')).toMatchObject({ sources: 2 });
      expect(digest(await readFile(path.join(out, 'twice.bin')))).toBe(digest(bytes));
    },
    limitMs,
  );

  test(
    'peers come back to a killed tracker by themselves, and it still knows their files',
    async () => {
      const data = await stage.folder('kept');
      const start = (port: string): Program =>
        stage.start(['tracker', '--json', '--port', port, '--data', data]);
      const first = start('0');
      const port = String((await first.event('listening'))['port']);
      address = `127.0.0.1:${port}`;
      const { program } = await sharing('alice', { 'kept.txt': Buffer.from('kept') });
      await first.stop('SIGKILL');
      const before = program.lines.length;
      const again = start(port);
      await again.event('listening');
      await program.line(
        (line) =>
          program.lines.indexOf(line) >= before && line['event'] === 'registered' && line['files'] === 1,
        'a second registration',
      );
      const { run } = await guest();
      const deadline = AbortSignal.timeout(60_000);
      let found = await run('search', 'kept');
      while (found.code !== 0 && !deadline.aborted) found = await run('search', 'kept');
      expect(found.lines).toHaveLength(1);
    },
    limitMs,
  );

  test(
    'a name that several contents carry is not guessed at',
    async () => {
      await sharing('alice', { 'same.txt': Buffer.from('one') });
      await sharing('bob', { 'same.txt': Buffer.from('two') });
      const { run, out } = await guest();
      const get = await run('get', '--out', out, 'same.txt');
      expect(get.code).toBe(66);
      await expect(stat(path.join(out, 'same.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
    limitMs,
  );
});
