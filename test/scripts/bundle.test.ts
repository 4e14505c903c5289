import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const { bundle } = createRequire(import.meta.url)('../../scripts/bundle.cjs') as {
  readonly bundle: (folder: string, entries: readonly string[]) => void;
};

const parent = mkdtempSync(path.join(tmpdir(), 'shoal-bundle-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(parent, 'case-'));
  write('package.json', '{"type":"module"}');
});

function write(file: string, ...lines: readonly string[]): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), `${lines.join('\n')}\n`);
}

/** What the program prints, its modules gone: it has to do with what was bundled. */
async function output(entry: string, gone: readonly string[] = []): Promise<string> {
  for (const file of gone) rmSync(path.join(folder, file));
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, entry)]);
  return stdout;
}

describe('a bundle', () => {
  test('does what its modules did, each run once and in their order', async () => {
    write('deep/a.js', "console.log('a');", 'export const one = 1;', 'const two = 2;');
    write(
      'b.js',
      "import { one as uno } from './deep/a.js';",
      "console.log('b');",
      'export class B { n = uno; }',
    );
    write('c.js', "export * from './b.js';", "export { one as first } from './deep/a.js';");
    write('d.js', "import './c.js';", 'function three() { return 3; }', 'export { three as drei };');
    write(
      'main.js',
      "import path, { sep } from 'node:path';",
      "import * as os from 'node:os';",
      'import {',
      '  B,',
      '  first,',
      "} from './c.js';",
      "import { drei } from './d.js';",
      "console.log(new B().n, first, drei(), path.sep === sep, typeof os.tmpdir, await Promise.resolve('late'));",
    );
    bundle(folder, ['main.js']);
    expect(await output('main.js', ['deep/a.js', 'b.js', 'c.js', 'd.js'])).toBe(
      'a\nb\n1 1 3 true function late\n',
    );
  });

  test('waits for a module that waits', async () => {
    write('slow.js', "export const value = await Promise.resolve('come');");
    write('main.js', "import { value } from './slow.js';", 'console.log(value);');
    bundle(folder, ['main.js']);
    expect(await output('main.js', ['slow.js'])).toBe('come\n');
  });

  test('waits for a package that waits', async () => {
    // Its name counts: it is the one that the screen is drawn with.
    const ink = (file: string) => path.join('node_modules', 'ink', file);
    write(ink('package.json'), '{"name":"ink","type":"module","exports":"./ink.js"}');
    write(ink('ink.js'), "export const render = await Promise.resolve('drawn');");
    write('screen.js', "import { render } from 'ink';", 'export const shown = render;');
    write('main.js', "const { shown } = await import('./screen.js');", 'console.log(shown);');
    bundle(folder, ['main.js']);
    expect(await output('main.js', ['screen.js'])).toBe('drawn\n');
  });

  test('shares its modules with what is loaded later', async () => {
    write('state.js', 'export const state = { count: 0 };', 'export function add() { state.count++; }');
    write('late.js', "import { add } from './state.js';", 'add();', 'export const name = import.meta.url;');
    write('later.js', "import { name } from './late.js';", 'export const same = (other) => other === name;');
    write(
      'main.js',
      "import { state } from './state.js';",
      "const { name } = await import('./late.js');",
      "const { same } = await import('./later.js');",
      'console.log(state.count, same(name), name === new URL("late.js", import.meta.url).href);',
    );
    bundle(folder, ['main.js']);
    expect(await output('main.js', ['state.js', 'late.js', 'later.js'])).toBe('1 true true\n');
  });

  test('leaves alone what is a file of its own, and knows what it exports', async () => {
    write('thread/own.js', "import { two } from '../two.js';", 'export const own = two;');
    write('two.js', 'export const two = {};');
    write('passing.js', "export { own } from './thread/own.js';");
    write('main.js', "import { own } from './passing.js';", 'export const passed = own;');
    write(
      'whole.js',
      "import { passed } from './main.js';",
      "import { own } from './thread/own.js';",
      'console.log(own === passed);',
    );
    bundle(folder, ['thread/own.js', 'main.js']);
    expect(await output('whole.js', ['passing.js', 'two.js'])).toBe('true\n');
  });

  test('loads what is a file of its own later from there', async () => {
    write('thread/own.js', "import { two } from '../two.js';", 'export const own = two;');
    write('two.js', 'export const two = 2;');
    write('main.js', "const { own } = await import('./thread/own.js');", 'console.log(own);');
    bundle(folder, ['thread/own.js', 'main.js']);
    expect(readdirSync(path.join(folder, 'joined')).toSorted()).toEqual(['main.js', 'thread-own.js']);
    expect(await output('main.js', ['two.js'])).toBe('2\n');
  });

  test('holds the packages of every start, with what they export in other ways', async () => {
    write('../node_modules/msgpackr/index.js', "export { Packr, one, count } from './pack.js';");
    write(
      '../node_modules/msgpackr/pack.js',
      "/** @typedef {import('./gone.js').Gone} Gone */",
      'export class Packr {}',
      'const both = { one: 1 };',
      'export const { one } = both;',
      'export let count = 2;',
    );
    write(
      '../node_modules/env-paths/index.js',
      "import path from 'node:path';",
      'export default function paths() { return path.sep; }',
    );
    write(
      'main.js',
      "import paths from 'env-paths';",
      "import { Packr, one, count } from 'msgpackr/pack';",
      "console.log(new Packr() instanceof Packr, one, count, paths().length, typeof (await import('node:os')).tmpdir);",
    );
    bundle(folder, ['main.js']);
    rmSync(path.join(parent, 'node_modules'), { recursive: true });
    expect(await output('main.js')).toBe('true 1 2 1 function\n');
  });

  test('is plain ASCII and means the same', async () => {
    const texts = ["'“\\\\…”'", '`→${1}😀`', "/^[à-ü😀]$/u.test('😀')", "/\\\\é/.test('\\\\é')"];
    write('words.js', `export const words = [${texts.join(', ')}];`);
    write('main.js', "import { words } from './words.js';", "console.log(words.join(' '));");
    bundle(folder, ['main.js']);
    expect(readFileSync(path.join(folder, 'joined/main.js'), 'utf8')).toMatch(/^[\0-\x7f]+$/);
    expect(await output('main.js', ['words.js'])).toBe('“\\…” →1😀 true true\n');
  });

  test('is not made of what means something else in ASCII', () => {
    write('main.js', "console.log('\\é');");
    expect(() => bundle(folder, ['main.js'])).toThrow('a backslash before what is not ASCII');
  });

  test.each([
    ['a default export', 'export default 1;'],
    ['an export that may change', 'export let count = 1;'],
    ['an export taken apart', 'export const { a } = { a: 1 };'],
  ])('is not made of %s, and nothing is replaced', (_what, line) => {
    write('odd.js', line);
    write('main.js', "import * as odd from './odd.js';", 'console.log(odd);');
    expect(() => bundle(folder, ['main.js'])).toThrow('odd.js cannot be bundled');
    expect(existsSync(path.join(folder, 'odd.js'))).toBe(true);
  });

  test('is not made of an import that is only known when it is called', () => {
    write('main.js', "const name = './late.js';", 'console.log(await import(name));');
    expect(() => bundle(folder, ['main.js'])).toThrow('main.js cannot be bundled: import(name)');
  });

  test('is not made where an import finds nothing', () => {
    write('two.js', 'export const one = 1, two = 2;');
    write('main.js', "import { two } from './two.js';", 'console.log(two);');
    expect(() => bundle(folder, ['main.js'])).toThrow('no two in ./two.js');
  });
});
