import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { LogLine } from '../../src/core/engine/engine-api.ts';
import { openLogFile } from '../../src/engine/log-file.ts';
import { createLog, toldElsewhere } from '../../src/engine/log.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const line = `${'x'.repeat(99)}\n`;

test('a log file is its owner’s alone, and goes on where it was', () => {
  const file = path.join(tempDir(), 'logs', 'engine.log');
  openLogFile(file).write('one\n');
  openLogFile(file).write('two\n');
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a log file is made for its first line, and where it cannot be that is known before', () => {
  const folder = tempDir();
  const file = path.join(folder, 'logs', 'engine.log');
  const log = openLogFile(file);
  expect(existsSync(file)).toBe(false);
  log.write('one\n');
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  expect(() => openLogFile(folder)).toThrow('EISDIR');
  expect(() => openLogFile(path.join(file, 'x.log'))).toThrow();
});

test('a log file that is full is put away, and no more than one of those is kept', () => {
  const file = path.join(tempDir(), 'engine.log');
  const log = openLogFile(file, 1_000);
  for (let at = 0; at < 100; at++) log.write(line);
  expect(statSync(file).size).toBeLessThanOrEqual(2_000);
  expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(2_000);
  expect(existsSync(`${file}.2`)).toBe(false);
});

test('two that write to the same file follow each other when one puts it away', () => {
  const file = path.join(tempDir(), 'engine.log');
  const [one, two] = [openLogFile(file, 1_000), openLogFile(file, 1_000)];
  for (let at = 0; at < 30; at++) {
    one.write(line);
    two.write(line);
  }
  expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThanOrEqual(5_000);
  one.write('last of one\n');
  two.write('last of two\n');
  const kept = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8');
  expect(kept).toContain('last of one');
  expect(kept).toContain('last of two');
});

test('a log whose folder has vanished loses lines and nothing else', () => {
  const folder = tempDir();
  const log = openLogFile(path.join(folder, 'logs', 'engine.log'), 100);
  rmSync(path.join(folder, 'logs'), { recursive: true });
  for (let at = 0; at < 10; at++) log.write(line);
  expect(existsSync(path.join(folder, 'logs'))).toBe(false);
});

test('people are shown what is worth it, whatever the level of the log, harmless and with its source', () => {
  const file = path.join(tempDir(), 'engine.log');
  const shown: LogLine[] = [];
  const log = createLog('engine', { level: 'error', file }, (one) => shown.push(one));
  log.debug('not for people');
  log.info({ source: 'tracker a:1' }, 'Connected');
  log.error({ path: '/peer/desk', error: new Error('oh\u001B[2J') }, 'an actor failed');
  log.warn({ [toldElsewhere]: true }, 'bad\u001B[0m');
  expect(shown.map(({ level, source, text }) => [level, source, text])).toEqual([
    ['info', 'tracker a:1', 'Connected'],
    ['error', '/peer/desk', expect.stringContaining('an actor failed error="Error: oh')],
    ['warn', 'engine', expect.not.stringContaining('\u001B')],
  ]);
  expect(shown.map(({ text }) => text).join('')).not.toContain('\u001B');
  const written = readFileSync(file, 'utf8').trim().split('\n');
  expect(written.map((text) => (JSON.parse(text) as { msg: string }).msg)).toEqual(['an actor failed']);
});
