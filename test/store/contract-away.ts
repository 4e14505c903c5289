/** What a catalogue store, or one part of it, must do when peers that are away have too many files: run for each such engine. */
import { expect, test } from '@jest/globals';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { arrival, file, peer, share, value } from './files.ts';

export function describeAway(engine: string, open: () => Promise<CatalogStore>): void {
  test(`${engine} store: those that left first are forgotten when more files are kept than may be`, async () => {
    const store = await open();
    for (const [at, name] of ['alice', 'bob', 'carol', 'dave'].entries()) {
      await share(store, name, file(`/${name}/1`), file(`/${name}/2`));
      if (name !== 'bob') await store.detach([peer(name)], 40 - at);
    }
    const limits = { leftBeforeMs: 0, maxRows: 100 };
    expect(await store.sweep({ ...limits, maxFilesAway: 6 })).toEqual({ peers: 0, rows: 0, more: false });
    expect(await store.sweep({ ...limits, maxFilesAway: 3 })).toEqual({ peers: 2, rows: 4, more: false });
    expect(value(await store.attach(arrival('alice'), 50)).count).toBe(2);
    expect(value(await store.attach(arrival('carol'), 50)).count).toBe(0);
    expect(value(await store.attach(arrival('dave'), 50)).count).toBe(0);
    expect(await store.stats()).toMatchObject({ files: 4 });
    await store.close();
  });

  test(`${engine} store: a peer that is named twice among those who leave is away once`, async () => {
    const store = await open();
    const limits = { leftBeforeMs: 0, maxRows: 100, maxFilesAway: 2 };
    await share(store, 'alice', file('/alice/1'), file('/alice/2'));
    await store.sweep(limits);
    await store.detach([peer('alice'), peer('alice')], 1);
    expect(await store.sweep(limits)).toEqual({ peers: 0, rows: 0, more: false });
    await store.close();
  });
}
