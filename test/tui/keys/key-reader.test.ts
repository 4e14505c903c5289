import { describe, expect, test } from '@jest/globals';
import { readKeys, type InkKey } from '../../../src/tui/keys/key-reader.ts';
import * as fc from '../../helpers/properties.ts';

const none: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};

const names = (input: string, flags: Partial<InkKey> = {}): readonly string[] =>
  readKeys(input, { ...none, ...flags }).map(({ name }) => name);

describe('keys', () => {
  test('that come in one report are taken one by one', () => {
    expect(names('jj')).toEqual(['j', 'j']);
    expect(names('j\r')).toEqual(['j', 'Enter']);
    expect(names('ab\t')).toEqual(['a', 'b', 'Tab']);
    expect(names('gG \x7f\x1b')).toEqual(['g', 'G', 'Space', 'Backspace', 'Esc']);
    expect(names('a\r\nb\n')).toEqual(['a', 'Enter', 'b', 'Enter']);
  });

  test('are graphemes, not bytes', () => {
    expect(names('é👩‍👩‍👧日')).toEqual(['é', '👩‍👩‍👧', '日']);
  });

  test('have their modifiers in their names', () => {
    expect(names('d', { ctrl: true })).toEqual(['Ctrl+D']);
    expect(names(' ', { ctrl: true })).toEqual(['Ctrl+Space']);
    expect(names('', { upArrow: true, shift: true })).toEqual(['Shift+Up']);
    expect(names('', { leftArrow: true, ctrl: true })).toEqual(['Ctrl+Left']);
    expect(names('1', { meta: true })).toEqual(['Alt+1']);
    expect(names('', { tab: true, shift: true })).toEqual(['Shift+Tab']);
    expect(names('', { escape: true, meta: true })).toEqual(['Esc']);
    expect(names('J')).toEqual(['J']);
  });

  test('that terminals report in ways nobody knows are none', () => {
    expect(names('')).toEqual([]);
  });

  test('are the same however the terminal cuts them up', () => {
    const key = fc.constantFrom('j', 'J', ' ', '\r', '\t', '\x7f', '日', 'é', '/', '1');
    fc.assert(
      fc.property(fc.array(key), fc.array(fc.nat(5)), (keys, cuts) => {
        const chunks: string[] = [];
        let from = 0;
        for (const cut of [...cuts, keys.length]) {
          chunks.push(keys.slice(from, from + cut).join(''));
          from += cut;
        }
        chunks.push(keys.slice(from).join(''));
        const whole = keys.flatMap((one) => names(one));
        expect(chunks.flatMap((chunk) => names(chunk))).toEqual(whole);
      }),
    );
  });

  test('that write text say which', () => {
    expect(readKeys('a \r', none).map(({ text }) => text)).toEqual(['a', ' ', undefined]);
    expect(readKeys('x', { ...none, meta: true }).map(({ text }) => text)).toEqual([undefined]);
  });
});
