/** The details of the result under the cursor, below the list. */
import { pieceCount, pieceLengthFor } from '../../../core/swarm/piece-length.ts';
import { rule } from '../../parts/box.ts';
import type { Area } from '../../screen/area.ts';
import type { Strip } from '../../screen/screen.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatCount, plural } from '../../text/numbers.ts';
import type { Line, Segment } from '../../text/segments.ts';
import type { FoundRow } from './found.ts';
import { healthCells, localWord } from './found-columns.ts';
import { healthOf, healthWords } from './health.ts';

const lines = 5;

export const foundStrip = (current: () => FoundRow | undefined): Strip => ({
  height: ({ size }) => (size === 'narrow' ? lines - 1 : lines),
  lines: (area) => {
    const row = current();
    return row === undefined ? [] : stripLines(row, area);
  },
});

function stripLines(row: FoundRow, area: Area): readonly Line[] {
  const { result } = row;
  const { glyphs } = area;
  const pieceLength = pieceLengthFor(result.sizeBytes);
  const pieces = pieceCount(result.sizeBytes);
  const local = localWord(row.local);
  const shown = (text: string): string => showName(text, glyphs.name).text;
  const others = result.names.filter((name) => name !== result.name).map(shown);
  return [
    rule(shown(result.name), area.width, glyphs),
    [
      ...(result.folder === undefined ? [] : [{ text: ` in ${shown(result.folder)} ` }]),
      ...(others.length === 0 ? [] : [{ text: ` seen as: ${others.join(', ')}`, role: 'dim' as const }]),
    ],
    [
      { text: ` ${formatCount(result.sizeBytes)} bytes` },
      { text: `  ${plural(pieces, 'piece')} of ${formatBytes(pieceLength)}`, role: 'dim' },
      ...(local.text === '' ? [] : [{ text: '  here: ' }, local]),
    ],
    [
      { text: ' ' },
      ...healthCells(healthOf(result.sources.length), glyphs),
      { text: ` ${healthWords(result.sources.length)}: ` },
      ...result.sources.flatMap(({ name, reachable }, at): readonly Segment[] => [
        { text: `${at === 0 ? '' : '  '}${shown(name)}`, role: 'accent' },
        // Nobody gets through to it, so it is called and comes to us.
        ...(reachable === false ? [{ text: ' (by call)', role: 'dim' as const }] : []),
      ]),
    ],
    [{ text: ` id ${result.id}`, role: 'dim' }, { text: `  ${result.type}` }],
  ];
}
