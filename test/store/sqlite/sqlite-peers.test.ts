import { expect, test } from '@jest/globals';
import path from 'node:path';
import { nameKey } from '../../../src/core/peer-name.ts';
import { PeerRows } from '../../../src/store/sqlite/sqlite-peers.ts';
import { openDatabase } from '../../../src/store/sqlite/sqlite-schema.ts';
import { ShareSums } from '../../../src/store/share-sums.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { arrival, file, value } from '../files.ts';
import * as fc from '../../helpers/properties.ts';

const names = ['alice', 'bob', 'carol'] as const;
const step = fc.record({
  name: fc.constantFrom(...names),
  what: fc.constantFrom('come', 'go', 'share', 'save', 'ask', 'undo'),
  files: fc.nat({ max: 4 }),
});

test('the files of peers that are away are counted alike, kept as a total and counted anew', () => {
  const folder = tempDir();
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using database = openDatabase(path.join(folder, `${(run += 1)}`), 0);
      const rows = new PeerRows(database);
      for (const { name, what, files } of steps) {
        const come = arrival(name);
        const member = rows.member(come.peer);
        if (what === 'come') rows.arrived(rows.attach(come, value(nameKey(name)), 1));
        else if (what === 'go' && member) {
          rows.detach(member, 2);
          rows.departed(member);
        } else if (what === 'share' && member) {
          const sums = new ShareSums();
          for (let at = 0; at < files; at++) sums.add(file(`/${name}/${at}`));
          rows.changed(member.pid, sums, 0);
        } else if (what === 'save') rows.save();
        else if (what === 'ask') rows.filesAway();
        else if (what === 'undo') {
          // As after a group that was saved and one that was not: nothing is left to be saved.
          rows.save();
          rows.discard();
        }
      }
      const kept = rows.filesAway();
      rows.save();
      rows.discard();
      expect(rows.filesAway()).toBe(kept);
    }),
    { numRuns: 60 },
  );
});
