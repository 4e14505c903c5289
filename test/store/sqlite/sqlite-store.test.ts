import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { describeAway } from '../contract-away.ts';
import { describeDenied } from '../contract-denied.ts';
import { describePages } from '../contract-pages.ts';
import { describeStore } from '../contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-store-'));
let opened = 0;
afterAll(() => rmSync(folder, { recursive: true }));
const open = () => SqliteStore.open(join(folder, `${(opened += 1)}.sqlite`), 0);

describeStore('SQLite', open);
describePages('SQLite', open);
describeAway('SQLite', open);
describeDenied('SQLite', open);
