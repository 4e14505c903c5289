import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import {
  copiesOfIndex,
  copiesOfLibrary,
  withFinished,
} from '../../../../src/actors/peer/downloads/local-copies.ts';
import type { LibraryCommand } from '../../../../src/actors/peer/library/library-messages.ts';
import { actor, ActorSystem } from '../../../../src/actors/runtime/index.ts';
import { fail, ok } from '../../../../src/core/result.ts';
import { openDatabase } from '../../../../src/profile/database.ts';
import { ShareIndex } from '../../../../src/profile/share-index.ts';
import { idOf } from '../../../helpers/download-bench.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

const database = () => {
  const opened = openDatabase(path.join(tempDir(), 'profile.db'));
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
};

describe('what lies on this machine', () => {
  test('is found where the share says, as far as it has it', async () => {
    const open = (n: number) => ({
      filePath: `/disk/${n}`,
      sizeBytes: 1,
      pieceLength: 1,
      stamp: { device: '1', inode: '1', sizeBytes: 1, mtimeNs: '1' },
    });
    const library = actor<LibraryCommand>('library', () => ({
      receive(message) {
        if (message.type === 'open-all')
          message.replyTo.reply(
            ok(message.ids.map((id) => (id === idOf(2) ? ok(open(2)) : fail('not-shared', 'no')))),
          );
      },
    }));
    const system = new ActorSystem();
    const { ref } = system.start(library, undefined);
    const copies = copiesOfLibrary(ref, (to, question, timeoutMs) => system.ask(to, question, timeoutMs));
    expect(await copies.find([idOf(1), idOf(2)])).toEqual(new Map([[idOf(2), '/disk/2']]));
    await system.stop();
    // Nobody answers any more.
    expect(await copies.find([idOf(2)])).toEqual(new Map());
  });

  test('is found where it was downloaded to as well, in the share first', async () => {
    const shared = {
      find: () => Promise.resolve(new Map([[idOf(1), '/share/1']])),
      manifest: () => Promise.resolve(undefined),
    };
    const finished = new Map([
      [idOf(1), '/got/1'],
      [idOf(2), '/got/2'],
    ]);
    const copies = withFinished(shared, () => finished);
    expect(await copies.find([idOf(1), idOf(2), idOf(3)])).toEqual(
      new Map([
        [idOf(1), '/share/1'],
        [idOf(2), '/got/2'],
      ]),
    );
  });

  test('is found by a guest where it was shared last, and nowhere once its folder is not shared', async () => {
    const profile = database();
    const index = new ShareIndex(profile);
    const copies = copiesOfIndex(profile);
    index.update(
      [],
      [
        { path: '/music/live/a.flac', id: idOf(1), sizeBytes: 1 },
        { path: '/music (2)/b.flac', id: idOf(2), sizeBytes: 1 },
      ],
    );
    expect(await copies.find([idOf(1)])).toEqual(new Map());
    index.setRoots([
      { path: '/music/', root: '/home/anna/music' },
      { path: '/music (2)/', root: '/mnt/music' },
    ]);
    expect(await copies.find([idOf(3), idOf(2), idOf(1)])).toEqual(
      new Map([
        [idOf(1), '/home/anna/music/live/a.flac'],
        [idOf(2), '/mnt/music/b.flac'],
      ]),
    );
    index.setRoots([{ path: '/music/', root: '/home/anna/music' }]);
    expect(await copies.find([idOf(2)])).toEqual(new Map());
    profile.close();
    expect(await copies.find([idOf(1)])).toEqual(new Map());
  });
});
