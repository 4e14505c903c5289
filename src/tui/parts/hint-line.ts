/** The last line: what the next key can be. Help and quit are always among it. */
import type { Hint } from '../keys/key-pages.ts';
import { textWidth } from '../text/width.ts';
import { fitLine, type Line, type Segment } from '../text/segments.ts';

export function hintLine(hints: readonly Hint[], width: number): Line {
  const last = hints.filter(({ words }) => words === 'help' || words === 'quit');
  const first = hints.filter((hint) => !last.includes(hint));
  const size = ({ keys, words }: Hint): number => textWidth(keys) + textWidth(words) + 3;
  let room = width - last.reduce((sum, hint) => sum + size(hint), 0);
  const shown: Hint[] = [];
  for (const hint of first) {
    room -= size(hint);
    if (room < 0) break;
    shown.push(hint);
  }
  const line: Segment[] = [...shown, ...last].flatMap(({ keys, words }) => [
    { text: ` ${keys}`, role: 'accent' as const },
    { text: ` ${words} `, role: 'dim' as const },
  ]);
  return fitLine(line, width);
}
