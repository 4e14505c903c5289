import { describe, expect, test } from '@jest/globals';
import {
  alternateOff,
  alternateOn,
  CellOutput,
  frameBegin,
  frameEnd,
} from '../../../src/tui/cells/cell-output.ts';
import { Emulator } from '../../helpers/emulator.ts';
import * as fc from '../../helpers/properties.ts';

/** What a program writes, sent through the cells to one terminal and as it is to another. */
class Both {
  readonly size: { columns: number; rows: number };
  readonly output: CellOutput;
  readonly lean: Emulator;
  readonly plain: Emulator;

  constructor(columns: number, rows: number) {
    this.size = { columns, rows };
    this.output = new CellOutput(() => this.size);
    this.lean = new Emulator(columns, rows);
    this.plain = new Emulator(columns, rows, true);
  }

  /** Returns what was sent. */
  async write(text: string): Promise<string> {
    const sent = this.output.take(text);
    await Promise.all([
      new Promise<void>((resolve) => this.lean.write(sent, resolve)),
      new Promise<void>((resolve) => this.plain.write(text, resolve)),
    ]);
    return sent;
  }

  frame(text: string): Promise<string> {
    return this.write(`${frameBegin}${text}${frameEnd}`);
  }

  screens(): readonly [unknown, unknown] {
    const of = (emulator: Emulator): unknown =>
      emulator.lines.map((_, row) => emulator.styled(row).map(({ text, style }) => ({ text, style })));
    return [of(this.lean), of(this.plain)];
  }
}

async function open(columns = 40, rows = 6): Promise<Both> {
  const both = new Both(columns, rows);
  await both.write(`${alternateOn}\u001b[?25l`);
  return both;
}

const row = (text: string, at = 1): string => `\u001b[${at};1H\u001b[K${text}`;
/** Without the marks of a frame. */
const sentInside = (sent: string): string => sent.replace(frameBegin, '').replace(frameEnd, '');

