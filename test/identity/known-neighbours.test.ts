import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PeerId } from '../../src/core/ids.ts';
import { maxRememberedTrackers } from '../../src/core/limits/tracker-link.ts';
import { maxToldTrackers } from '../../src/core/limits/wire.ts';
import { noteNeighbours, readNeighbours } from '../../src/identity/known-neighbours.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const id = 'a'.repeat(52) as PeerId;
const named = { host: 'tracker.example', port: 5_000 };
const neighbours = [
  { host: '10.0.0.7', port: 1, id },
  { host: '2001:db8::7', port: 65_535, id },
];

describe('neighbours of trackers', () => {
  test('are remembered by the address that a person named, for the owner of the profile alone', async () => {
    const home = path.join(tempDir(), 'new');
    expect((await readNeighbours(home)).size).toBe(0);
    await noteNeighbours(home, named, neighbours);
    await noteNeighbours(home, { host: '::1', port: 2 }, []);
    expect([...(await readNeighbours(home))]).toEqual([
      ['[::1]:2', []],
      ['tracker.example:5000', neighbours],
    ]);
    await noteNeighbours(home, named, neighbours.slice(1));
    expect((await readNeighbours(home)).get('tracker.example:5000')).toEqual(neighbours.slice(1));
    expect(statSync(path.join(home, 'known_neighbours')).mode & 0o777).toBe(0o600);
  });

  test('are so many at most', async () => {
    const home = tempDir();
    for (let port = 1; port <= maxRememberedTrackers + 3; port++)
      await noteNeighbours(home, { host: 'a', port }, []);
    const known = await readNeighbours(home);
    expect(known.size).toBe(maxRememberedTrackers);
    expect(known.has('a:1')).toBe(false);
    const many = Array.from({ length: maxToldTrackers + 1 }, (_, at) => `10.0.0.${at}:1/${id}`);
    writeFileSync(path.join(home, 'known_neighbours'), `x:1 ${many.join(' ')}\n`);
    expect((await readNeighbours(home)).get('x:1')).toHaveLength(maxToldTrackers);
  });

  test.each(['nonsense', `10.0.0.1:1/${'0'.repeat(52)}`, '10.0.0.1/x', `:1/${id}`, ''])(
    'that make no sense are left out: %j',
    async (text) => {
      const home = tempDir();
      writeFileSync(path.join(home, 'known_neighbours'), `x:1 ${text} 10.0.0.7:1/${id}\n`);
      expect((await readNeighbours(home)).get('x:1')).toEqual(neighbours.slice(0, 1));
      expect(readFileSync(path.join(home, 'known_neighbours'), 'utf8')).toContain('x:1');
    },
  );
});
