import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { contentId } from '../../../src/core/ids.ts';
import { shareBatchBytes } from '../../../src/core/limits/tracker-link.ts';
import { maxFilesPerAdd, maxFilesPerRemove } from '../../../src/core/limits/wire.ts';
import { ShareChanges, type ChangeBatch } from '../../../src/core/share/share-changes.ts';
import * as fc from '../../helpers/properties.ts';

function file(number: number, path = `/s/${number}`): SharedFile {
  return { id: contentId(createHash('sha256').update(String(number)).digest()), path, sizeBytes: number };
}

function batchesOf(changes: ShareChanges): ChangeBatch[] {
  const batches: ChangeBatch[] = [];
  for (let batch = changes.takeBatch(); batch; batch = changes.takeBatch()) batches.push(batch);
  return batches;
}

const typesOf = (batches: readonly ChangeBatch[]): string[] => batches.map(({ type }) => type);

describe('changes to a share', () => {
  const count = 2 * maxFilesPerRemove + 1;
  const numbers = Array.from({ length: count }, (_, at) => at);
  const removes = Array<string>(Math.ceil(count / maxFilesPerRemove)).fill('remove');
  const adds = Array<string>(Math.ceil(count / maxFilesPerAdd)).fill('add');

  test('that move many files fill as few messages as they do apart, removes first', () => {
    const changes = new ShareChanges();
    for (const number of numbers) changes.set('remove', file(number, `/old/${number}`));
    for (const number of numbers) changes.set('add', file(number, `/new/${number}`));
    const batches = batchesOf(changes);
    expect(typesOf(batches)).toEqual([...removes, ...adds]);
    expect(batches.reduce((sum, { files }) => sum + files.length, 0)).toBe(2 * count);
  });

  test('that came while a comparison ran, and move many files, do so too', () => {
    const [known, later] = [new ShareChanges(), new ShareChanges()];
    for (const number of numbers) {
      known.set('add', file(number, `/old/${number}`));
      later.set('remove', file(number, `/old/${number}`));
      later.set('add', file(number, `/new/${number}`));
    }
    known.follow(later);
    expect(typesOf(batchesOf(known))).toEqual([...removes, ...adds]);
  });

  test('are cut where a message would have more bytes than it may', () => {
    const changes = new ShareChanges();
    const path = `/${'x'.repeat(shareBatchBytes / 10)}`;
    for (let number = 0; number < 10; number++) changes.set('add', file(number, path));
    expect(batchesOf(changes).map(({ files }) => files.length)).toEqual([3, 3, 3, 1]);
  });

  test('have one last word on each file, whatever was said before', () => {
    const step = fc.record({
      type: fc.constantFrom<ChangeBatch['type']>('add', 'remove'),
      file: fc.tuple(fc.nat(3), fc.constantFrom('/x', '/y')).map(([number, path]) => file(number, path)),
      isLater: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [changes, later] = [new ShareChanges(), new ShareChanges()];
        const model = new Map<string, string>();
        const inOrder = [
          ...steps.filter(({ isLater }) => !isLater),
          ...steps.filter(({ isLater }) => isLater),
        ];
        for (const { type, file: said, isLater } of inOrder) {
          (isLater ? later : changes).set(type, said);
          model.set(said.id + said.path, type);
        }
        changes.follow(later);
        expect(changes.size).toBe(model.size);
        for (const { file: said } of steps) expect(changes.has(said)).toBe(true);
        const told = batchesOf(changes).flatMap(({ type, files }) =>
          files.map(({ id, path }) => [id + path, type] as const),
        );
        expect(told).toHaveLength(model.size);
        expect(new Map(told)).toEqual(model);
        expect(changes.size).toBe(0);
      }),
    );
  });
});
