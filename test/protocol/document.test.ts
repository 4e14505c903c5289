import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { peerMessages } from '../../src/protocol/peer-messages.ts';
import type { MessageTable } from '../../src/protocol/table.ts';
import { trackerMessages } from '../../src/protocol/tracker-messages.ts';

const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const section = (from: string, to: string): string => text.slice(text.indexOf(from), text.indexOf(to));

/** The rows of a section's message tables: cells without their marks. */
function rowsOf(part: string): string[][] {
  return part
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe.each<[string, MessageTable, string]>([
  ['tracker', trackerMessages, section('## 5.', '## 6.')],
  ['peer', peerMessages, section('## 6.', '## 7.')],
])('docs/protocol.md and the %s messages', (_, table, part) => {
  const rows = [...rowsOf(section('### 4.3', '### 4.4')), ...rowsOf(part)];

  test('every message is there with its code, side and limit, and no other', () => {
    const documented = rows.map(([code, name, from, max]) => [
      name,
      { code: Number(code), from, max: Number(max) },
    ]);
    const defined = Object.entries(table).map(([name, spec]) => [
      name,
      { code: spec.code, from: spec.from, max: spec.maxBytes },
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(defined));
    expect(documented).toHaveLength(defined.length);
  });

  test('every field is there, in its order', () => {
    for (const [, name = '', ...cells] of rows) {
      const fields = Object.keys(table[name]?.fields ?? {});
      const places = fields.map((field) => (cells.at(-1) ?? '').search(new RegExp(`\\b${field}\\b`)));
      expect([name, fields, places]).toEqual([name, fields, places.toSorted((a, b) => a - b)]);
      expect([name, places.includes(-1)]).toEqual([name, false]);
    }
  });

  test('every request names its answers', () => {
    for (const [name, { answers = [] }] of Object.entries(table)) {
      const [, , , , answeredBy] = rows.find((row) => row[1] === name) ?? [];
      if (answers.length > 0) expect([name, answeredBy]).toEqual([name, answers.join(', ')]);
    }
  });
});
