/** Folders for tests: made empty, gone afterwards. */
import { afterEach } from '@jest/globals';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made: string[] = [];

/** An empty folder that is removed after the test that asked for it. Its path goes over no symbolic link. */
export function tempDir(): string {
  const dir = mkdtempSync(path.join(realpathSync(tmpdir()), 'shoal-test-'));
  made.push(dir);
  return dir;
}

afterEach(() => {
  for (const dir of made.splice(0)) {
    chmodSync(dir, 0o700);
    rmSync(dir, { recursive: true, force: true });
  }
});
