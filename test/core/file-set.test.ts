import { expect, test } from '@jest/globals';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { FileSet } from '../../src/core/file-set.ts';
import type { ContentId } from '../../src/core/ids.ts';
import * as fc from '../helpers/properties.ts';

test('holds each file once, by content and path, as a map of both would', () => {
  const fileOf = fc.record({
    id: fc.constantFrom('a', 'b', 'c') as fc.Arbitrary<ContentId>,
    path: fc.constantFrom('/x', '/y', '/z'),
    sizeBytes: fc.nat(9),
  });
  const steps = fc.array(fc.tuple(fc.boolean(), fileOf), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (all) => {
      const set = new FileSet();
      const model = new Map<string, SharedFile>();
      for (const [isAdded, file] of all) {
        const key = file.id + file.path;
        if (isAdded) {
          expect(set.add(file)).toBe(!model.has(key));
          if (!model.has(key)) model.set(key, file);
        } else {
          expect(set.delete(file)).toBe(model.get(key));
          model.delete(key);
        }
      }
      expect(new Set(set)).toEqual(new Set(model.values()));
      expect([...set]).toHaveLength(model.size);
    }),
  );
});
