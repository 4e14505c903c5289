/** The SQLite store must answer as the memory store does, whatever happens in whatever order. */
import { afterAll, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { expectToAnswerAsMemory } from './model.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('both stores answer alike, restarts included', async () => {
  let made = 0;
  await expectToAnswerAsMemory(() => {
    const path = join(folder, `${(made += 1)}.sqlite`);
    return (wallMs) => SqliteStore.open(path, wallMs());
  }, 120);
}, 120_000);
