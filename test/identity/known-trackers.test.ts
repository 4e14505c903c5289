import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type PeerId, peerId } from '../../src/core/ids.ts';
import { checkTracker } from '../../src/identity/known-trackers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const id = (fill: number): PeerId => peerId(new Uint8Array(32).fill(fill));
const here = { host: '127.0.0.1', port: 5000 };
const fileOf = (home: string): string => join(home, 'known_trackers');
const linesOf = (home: string): string[] => readFileSync(fileOf(home), 'utf8').split('\n');

describe('known trackers', () => {
  test('the first use pins, later ones are known', async () => {
    const home = join(temporaryFolder(), 'new');
    expect(await checkTracker(home, here, id(1))).toEqual({ ok: true, value: 'pinned' });
    expect(await checkTracker(home, here, id(1))).toEqual({ ok: true, value: 'known' });
    expect(linesOf(home)).toEqual([`127.0.0.1:5000 ${id(1)}`, '']);
    expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600);
  });

  test('a changed key is refused with what happened and what to do', async () => {
    const home = temporaryFolder();
    writeFileSync(fileOf(home), `# mine\n\nother:1 ${id(9)}\n127.0.0.1:5000 ${id(1)}\n`);
    const checked = await checkTracker(home, here, id(2));
    expect(checked).toMatchObject({ ok: false, problem: { code: 'key-changed' } });
    const message = checked.ok ? '' : checked.problem.message;
    expect(message).toContain(`127.0.0.1:5000 now shows the id ${id(2)}, but was ${id(1)} before`);
    expect(message).toContain(`remove line 4 of ${fileOf(home)}`);
    expect(await checkTracker(home, here, id(1))).toEqual({ ok: true, value: 'known' });
  });

  test('without the line it is pinned anew', async () => {
    const home = temporaryFolder();
    await checkTracker(home, here, id(1));
    writeFileSync(fileOf(home), '');
    expect(await checkTracker(home, here, id(2))).toEqual({ ok: true, value: 'pinned' });
  });

  test('addresses are told apart by host and port, in any spelling of case, IPv6 too', async () => {
    const home = temporaryFolder();
    await checkTracker(home, { host: 'Tracker.Example', port: 1 }, id(1));
    await checkTracker(home, { host: 'tracker.example', port: 2 }, id(2));
    await checkTracker(home, { host: '2001:DB8::1', port: 2 }, id(3));
    expect(linesOf(home)).toEqual([
      `tracker.example:1 ${id(1)}`,
      `tracker.example:2 ${id(2)}`,
      `[2001:db8::1]:2 ${id(3)}`,
      '',
    ]);
    expect(await checkTracker(home, { host: 'tracker.EXAMPLE', port: 1 }, id(1))).toMatchObject({
      value: 'known',
    });
  });

  test('lines that are not ours are left alone, and a last line without an end is no harm', async () => {
    const home = temporaryFolder();
    writeFileSync(fileOf(home), `# 127.0.0.1:5000 ${id(3)}\n127.0.0.1:5000 junk\n127.0.0.1:5000`);
    expect(await checkTracker(home, here, id(1))).toEqual({ ok: true, value: 'pinned' });
    expect(linesOf(home)).toEqual([
      `# 127.0.0.1:5000 ${id(3)}`,
      '127.0.0.1:5000 junk',
      '127.0.0.1:5000',
      `127.0.0.1:5000 ${id(1)}`,
      '',
    ]);
  });

  test('of several at once with different keys one wins for all', async () => {
    const home = temporaryFolder();
    const checks = await Promise.all([1, 2, 3, 4, 5, 6].map((fill) => checkTracker(home, here, id(fill))));
    expect(checks.filter(({ ok }) => ok)).toHaveLength(1);
    const winner = checks.findIndex(({ ok }) => ok) + 1;
    expect(await checkTracker(home, here, id(winner))).toEqual({ ok: true, value: 'known' });
  });

  test('of several at once with one key all are served', async () => {
    const home = temporaryFolder();
    const checks = await Promise.all(Array.from({ length: 6 }, () => checkTracker(home, here, id(1))));
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  test('a file that cannot be used is a problem', async () => {
    const home = temporaryFolder();
    mkdirSync(fileOf(home));
    expect(await checkTracker(home, here, id(1))).toMatchObject({ ok: false, problem: { code: 'io' } });
  });
});
