import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ticketKeyLifeMs } from '../../src/core/limits/connections.ts';
import { TicketKeys } from '../../src/identity/ticket-keys.ts';
import { temporaryFolder } from './temporary-folder.ts';

const startMs = 1_700_000_000_000;

const textOf = (keys: TicketKeys): string => Buffer.from(keys.current).toString('hex');

test('ticket keys are the same after a restart, and readable by their owner only', () => {
  const folder = temporaryFolder();
  const keys = TicketKeys.load(folder, startMs);
  expect(keys.current).toHaveLength(48);
  expect(textOf(TicketKeys.load(folder, startMs + 60_000))).toBe(textOf(keys));
  expect(readdirSync(folder)).toEqual(['ticket_keys']);
  if (process.platform !== 'win32') expect(statSync(join(folder, 'ticket_keys')).mode & 0o777).toBe(0o600);
});

test('ticket keys serve their time, restarts included, and are then made anew', () => {
  const folder = temporaryFolder();
  const keys = TicketKeys.load(folder, startMs);
  expect(keys.leftMs(startMs + 1_000)).toBe(ticketKeyLifeMs - 1_000);
  const later = TicketKeys.load(folder, startMs + ticketKeyLifeMs);
  expect(textOf(later)).not.toBe(textOf(keys));
  expect(later.leftMs(startMs + ticketKeyLifeMs)).toBe(ticketKeyLifeMs);
  later.renew(startMs + 1.5 * ticketKeyLifeMs);
  expect(textOf(TicketKeys.load(folder, startMs + 2 * ticketKeyLifeMs))).toBe(textOf(later));
});

test.each<readonly [string, (path: string) => void]>([
  ['cut short', (path) => writeFileSync(path, 'short', { mode: 0o600 })],
  ['gone', (path) => rmSync(path)],
  ...(process.platform === 'win32'
    ? []
    : [['readable by others', (path: string) => chmodSync(path, 0o644)] as const]),
])('ticket keys that are %s are not used', (_what, spoil) => {
  const folder = temporaryFolder();
  const keys = TicketKeys.load(folder, startMs);
  spoil(join(folder, 'ticket_keys'));
  const next = TicketKeys.load(folder, startMs);
  expect(textOf(next)).not.toBe(textOf(keys));
  expect(textOf(TicketKeys.load(folder, startMs))).toBe(textOf(next));
});

test('ticket keys of a time to come are not used: nobody knows how old they are', () => {
  const folder = temporaryFolder();
  const keys = TicketKeys.load(folder, startMs);
  expect(textOf(TicketKeys.load(folder, startMs - 1_000))).not.toBe(textOf(keys));
});

test('ticket keys that cannot be kept serve all the same', () => {
  const folder = join(temporaryFolder(), 'missing');
  const keys = TicketKeys.load(folder, startMs);
  expect(keys.current).toHaveLength(48);
  expect(textOf(TicketKeys.load(undefined, startMs))).not.toBe(textOf(keys));
});
