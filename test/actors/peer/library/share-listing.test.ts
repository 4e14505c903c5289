import { describe, expect, test } from '@jest/globals';
import { listPage } from '../../../../src/actors/peer/library/share-listing.ts';
import { ShareTable, type TableChange } from '../../../../src/actors/peer/library/share-table.ts';
import type { ListEntry } from '../../../../src/core/catalogue.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import type { Place } from '../../../../src/core/share/place.ts';
import type { FoundFile } from '../../../../src/workers/found-files.ts';
import * as fc from '../../../helpers/properties.ts';

const found = (name: string, sizeBytes = 1, mtimeNs = 1): FoundFile => ({
  name,
  linkedTo: undefined,
  device: '1',
  inode: 1,
  sizeBytes,
  mtimeSeconds: 1,
  mtimeNs,
  quietSinceMs: 0,
});

const placeAt = (path: string): Place => ({ root: '/disk', filePath: `/disk${path}`, path });

function put(table: ShareTable, path: string, walk = 1, id = path): void {
  const cut = path.lastIndexOf('/') + 1;
  for (const sighting of table.see(placeAt(path.slice(0, cut)), [found(path.slice(cut))], walk))
    if ('file' in sighting) table.publish(sighting.file, id as ContentId);
}

function tableOf(paths: readonly string[], changes: TableChange[] = []): ShareTable {
  const table = new ShareTable(
    (change) => changes.push(change),
    () => undefined,
  );
  for (const path of paths) put(table, path);
  return table;
}

function listAll(table: ShareTable, path: string, recursive: boolean, limit: number): ListEntry[] {
  const entries: ListEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = listPage(table, { path, recursive, cursor, limit });
    if (!page.ok) throw new Error(page.problem.message);
    expect(page.value.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.value.entries);
    ({ cursor } = page.value);
  } while (cursor !== undefined);
  return entries;
}

const pathsOf = (entries: readonly ListEntry[]): string[] => entries.map(({ path }) => path);

/** Paths such that none is also a folder of another. */
const trees = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'c', 'B', 'a b', 'a-'), { minLength: 1, maxLength: 4 }), { maxLength: 25 })
  .map((all) => [...new Set(all.map((names) => `/s/${names.map((name) => `d${name}/`).join('')}f${names.at(-1)}`))]); // prettier-ignore