describe('a terminal that is sent only what has changed', () => {
  test('gets nothing for a frame that is the same', async () => {
    const both = await open();
    await both.frame(row('film.mkv   12%'));
    expect(await both.frame(row('film.mkv   12%'))).toBe('');
  });

  test('gets the cells of a figure in the middle of a row, and a move', async () => {
    const both = await open();
    await both.frame(row('film.mkv   12%  from 3 peers'));
    expect(sentInside(await both.frame(row('film.mkv   13%  from 3 peers')))).toBe('\u001b[1;13H3');
  });

  test('gets two figures close together as one, and two far apart as two', async () => {
    const both = await open();
    await both.frame(row('1 2 34567890123456789 1'));
    expect(sentInside(await both.frame(row('2 3 34567890123456789 2')))).toBe('\u001b[H2 3\u001b[23G2');
  });

  test('gets blanks at the end of a row as one erasure', async () => {
    const both = await open();
    await both.frame(row('a long line of words'));
    expect(sentInside(await both.frame(row('a long')))).toBe('\u001b[1;8H\u001b[K');
    expect(both.lean.lines[0]).toBe('a long');
  });

  test('gets a cell again that has another look only', async () => {
    const both = await open();
    await both.frame(row('ab'));
    expect(sentInside(await both.frame(row('a\u001b[31mb\u001b[39m')))).toBe(
      '\u001b[1;2H\u001b[31mb\u001b[m',
    );
  });

  test('gets a row with an emoji as a whole: terminals do not agree how wide it is', async () => {
    const both = await open();
    await both.frame(row('🐋 whales 1'));
    expect(sentInside(await both.frame(row('🐋 whales 2')))).toBe('\u001b[H🐋\u001b[3G whales 2\u001b[K');
  });

  test('keeps nothing of a full row behind an emoji that it draws narrower than others do', async () => {
    const both = await open(8, 2);
    await both.frame(row('abcdefgh'));
    // This terminal takes it for one cell, and we for two.
    await both.frame(row('✔️ whale'));
    expect(both.lean.lines[0]).toBe('✔️  whale');
  });

  test('has in its place what is behind letters that it draws wider or narrower than others do', async () => {
    const both = await open(12, 2);
    await both.frame(row('स्ते.txt  12│'));
    await both.frame(row('स्ते.txt  13│'));
    expect(both.lean.lines).toEqual(['स्ते.txt  13│', '']);
    await both.frame(row('✔️ whale 13│'));
    expect(both.lean.lines).toEqual(['✔️  whale 13│', '']);
  });

  test('gets the row below one of unknown width where it belongs, wherever the cursor has come to', async () => {
    const both = await open(8, 3);
    const sent = await both.frame(row('✅ whale') + row('tails', 2));
    expect(sentInside(sent)).toBe('\u001b[H✅ whale\u001b[2Htails');
  });

  test('shows half of a wide letter that was drawn over as a blank that looks like what is there now', async () => {
    const both = await open();
    await both.frame(row('鯨'));
    await both.frame('\u001b[1;2H\u001b[7m鯨\u001b[m');
    const [lean, plain] = both.screens();
    expect(lean).toEqual(plain);
    expect(both.lean.lines[0]).toBe(' 鯨');
  });

  test('gets whole frames where that is wanted, and still nothing for one that is the same', async () => {
    const output = new CellOutput(() => ({ columns: 20, rows: 2 }), true);
    output.take(alternateOn);
    output.take(frameBegin + row('one 1') + row('two', 2) + frameEnd);
    const again = output.take(frameBegin + row('one 2') + frameEnd);
    expect(again).toContain('one 2');
    expect(again).toContain('two');
    expect(output.take(frameBegin + row('one 2') + frameEnd)).toBe('');
  });

  test('gets all of it again, on a screen that was erased, when it may have lost it or has another size', async () => {
    const both = await open();
    await both.frame(row('one') + row('two', 2));
    await new Promise<void>((resolve) => both.lean.write('\u001b[2J', resolve));
    await new Promise<void>((resolve) => both.lean.write(both.output.redraw(), resolve));
    expect(both.lean.lines.slice(0, 2)).toEqual(['one', 'two']);
    both.size.columns = 20;
    for (const emulator of [both.lean, both.plain]) emulator.resize(20, 6);
    await both.frame(row('three', 3));
    expect(both.lean.lines.slice(0, 3)).toEqual(['one', 'two', 'three']);
  });

  test('is told where the cursor is whenever that has changed', async () => {
    const both = await open();
    await both.frame(`${row('query')}\u001b[?25h\u001b[1;3H`);
    expect(both.lean.cursor).toEqual({ row: 0, column: 2 });
    expect(await both.frame('\u001b[1;4H')).toBe(`${frameBegin}\u001b[1;4H${frameEnd}`);
    expect(await both.frame('\u001b[1;4H')).toBe('');
  });

  test('gets as it is what draws nothing, and everything outside of the alternate screen', async () => {
    const both = await open();
    expect(await both.write('\u001b[?2004h')).toBe('\u001b[?2004h');
    expect(await both.write(alternateOff)).toBe(alternateOff);
    expect(await both.write('bye\n')).toBe('bye\n');
    expect(await both.write(alternateOn)).toContain(alternateOn);
  });

  test('shows what it would show if it got everything', async () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[a-d ]{1,12}$/),
      fc.constantFrom('鯨', 'é', '█', '\u001b[K', '\u001b[1K', '\u001b[J', '\n', '\r'),
      fc.constantFrom(...['1', '2', '7', '31', '92', '1;36', '22', '27', '39', '0', '38;5;120']
        .map((codes) => `\u001b[${codes}m`)),
      fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 14 })).map(([y, x]) => `\u001b[${y};${x}H`),
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'))
        .map(([count, final]) => `\u001b[${count}${final}`),
    ); // prettier-ignore
    // Text never runs over the end of a row: where it would go is the one thing that is cut off instead.
    const drawn = fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(drawn, async (frames) => {
        const both = await open(80, 4);
        for (const frame of frames) await both.frame(frame.join(''));
        const [lean, plain] = both.screens();
        expect(lean).toEqual(plain);
        both.lean.dispose();
        both.plain.dispose();
      }),
      { numRuns: 60 },
    );
  });
});
