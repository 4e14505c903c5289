import { beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { tempDir } from '../helpers/temp-dir.ts';

const scripts = path.join(import.meta.dirname, '../../scripts');
const { nextFolder, startFrom } = createRequire(import.meta.url)('../../scripts/built-folders.cjs') as {
  readonly nextFolder: (root: string) => string;
  readonly startFrom: (root: string, folder: string) => void;
};

let root: string;

const at = (...parts: readonly string[]): string => path.join(root, ...parts);
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), text);
};

/** A clone whose compiler copies, and which has all its packages. */
beforeEach(() => {
  root = realpathSync(tempDir());
  mkdirSync(at('scripts'));
  for (const file of ['setup.cjs', 'built-folders.cjs'])
    copyFileSync(path.join(scripts, file), at('scripts', file));
  write('scripts/bundle.cjs', 'module.exports = { bundle: () => {} };');
  for (const file of ['load', 'kept-code', 'prune-code']) write(`scripts/${file}.cjs`, '{}');
  for (const file of ['tsconfig.json', 'package-lock.json']) write(file, '{}');
  const packages = `createHash('sha256').update('{}').update(process.platform + '-' + process.arch).digest('hex')`;
  const stamp = execFileSync(process.execPath, [...['-p', `require('crypto').${packages}`]]);
  write('node_modules/.shoal-packages', stamp.toString().trim());
  write(
    'node_modules/typescript/bin/tsc',
    `if (require('fs').readFileSync('src/main.js', 'utf8') === 'wrong') process.exit(2);
     require('fs').cpSync('src', process.argv[process.argv.indexOf('--outDir') + 1], { recursive: true });`,
  );
});

const setUp = (...args: readonly string[]): Buffer =>
  execFileSync(process.execPath, [at('scripts/setup.cjs'), ...args], { stdio: 'pipe' });

function build(text: string): string {
  write('src/main.js', text);
  setUp();
  expect(readFileSync(at('dist/main.js'), 'utf8')).toBe(text);
  return realpathSync(at('dist'));
}

test('what runs keeps its build while others are made, and no more than three lie around', () => {
  const first = build('1');
  const second = build('2 ');
  expect(readFileSync(path.join(first, 'main.js'), 'utf8')).toBe('1');
  const third = build('3  ');
  expect(readFileSync(path.join(first, 'main.js'), 'utf8')).toBe('1');
  expect(readFileSync(path.join(second, 'main.js'), 'utf8')).toBe('2 ');
  expect(build('4   ')).toBe(first);
  expect(new Set([first, second, third])).toEqual(
    new Set(['.dist-1', '.dist-2', '.dist-3'].map((name) => at(name))),
  );
  setUp();
  expect(realpathSync(at('dist'))).toBe(first);
});

test('a build that fails leaves the one before to be started', () => {
  const first = build('1');
  write('src/main.js', 'wrong');
  expect(() => setUp()).toThrow();
  expect(realpathSync(at('dist'))).toBe(first);
  expect(existsSync(at('.setup-lock'))).toBe(false);
  expect(build('right')).not.toBe(first);
});

test('a folder that is there in place of the link gives way, and comes back to be packed', () => {
  write('dist/main.js', 'old');
  build('1');
  setUp('--package');
  expect(lstatSync(at('dist')).isDirectory()).toBe(true);
  expect(readFileSync(at('dist/main.js'), 'utf8')).toBe('1');
  setUp('--package');
  build('2 ');
  expect(lstatSync(at('dist')).isSymbolicLink()).toBe(true);
});

test('the folder of a build that never was complete is taken first', () => {
  const first = nextFolder(root);
  writeFileSync(path.join(first, '.built-from'), '');
  startFrom(root, first);
  const second = nextFolder(root);
  expect(second).not.toBe(first);
  expect(nextFolder(root)).toBe(second);
});
