import { describe, expect, test } from '@jest/globals';
import { openController } from '../open-tui.ts';
import { details, snapshot } from '../screens/transfers/scene.ts';

const lineOfKeys = ({ lines }: Pick<ReturnType<typeof openController>, 'lines'>): string =>
  lines().at(-1)?.trim() ?? '';

/** How each list without rows is come to, and what is offered there. */
const emptyLists = [
  ['results before a search', ['1'], '/ search  ? help  q quit'],
  ['saved searches', ['1', ']'], '/ search  ? help  q quit'],
  ['downloads', ['2'], '/ search  ? help  q quit'],
  ['uploads', ['2', ']'], '/ search  ? help  q quit'],
  ['done', ['2', ']', ']'], '/ search  ? help  q quit'],
  ['failed', ['2', ']', ']', ']'], '/ search  ? help  q quit'],
  ['shares', ['3'], 'a add folder  / search  ? help  q quit'],
  ['peers', ['4'], 'r refresh  / search  ? help  q quit'],
  ['blocked peers', ['4', ']'], '/ search  ? help  q quit'],
  ['the log', ['5'], 'l level  w save  / search  ? help  q quit'],
  ['messages', ['5', ']'], '/ search  ? help  q quit'],
] as const;

describe('the line of keys of a list without rows', () => {
  test.each(emptyLists)('%s: names what does something there, and nothing else', (_what, keys, offered) => {
    const tui = openController();
    tui.press('Esc', ...keys);
    expect(lineOfKeys(tui)).toBe(offered);
    for (const hint of offered.split('  ')) {
      const [key = ''] = hint.split(' ');
      const one = openController();
      one.press('Esc', ...keys);
      const all = (): unknown => [
        one.text(),
        one.engine.commands.length,
        one.ports.calls.length,
        one.ends.length,
      ];
      const before = all();
      one.press(key);
      expect(all()).not.toEqual(before);
    }
  });

  test('a filter that matches nothing leaves none either', () => {
    const tui = openController({ snapshot, answers: { details } });
    tui.press('Esc', '2');
    expect(lineOfKeys(tui)).toContain('Enter details');
    tui.press('f');
    tui.type('nothing is called so');
    tui.press('Enter');
    expect(lineOfKeys(tui)).toBe('/ search  ? help  q quit');
    tui.press('Esc');
    expect(lineOfKeys(tui)).toContain('Enter details');
  });

  test('keys of an input line, a menu and a dialog stay as they are', () => {
    const tui = openController();
    tui.press('Esc', '3', 'a');
    expect(lineOfKeys(tui)).toContain('Enter');
    expect(lineOfKeys(tui)).not.toContain('/ search');
  });
});

describe('the line of keys of a download', () => {
  const of = (...keys: readonly string[]): string => {
    const tui = openController({ columns: 160, snapshot, answers: { details } });
    tui.press('Esc', '2', ...keys);
    return lineOfKeys(tui);
  };

  test('offers to try again only what waits, failed or was cancelled', () => {
    expect(of()).not.toContain('r retry');
    expect(of('j', 'j', 'j', 'j', 'j')).toContain('r retry');
    expect(of(']', ']', ']')).toContain('r retry');
  });

  test('of one that has ended, its details included, offers nothing that needs one under way', () => {
    for (const line of [of(']', ']'), of(']', ']', 'Enter')]) {
      expect(line).toContain('o open');
      expect(line).not.toMatch(/pause|cancel|prio|move|more sources|retry/);
    }
  });

  test('of several that are marked offers all', () => {
    expect(of('Space')).toMatch(/pause\/resume.*cancel.*retry.*prio.*move.*more sources/);
  });
});
