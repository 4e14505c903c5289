/** The program in the background: started, looked at, given work, stopped, killed and started again. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { liftLimit } from '../helpers/lift-limit.ts';
import { until } from '../helpers/poll.ts';
import { Stage, type Ended } from './program.ts';

const KiB = 1024;
const limitMs = 180_000;

let stage: Stage;
let address: string;
const pids: number[] = [];

beforeEach(async () => {
  stage = new Stage();
  const tracker = stage.start([
    'tracker',
    '--json',
    '--port',
    '0',
    '--store',
    'memory:',
    '--data',
    await stage.folder('tracker'),
  ]);
  address = `127.0.0.1:${String((await tracker.event('listening'))['port'])}`;
});

afterEach(async () => {
  for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await stage.clear();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A profile of its own, and the commands of it. */
class Profile {
  readonly home: string;
  readonly folder: string;
  pid = 0;

  private constructor(home: string, folder: string) {
    this.home = home;
    this.folder = folder;
  }

  static async make(name: string): Promise<Profile> {
    return new Profile(await stage.folder(`${name}-home`), await stage.folder(name));
  }

  run(command: string, ...args: readonly string[]): Promise<Ended> {
    return stage.run([
      command,
      ...args,
      '--json',
      '--home',
      this.home,
      '--name',
      'alice',
      '--tracker',
      address,
    ]);
  }

  async detach(...flags: readonly string[]): Promise<Ended> {
    const own = ['--share', this.folder, '--downloads', this.folder, '--embedded-tracker', 'off'];
    const ended = await this.run('peer', '--detach', ...own, ...flags);
    const line = ended.lines.find(({ event }) => event === 'background');
    this.pid = Number(line?.['pid'] ?? 0);
    if (this.pid > 0) pids.push(this.pid);
    return ended;
  }

  async status(): Promise<Readonly<Record<string, unknown>>> {
    const { code, lines, stderr } = await this.run('status');
    if (code !== 0 || lines[0] === undefined) throw new Error(`No status (${code}): ${stderr}`);
    return lines[0];
  }

  /** Waits until `status` says so. */
  async shows(what: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
    const end = Date.now() + 60_000;
    for (;;) {
      const status = await this.status();
      try {
        return expect(status).toMatchObject(wanted);
      } catch (error) {
        if (Date.now() > end) throw new Error(`In vain: ${what}`, { cause: error });
      }
    }
  }
}

/** Somebody who shares one file. */
async function sharing(bytes: Buffer): Promise<void> {
  const folder = await stage.folder('bob');
  await writeFile(path.join(folder, 'film.mkv'), bytes);
  const bob = stage.start([
    ...['peer', '--json', '--no-tui', '--name', 'bob', '--home', await stage.folder('bob-home')],
    ...['--share', folder, '--downloads', folder, '--tracker', address, '--embedded-tracker', 'off'],
  ]);
  await bob.line((line) => line['event'] === 'registered' && line['files'] === 1, 'bob’s file');
}

describe('a peer in the background', () => {
  test(
    'comes up, downloads what it is given, is looked at, and stops when told',
    async () => {
      const bytes = randomBytes(300 * KiB);
      await sharing(bytes);
      const alice = await Profile.make('alice');
      const detached = await alice.detach();
      expect(detached).toMatchObject({ code: 0, lines: [{ event: 'background', port: expect.any(Number) }] });
      expect(isAlive(alice.pid)).toBe(true);
      const socket = lstatSync(path.join(alice.home, 'engine.sock'));
      expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o600]);
      expect(lstatSync(alice.home).mode & 0o077).toBe(0);

      expect(await alice.run('add', 'film.mkv')).toMatchObject({ code: 0, lines: [{ event: 'added' }] });
      await alice.shows('the download is done', { downloads: { done: 1 }, pid: alice.pid });
      expect(await readFile(path.join(alice.folder, 'film.mkv'))).toEqual(bytes);
      await alice.shows('the tracker knows both', { trackers: [{ state: 'registered', peers: 2 }] });

      const again = await alice.run('peer', '--no-tui');
      expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('shoal attach')]);

      const attached = stage.start(['attach', '--json', '--home', alice.home]);
      await attached.event('status');
      expect(await alice.run('stop')).toMatchObject({ code: 0 });
      expect(await attached.ended).toMatchObject({ code: 0 });
      await until('the process is gone', () => !isAlive(alice.pid));
      for (const command of ['status', 'stop', 'attach'])
        expect(await alice.run(command)).toMatchObject({ code: 69 });
      expect(readFileSync(path.join(alice.home, 'engine.log'), 'utf8')).toContain('Got film.mkv, verified');
    },
    limitMs,
  );

  test(
    'that was killed starts again over what it has left, and goes on with its queue',
    async () => {
      const bytes = randomBytes(1024 * KiB);
      await sharing(bytes);
      const alice = await Profile.make('alice');
      await alice.detach();
      await alice.run('add', '--limit-rate', '30K', 'film.mkv');
      await alice.shows('it downloads', { downloads: { active: 1 } });
      const before = alice.pid;
      process.kill(before, 'SIGKILL');
      await until('the process is gone', () => !isAlive(before));
      expect(lstatSync(path.join(alice.home, 'engine.sock')).isSocket()).toBe(true);
      expect(await alice.run('status')).toMatchObject({ code: 69 });

      expect(await alice.detach()).toMatchObject({ code: 0 });
      expect(alice.pid).not.toBe(before);
      await liftLimit(alice.home);
      await alice.shows('the download is done', { downloads: { done: 1 } });
      expect(await readFile(path.join(alice.folder, 'film.mkv'))).toEqual(bytes);
    },
    limitMs,
  );

  test(
    'stops by itself when its downloads are done, if that was asked for',
    async () => {
      await sharing(randomBytes(400 * KiB));
      const alice = await Profile.make('alice');
      await alice.detach();
      await alice.run('add', '--limit-rate', '2K', 'film.mkv');
      expect(await alice.run('stop', '--when-done')).toMatchObject({ code: 0, lines: [{ whenDone: true }] });
      const attached = stage.start(['attach', '--json', '--home', alice.home]);
      expect(await attached.event('status')).toMatchObject({ stopsWhenIdle: true });
      await liftLimit(alice.home);
      expect(await attached.ended).toMatchObject({ code: 0 });
      await until('the process is gone', () => !isAlive(alice.pid));
      expect((await readFile(path.join(alice.folder, 'film.mkv'))).length).toBe(400 * KiB);
    },
    limitMs,
  );

  test(
    'that does not come up says why to who started it',
    async () => {
      const alice = await Profile.make('alice');
      await writeFile(path.join(alice.home, 'identity.pem'), 'this is no key');
      const { code, stderr } = await alice.detach();
      expect([code, stderr]).toEqual([74, expect.stringContaining('identity.pem does not hold')]);
      expect(alice.pid).toBe(0);
    },
    limitMs,
  );
});
