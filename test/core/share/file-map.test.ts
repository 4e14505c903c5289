import { expect, test } from '@jest/globals';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { FileMap } from '../../../src/core/share/file-map.ts';
import type { ContentId } from '../../../src/core/ids.ts';
import * as fc from '../../helpers/properties.ts';

test('holds each file once, by content and path, as a map of both would', () => {
  const fileOf = fc.record({
    id: fc.constantFrom('a', 'b', 'c') as fc.Arbitrary<ContentId>,
    path: fc.constantFrom('/x', '/y', '/z'),
    sizeBytes: fc.nat(9),
  });
  const steps = fc.array(fc.tuple(fc.boolean(), fileOf), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (all) => {
      const map = new FileMap<SharedFile>((file) => file);
      const model = new Map<string, SharedFile>();
      for (const [isAdded, file] of all) {
        const key = file.id + file.path;
        if (isAdded) {
          map.set(file);
          model.set(key, file);
        } else {
          expect(map.delete(file)).toBe(model.get(key));
          model.delete(key);
        }
        expect(map.get(file)).toBe(model.get(key));
        expect(map.size).toBe(model.size);
      }
      expect(new Set(map.values())).toEqual(new Set(model.values()));
      expect([...map.values()]).toHaveLength(model.size);
    }),
  );
});
