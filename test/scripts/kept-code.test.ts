import { beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { start } from '../cli/fakes.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const keptCode = fileURLToPath(new URL('../../scripts/kept-code.cjs', import.meta.url));

/** Runs a script with what is kept of it, says what became of that, and leaves as it is told. */
const program = `
  const fs = require('node:fs');
  const vm = require('node:vm');
  const [filename, called, status] = process.argv.slice(2);
  const { openCode } = require(${JSON.stringify(keptCode)});
  const source = fs.readFileSync(filename, 'latin1');
  const code = openCode(filename, source);
  const script = new vm.Script(source, { filename, cachedData: code.data });
  code.use(script);
  const given = script.runInThisContext()[called]();
  const kept = code.data === undefined ? 'none' : script.cachedDataRejected ? 'rejected' : 'taken';
  console.log(JSON.stringify({ kept, given }));
  process.exit(Number(status));
`;

const body = 'let sum = 0; for (const one of [1, 2, 3]) { sum += one; } return sum;';
const text = (build: string): string =>
  `// ${build}\n({ a() { ${body} }, b() { const named = { x: 1, y: 2, z: 3 }; ${body} } })\n`;

let folder: string;
let code: string;

beforeEach(() => {
  folder = tempDir();
  code = path.join(folder, 'kept', 'get');
  writeFileSync(path.join(folder, 'program.cjs'), program);
  writeFileSync(path.join(folder, 'script.js'), text('build one'));
});

interface Run {
  readonly called?: 'a' | 'b';
  readonly status?: number;
  readonly flags?: readonly string[];
  readonly keptIn?: string;
}

/** What a run found, and what the script gave it. */
async function run({ called = 'a', status = 0, flags = [], keptIn = code }: Run = {}): Promise<unknown> {
  const args = [...flags, path.join(folder, 'program.cjs'), path.join(folder, 'script.js')];
  const ended = promisify(execFile)(process.execPath, [...args, called, String(status)], {
    env: { ...process.env, SHOAL_KEPT_CODE: keptIn },
  });
  const { stdout, stderr } = await ended.catch((error: Record<'stdout' | 'stderr', string>) => error);
  // Whatever is wrong with what is kept is nothing to anybody.
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const found = (kept: string): unknown => ({ kept, given: 6 });

function file(): string {
  const [name = ''] = readdirSync(code);
  return path.join(code, name);
}

describe('compiled code', () => {
  test('is kept from one run to the next, with what was compiled when it was first called', async () => {
    expect(await run()).toEqual(found('none'));
    const small = statSync(file()).size;
    expect(await run()).toEqual(found('taken'));
    truncateSync(file());
    expect(await run({ called: 'b' })).toEqual(found('none'));
    expect(statSync(file()).size).toBeGreaterThan(small);
    expect(await run()).toEqual(found('taken'));
  });

  test('is made anew after a while, for what was not called before, and then more seldom', async () => {
    await run();
    const small = statSync(file()).size;
    await run({ called: 'b' });
    expect(statSync(file()).size).toBe(small);
    const age = (minutes: number): void => {
      const made = new Date(Date.now() - minutes * 60_000);
      utimesSync(file(), made, made);
    };
    age(1.5);
    expect(await run({ called: 'b' })).toEqual(found('taken'));
    const whole = statSync(file());
    expect(whole.size).toBeGreaterThan(small);
    age(1.5);
    const before = statSync(file()).mtimeMs;
    expect(await run()).toEqual(found('taken'));
    expect(statSync(file()).mtimeMs).toBe(before);
  });

  test.each([
    [
      'is broken',
      () =>
        writeFileSync(
          file(),
          readFileSync(file()).map((byte, at) => (at === 90 ? ~byte : byte)),
        ),
    ],
    ['is cut off', () => truncateSync(file(), statSync(file()).size - 8)],
    ['is empty', () => truncateSync(file())],
    ['is of another build', () => writeFileSync(path.join(folder, 'script.js'), text('build two'))],
    ['can be written by others', () => chmodSync(file(), 0o666)],
  ])('that %s is not taken, and replaced', async (_what, spoil) => {
    await run();
    spoil();
    expect(await run()).toEqual(found('none'));
    expect(await run()).toEqual(found('taken'));
    expect(readdirSync(code)).toHaveLength(1);
  });

  test('of other flags is refused by V8, and replaced', async () => {
    await run({ flags: ['--stack-size=900'] });
    expect(await run()).toEqual(found('rejected'));
    expect(await run()).toEqual(found('taken'));
  });

  test('is done without where it cannot be written', async () => {
    const keptIn = path.join(folder, 'script.js', 'kept');
    expect(await run({ keptIn })).toEqual(found('none'));
    expect(await run({ keptIn })).toEqual(found('none'));
  });

  test('is not kept where none is wanted, nor of a run that failed', async () => {
    expect(await run({ keptIn: '' })).toEqual(found('none'));
    expect(await run({ status: 1 })).toEqual(found('none'));
    expect(existsSync(code)).toBe(false);
  });

  test('is kept as well of a thread that is ended without a word', async () => {
    const thread = `
      const { Worker } = require('node:worker_threads');
      const { globSync } = require('node:fs');
      const stays = 'process.exit = () => {}; setInterval(() => {}, 1000);';
      const worker = new Worker(stays + ${JSON.stringify(program)}, { eval: true, argv: process.argv.slice(2) });
      const look = setInterval(() => {
        if (globSync('*.code', { cwd: process.env.SHOAL_KEPT_CODE }).length === 0) return;
        clearInterval(look);
        void worker.terminate();
      }, 5);
    `;
    writeFileSync(path.join(folder, 'program.cjs'), thread);
    expect(await run()).toEqual(found('none'));
    writeFileSync(path.join(folder, 'program.cjs'), program);
    expect(await run()).toEqual(found('taken'));
  });

  test('is whole whoever writes it at the same time, and nobody else may read or write it', async () => {
    await Promise.all(Array.from({ length: 6 }, () => run()));
    expect(await run()).toEqual(found('taken'));
    expect(readdirSync(code)).toHaveLength(1);
    expect([statSync(file()).mode & 0o777, statSync(code).mode & 0o777]).toEqual([0o600, 0o700]);
  });
});

describe('the launcher’s choice of a folder', () => {
  const choose = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
    const says = `require(${JSON.stringify(keptCode)}).keepCodeFor(process.argv.slice(1)); console.log(process.env.SHOAL_KEPT_CODE)`;
    const all = { ...process.env, SHOAL_KEPT_CODE: '/of/another', NODE_DISABLE_COMPILE_CACHE: '', ...env };
    return (
      await promisify(execFile)(process.execPath, ['-e', says, '--', ...args], { env: all })
    ).stdout.trim();
  };

  test('is one for each command, in Node’s own cache', async () => {
    const env = { NODE_COMPILE_CACHE: folder };
    const within = path.join(folder, 'joined', `${process.version}-${process.arch}`);
    expect(await choose(['--json', 'get', 'peer:/file'], env)).toBe(path.join(within, 'get'));
    expect(await choose(['whatever/../it is'], env)).toBe(path.join(within, 'other'));
  });

  test.each([
    [['search', 'get', 'status'], 'search'],
    [['--name', 'get', '--home=stop', '--tracker', 'h:1', '--json', 'search', 'x'], 'search'],
    [['--log-level', 'debug', '--name', 'list'], 'peer'],
    [['--share', 'get'], 'peer'],
    [[], 'peer'],
    [['--help'], 'other'],
    [['--share', 'get', '--help'], 'other'],
  ])('for %j is that of %s', async (args, command) => {
    expect(path.basename(await choose(args, { NODE_COMPILE_CACHE: folder }))).toBe(command);
  });

  test('knows all commands of the command line and the flags of all of them', async () => {
    const { commands, flagsWithValue, flagsAlone, lastFlags } = createRequire(import.meta.url)(
      keptCode,
    ) as Readonly<Record<string, readonly string[]>>;
    const { stdout } = await start({ argv: ['--help'] }).finished;
    const [, options = '', listed = ''] = stdout.text.split(/^(?:Options|Commands|Example):$/m);
    const named = (text: string, pattern: RegExp): readonly (string | undefined)[] =>
      [...text.matchAll(pattern)].map(([, name]) => name).toSorted();
    expect(named(listed, /^ {2}([a-z]+)\b/gm)).toEqual(commands?.toSorted());
    expect(named(options, /^ {2}(--[a-z-]+) </gm)).toEqual(flagsWithValue?.toSorted());
    expect(named(options, /^ {2}(--[a-z-]+) {2}/gm)).toEqual(
      [...(flagsAlone ?? []), ...(lastFlags ?? [])].toSorted(),
    );
  });

  test('is none where Node’s own cache is not wanted', async () => {
    expect(await choose(['get'], { NODE_COMPILE_CACHE: '' })).toBe('undefined');
    expect(await choose(['get'], { NODE_COMPILE_CACHE: folder, NODE_DISABLE_COMPILE_CACHE: '1' })).toBe(
      'undefined',
    );
  });
});