describe('a listing', () => {
  const table = tableOf(['/s/z', '/s/a', '/s/m/y', '/s/m/b/c', '/t/x']);

  test('of one level has folders first, then files, with what is below counted', () => {
    expect(listAll(table, '/', false, 10)).toEqual([
      { kind: 'folder', path: '/s/', files: 4, sizeBytes: 4 },
      { kind: 'folder', path: '/t/', files: 1, sizeBytes: 1 },
    ]);
    expect(pathsOf(listAll(table, '/s/', false, 10))).toEqual(['/s/m/', '/s/a', '/s/z']);
    expect(pathsOf(listAll(table, '/s', false, 10))).toEqual(['/s/m/', '/s/a', '/s/z']);
  });

  test('that is recursive follows each folder by what is below it', () => {
    expect(pathsOf(listAll(table, '/s/', true, 10))).toEqual([
      '/s/m/',
      '/s/m/b/',
      '/s/m/b/c',
      '/s/m/y',
      '/s/a',
      '/s/z',
    ]);
  });

  test('of a file is that file', () => {
    expect(listAll(table, '/s/m/y', true, 10)).toEqual([
      { kind: 'file', id: '/s/m/y', path: '/s/m/y', sizeBytes: 1 },
    ]);
  });

  test.each(['/nothing', '/s/m/y/', '/s/a/b', 's', '', '/s/../t', '/s//m'])('of %j is not found', (path) => {
    expect(listPage(table, { path, recursive: true, cursor: undefined, limit: 10 })).toMatchObject({
      problem: { code: 'not-found' },
    });
  });

  test.each(['/t/x', '/s/', 'x', '/s/../t/x', ''])('does not go on after %j', (cursor) => {
    expect(listPage(table, { path: '/s/', recursive: true, cursor, limit: 10 })).toMatchObject({
      problem: { code: 'bad-request' },
    });
  });

  test('has folders without files where they are on the disk, until they are gone', () => {
    const tree = tableOf(['/s/m/y']);
    for (const path of ['/s/', '/s/m/', '/s/e/', '/s/e/f/']) tree.seeFolder(placeAt(path), 1);
    const empty = { kind: 'folder', path: '/s/e/f/', files: 0, sizeBytes: 0 };
    expect(listAll(tree, '/s/', true, 2)).toContainEqual(empty);
    expect(pathsOf(listAll(tree, '/s/', true, 1))).toEqual(['/s/e/', '/s/e/f/', '/s/m/', '/s/m/y']);
    expect(listAll(tree, '/s/e/f/', true, 10)).toEqual([]);
    tree.sweep('/s/m/y', 2);
    expect(pathsOf(listAll(tree, '/s/', true, 10))).toEqual(['/s/e/', '/s/e/f/', '/s/m/']);
    tree.seeFolder(placeAt('/s/'), 3);
    tree.seeFolder(placeAt('/s/e/'), 3);
    tree.sweep('/s/', 3);
    expect(pathsOf(listAll(tree, '/s/', true, 10))).toEqual(['/s/e/']);
  });

  test('of an empty share is empty', () => {
    expect(listAll(tableOf([]), '/', true, 10)).toEqual([]);
  });

  test('has the same entries however long its pages are, each once, and every file', () => {
    fc.assert(
      fc.property(trees, fc.boolean(), fc.integer({ min: 1, max: 7 }), (paths, recursive, limit) => {
        const tree = tableOf(paths);
        const whole = listAll(tree, '/', recursive, 1000);
        expect(listAll(tree, '/', recursive, limit)).toEqual(whole);
        expect(new Set(pathsOf(whole)).size).toBe(whole.length);
        const files = pathsOf(whole).filter((path) => !path.endsWith('/'));
        if (recursive) expect(new Set(files)).toEqual(new Set(paths));
        for (const entry of whole)
          if (entry.kind === 'folder')
            expect(entry.files).toBe(paths.filter((path) => path.startsWith(entry.path)).length);
      }),
    );
  });

  test('goes on rightly when the last entry given has gone meanwhile', () => {
    fc.assert(
      fc.property(trees, fc.nat(), (paths, at) => {
        const tree = tableOf(paths);
        const whole = listAll(tree, '/', true, 1000);
        if (whole.length === 0) return;
        const limit = (at % whole.length) + 1;
        const cursor = whole[limit - 1]?.path ?? '';
        tree.sweep(cursor, 2);
        const rest = listPage(tree, { path: '/', recursive: true, cursor, limit: 1000 });
        const expected = pathsOf(whole.slice(limit)).filter((path) => !path.startsWith(cursor));
        const left = new Set([...tree.published()].map(({ path }) => path));
        const isLeft = (path: string): boolean =>
          path.endsWith('/') ? [...left].some((file) => file.startsWith(path)) : left.has(path);
        if (left.size > 0) expect(rest.ok && pathsOf(rest.value.entries)).toEqual(expected.filter(isLeft));
      }),
    );
  });
});

describe('the table of shared files', () => {
  test('tells what is published and unpublished, in order', () => {
    const changes: TableChange[] = [];
    const table = tableOf(['/s/a'], changes);
    table.see(placeAt('/s/'), [found('a', 2)], 2);
    table.see(placeAt('/s/'), [found('b')], 2);
    table.sweep('/s/', 3);
    expect(changes.map(({ kind, file }) => [kind, file.path, file.sizeBytes])).toEqual([
      ['added', '/s/a', 1],
      ['removed', '/s/a', 1],
    ]);
    expect(table.root.folders.size).toBe(0);
    expect(table.root.publishedBytes).toBe(0);
  });

  test('finds a content at each of its paths', () => {
    const table = tableOf([]);
    for (const path of ['/s/a', '/s/b', '/s/c']) put(table, path, 1, 'same');
    const paths = (): string[] => table.withContent('same' as ContentId).map(({ path }) => path);
    expect(paths()).toEqual(['/s/a', '/s/b', '/s/c']);
    table.sweep('/s/b', 2);
    expect(paths()).toEqual(['/s/a', '/s/c']);
    table.sweep('/s/', 2);
    expect(paths()).toEqual([]);
  });

  test('gives one path to one of two files that are spelled otherwise', () => {
    const table = tableOf([]);
    const both = [found('caf\u00e9'), found('cafe\u0301')];
    expect(table.see(placeAt('/s/'), both, 1).map(({ kind }) => kind)).toEqual(['new', 'taken']);
    expect(table.see(placeAt('/s/'), both, 2).map(({ kind }) => kind)).toEqual(['same', 'taken']);
    expect(table.see(placeAt('/s/'), both.slice(1), 3).map(({ kind }) => kind)).toEqual(['same']);
  });
});
