import { expect, test } from '@jest/globals';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { describeAway } from '../contract-away.ts';
import { describeDenied } from '../contract-denied.ts';
import { describePages } from '../contract-pages.ts';
import { describeStore } from '../contract.ts';
import { code } from '../files.ts';

describeStore('memory', async () => new MemoryStore());
describePages('memory', async () => new MemoryStore());
describeAway('memory', async () => new MemoryStore());
describeDenied('memory', async () => new MemoryStore());

test('there is nothing to back up of a memory store', async () => {
  expect(code(await new MemoryStore().backup())).toBe('bad-request');
});
