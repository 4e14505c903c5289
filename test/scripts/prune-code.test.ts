import { beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../helpers/temp-dir.ts';

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url));

interface PruneCode {
  readonly pruneDaily: (folder: string, nowMs?: number) => void;
  readonly keepDays: number;
  readonly maxBytes: number;
}

const { pruneDaily, keepDays, maxBytes } = createRequire(import.meta.url)(
  path.join(scripts, 'prune-code.cjs'),
) as PruneCode;

const dayMs = 86_400_000;
const now = Date.now();
let cache: string;

beforeEach(() => {
  cache = path.join(tempDir(), 'code');
});

function code(name: string, ageDays: number, sizeBytes = 10): string {
  const file = path.join(cache, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  truncateSync(file, sizeBytes);
  const made = new Date(now - ageDays * dayMs);
  utimesSync(file, made, made);
  return file;
}

describe('compiled code that nobody wants any more', () => {
  test('is cleared away by its age, of whichever version and thread', () => {
    const old = [
      code('joined/v1/get/engine.code', keepDays + 1),
      code('v1-node/0a', keepDays + 1),
      code('joined/v2/get/engine.code.17-3', keepDays + 1),
    ];
    const recent = [code('joined/v2/get/engine.code', keepDays - 1), code('v2-node/0a', 0)];
    pruneDaily(cache);
    expect(old.map(existsSync)).toEqual([false, false, false]);
    expect(recent.map(existsSync)).toEqual([true, true]);
  });

  test('is cleared away where it is too much, the oldest first', () => {
    const half = maxBytes / 2;
    const [oldest, older, newer] = [code('a', 3, half), code('b', 2, half), code('c', 1, half - 1)];
    pruneDaily(cache);
    expect([oldest, older, newer].map(existsSync)).toEqual([false, true, true]);
  });

  test('is looked for once a day', () => {
    pruneDaily(cache);
    const file = code('a', keepDays + 1);
    pruneDaily(cache);
    pruneDaily(cache, now + 0.5 * dayMs);
    expect(existsSync(file)).toBe(true);
    pruneDaily(cache, now + 1.5 * dayMs);
    expect(existsSync(file)).toBe(false);
  });

  test('is looked for in the cache alone, whatever links lead out of it', () => {
    const outside = path.join(path.dirname(cache), 'outside');
    mkdirSync(outside);
    const theirs = path.join(outside, 'theirs');
    writeFileSync(theirs, '');
    utimesSync(theirs, 1, 1);
    code('a', 0);
    symlinkSync(outside, path.join(cache, 'folder'));
    symlinkSync(theirs, path.join(cache, 'file'));
    pruneDaily(cache);
    expect(existsSync(theirs)).toBe(true);
  });

  test.each([
    ['all of a cache that is ours', true, false],
    ['what is ours of a cache that others use as well', false, true],
  ])('is cleared away by a run that keeps some: %s', (_what, isOurs, isOthersLeft) => {
    const script = path.join(path.dirname(cache), 'script.js');
    writeFileSync(script, '// build\n() => 6');
    const [ours, others] = [code('joined/v1/get/a.code', keepDays + 1), code('others', keepDays + 1)];
    const program = `
      const vm = require('node:vm');
      const { keepCodeFor, openCode } = require(${JSON.stringify(path.join(scripts, 'kept-code.cjs'))});
      keepCodeFor(['get'], ${isOurs});
      const code = openCode(${JSON.stringify(script)}, '// build\\n() => 6');
      code.use(new vm.Script('// build\\n() => 6'));
    `;
    execFileSync(process.execPath, ['-e', program], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DISABLE_COMPILE_CACHE: '' },
    });
    expect(existsSync(ours)).toBe(false);
    expect(existsSync(others)).toBe(isOthersLeft);
  });
});
