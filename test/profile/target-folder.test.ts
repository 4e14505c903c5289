import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { realDisk } from '../../src/profile/disk.ts';
import { lossProblem, settleFolder, type FolderStamp } from '../../src/profile/target-folder.ts';
import { tempDir } from '../helpers/temp-dir.ts';

async function settled(folder: string, known?: FolderStamp): Promise<FolderStamp> {
  const result = await settleFolder(folder, known);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

describe('the folder that downloads go to', () => {
  test('is made at first, and never again', async () => {
    const folder = path.join(tempDir(), 'a', 'b');
    const known = await settled(folder);
    expect(await settled(folder, known)).toEqual(known);
    rmSync(folder, { recursive: true });
    expect(await settleFolder(folder, known)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
    expect((await settled(folder, known)).device).toBe(known.device);
  });

  test('is not the mount point of a disk that is missing', async () => {
    const folder = tempDir();
    const known = await settled(folder);
    const other = { device: `${known.device}0`, inode: `${known.inode}0` };
    expect(await settleFolder(folder, other)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    // The same disk under another number, the same path made anew.
    expect(await settled(folder, { ...known, device: '99' })).toEqual(known);
    expect(await settled(folder, { ...known, inode: '99' })).toEqual(known);
  });

  test('is a folder', async () => {
    const file = path.join(tempDir(), 'file');
    writeFileSync(file, '');
    const stamp = { device: '1', inode: '2' };
    expect(await settleFolder(file, stamp)).toMatchObject({ ok: false, problem: { code: 'io' } });
    expect(await settleFolder(path.join(file, 'below'), undefined)).toMatchObject({ ok: false });
  });

  test('is given up where a file system lets nothing be made', async () => {
    const refusing = {
      ...realDisk,
      mkdir: () => Promise.reject(Object.assign(new Error('no entry'), { code: 'ENOENT' })),
    };
    expect(await settleFolder(path.join(tempDir(), 'a', 'b'), undefined, refusing)).toMatchObject({
      ok: false,
      problem: { code: 'io' },
    });
  });
});

describe('why an unfinished file is not there', () => {
  const missing = Object.assign(new Error('no'), { code: 'ENOENT' });

  test('its folder comes first: nobody is told of a file when all that it was in is gone', async () => {
    const folder = path.join(tempDir(), 'gone');
    expect(await lossProblem(missing, path.join(folder, '.shoal', 'x.part'), folder)).toEqual({
      code: 'not-found',
      message: `The folder is gone: ${folder}`,
    });
  });

  test('where the folder is there it is what was fetched that is gone, and no remote file', async () => {
    const folder = tempDir();
    const part = path.join(folder, '.shoal', 'x.part');
    expect(await lossProblem(missing, part, folder)).toEqual({
      code: 'not-found',
      message: `What was fetched of it is gone: ${part}`,
    });
  });

  test('anything else is told as the disk says it, and who cut or replaced it is not taken for the source', async () => {
    const changed = Object.assign(new Error('no'), { code: 'ESTALE' });
    expect(await lossProblem(changed, '/out/x.part', tempDir())).toEqual({
      code: 'io',
      message: 'It was changed by another program: /out/x.part',
    });
  });
});
