import { describe, expect, test } from '@jest/globals';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Bitfield } from '../../../../src/core/swarm/bitfield.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { maxServedFiles } from '../../../../src/core/limits/connections.ts';
import { PartialOffer } from '../../../../src/core/swarm/partial-offer.ts';
import { fail, ok } from '../../../../src/core/result.ts';
import { Revocations } from '../../../../src/core/uploads/revocations.ts';
import { ServedFiles } from '../../../../src/workers/jobs/serve/served-files.ts';
import type { ServedFile, ServedPartial } from '../../../../src/workers/transfer-contract.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const size = 1024;

/** What may be served, as the engine would say. */
function shop() {
  const dir = tempDir();
  const there = new Map<ContentId, ServedFile | ServedPartial>();
  const revocations = new Revocations();
  let asked = 0;
  const files = new ServedFiles(async (id) => {
    asked++;
    const found = there.get(id);
    return found ? ok(found) : fail('not-shared', 'It is not shared here');
  }, revocations);
  const share = (name: string, seed = 1) => {
    const content = makeContent(dir, name, size, seed);
    there.set(content.id, content);
    return content;
  };
  const withdraw = (id: ContentId): void => {
    there.delete(id);
    revocations.revoke();
  };
  const read = async (id: ContentId): Promise<Uint8Array | string> => {
    const file = await files.get(id);
    if (!file.ok) return file.problem.code;
    const bytes = Buffer.alloc(size);
    const done = await files.read(file.value, [bytes], 0);
    return done.ok ? bytes : done.problem.code;
  };
  return { dir, there, revocations, files, share, withdraw, read, asked: () => asked };
}

describe('files that are served', () => {
  test('are asked for once, as long as nothing ceases to be served', async () => {
    const { share, read, revocations, asked } = shop();
    const { id, bytes } = share('a');
    for (let time = 0; time < 3; time++) expect(await read(id)).toEqual(bytes);
    expect(asked()).toBe(1);
    revocations.revoke();
    for (let time = 0; time < 3; time++) expect(await read(id)).toEqual(bytes);
    expect(asked()).toBe(2);
  });

  test.each(['gone', 'changed'])(
    'what is %s is told in words that are true of both, and on both ends',
    async (how) => {
      const { dir, share, files } = shop();
      const { id } = share('a');
      const at = path.join(dir, 'a');
      const open = await files.get(id);
      if (!open.ok) throw new Error(open.problem.message);
      files.forget(id);
      rmSync(at);
      if (how === 'changed') writeFileSync(at, 'other');
      const again = await files.get(id);
      expect(again.ok || again.problem).toEqual({
        code: 'stale',
        message: 'The file has changed or gone since it was shared',
      });
    },
  );

  test('are not served any more once they are not shared, though they are open', async () => {
    const { share, read, withdraw } = shop();
    const { id } = share('a');
    await read(id);
    withdraw(id);
    expect(await read(id)).toBe('not-shared');
  });

  test('are stale once they have been deleted, though they are open', async () => {
    const { share, read } = shop();
    const { id, filePath } = share('a');
    await read(id);
    rmSync(filePath);
    expect(await read(id)).toBe('stale');
  });

  test('are stale where a link has taken their place, even one to the same file', async () => {
    const { share, read, dir } = shop();
    const { id, filePath } = share('a');
    renameSync(filePath, path.join(dir, 'elsewhere'));
    symlinkSync(path.join(dir, 'elsewhere'), filePath);
    expect(await read(id)).toBe('stale');
  });

  test('stay open while others are only asked about', async () => {
    const { share, files } = shop();
    const { id, bytes } = share('a');
    const file = await files.get(id);
    for (let seed = 2; seed < 2 * maxServedFiles + 2; seed++) {
      const other = share(`other ${seed}`, seed);
      expect(await files.offerOf(other.id)).toEqual(ok(undefined));
      expect(await files.sizeOf(other.id)).toEqual(ok(size));
    }
    const into = Buffer.alloc(size);
    expect(file.ok && (await files.read(file.value, [into], 0))).toEqual(ok(undefined));
    expect(into).toEqual(bytes);
  });
});

describe('a download that is served', () => {
  test('is served on when it is over, and as what it is shared as from then on', async () => {
    const { dir, there, read, withdraw } = shop();
    const content = makeContent(dir, 'partial', size);
    const offer = new PartialOffer(1, Bitfield.shared(1).memory);
    offer.have.set(0);
    there.set(content.id, { filePath: content.filePath, sizeBytes: size, offer: offer.memory });
    await read(content.id);
    withdraw(content.id);
    expect(await read(content.id)).toEqual(content.bytes);
    there.set(content.id, makeContent(dir, 'done', size));
    writeFileSync(content.filePath, Buffer.alloc(size));
    expect(await read(content.id)).toEqual(content.bytes);
  });

  test('is not served any more once it is withdrawn', async () => {
    const { dir, there, read, withdraw } = shop();
    const content = makeContent(dir, 'partial', size);
    const offer = new PartialOffer(1, Bitfield.shared(1).memory);
    there.set(content.id, { filePath: content.filePath, sizeBytes: size, offer: offer.memory });
    await read(content.id);
    offer.withdraw();
    withdraw(content.id);
    expect(await read(content.id)).toBe('not-shared');
  });
});
