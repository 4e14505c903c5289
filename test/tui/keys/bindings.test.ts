import { describe, expect, test } from '@jest/globals';
import { bindKeys, type Bindings, type KeyChanges } from '../../../src/tui/keys/bindings.ts';
import { helpEntries, hints } from '../../../src/tui/keys/key-pages.ts';
import { graphemes } from '../../../src/tui/text/width.ts';
import { parseKeyName } from '../../../src/tui/keys/key-names.ts';
import { keyTable } from '../../../src/tui/keys/key-table.ts';
import { modes, screenNames } from '../../../src/tui/keys/places.ts';

function bound(changes: KeyChanges = {}): Bindings {
  const result = bindKeys(changes);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const refusal = (changes: KeyChanges): string => {
  const result = bindKeys(changes);
  return result.ok ? 'taken' : result.problem.message;
};

describe('the key table', () => {
  test('has keys that terminals send, named as they are read', () => {
    for (const { keys } of keyTable) for (const key of keys) expect(parseKeyName(key)).toEqual({ name: key });
  });

  test('has no key with two meanings in one place', () => {
    for (const mode of modes) {
      for (const screen of screenNames) {
        const keys = bound()
          .holding(mode, screen)
          .flatMap((entry) => entry.keys);
        expect([mode, screen, keys.filter((key, at) => keys.indexOf(key) !== at)]).toEqual([
          mode,
          screen,
          [],
        ]);
      }
    }
  });

  test('leads from every key that is shown to its action', () => {
    const bindings = bound();
    for (const mode of modes)
      for (const screen of screenNames)
        for (const { keys, action } of bindings.holding(mode, screen))
          for (const key of keys) expect(bindings.action(mode, screen, key)).toBe(action);
  });

  test('can be left and helped out of everywhere', () => {
    for (const screen of screenNames) {
      expect(bound().action('list', screen, '?')).toBe('help');
      expect(bound().action('list', screen, 'q')).toBe('quit');
      expect(bound().action('list', screen, 'Esc')).toBe('back');
      expect(hints(bound(), 'list', screen, true).map(({ words }) => words)).toEqual(
        expect.arrayContaining(['help', 'quit']),
      );
    }
    for (const mode of modes) expect(bound().action(mode, 'search', 'Ctrl+C')).toBe('force-quit');
  });

  test('never takes letters that are typed for commands', () => {
    for (const { keys, modes: where } of keyTable)
      if (where.includes('input') || where.includes('help'))
        for (const key of keys) expect(graphemes(key).length).toBeGreaterThan(1);
  });
});

describe('the help', () => {
  test('lists what holds on the screen and nothing else', () => {
    const words = helpEntries(bound(), 'downloads', '', true).map((entry) => entry.words);
    expect(words).toContain('pause, resume');
    expect(words).not.toContain('share a folder');
  });

  test('is filtered by every word that is typed', () => {
    const found = helpEntries(bound(), 'downloads', 'prio', true).map((entry) => entry.words);
    expect(found).toEqual(['raise priority', 'lower priority']);
    expect(helpEntries(bound(), 'downloads', 'no such thing', true)).toEqual([]);
  });

  test('shows the keys as they are after changes', () => {
    const bindings = bound({ pause: ['Ctrl+P'] });
    expect(helpEntries(bindings, 'downloads', 'pause, resume', true)[0]?.keys).toBe('Ctrl+P');
    expect(bindings.action('list', 'downloads', 'p')).toBeUndefined();
    expect(bindings.action('list', 'downloads', 'Ctrl+P')).toBe('pause');
  });
});

describe('changes of keys', () => {
  test('are written with or without care', () => {
    expect(bound({ pause: ['ctrl+p'] }).action('list', 'downloads', 'Ctrl+P')).toBe('pause');
    expect(bound({ messages: ['alt+pgup'] }).action('list', 'log', 'Alt+PageUp')).toBe('messages');
  });

  test('may turn an action off', () => {
    expect(bound({ theme: [] }).action('list', 'search', 'T')).toBeUndefined();
  });

  test('are refused with what is wrong', () => {
    expect(refusal({ paws: ['p'] })).toBe('keys: there is no action paws');
    expect(refusal({ pause: ['F5'] })).toContain('pause: F5 cannot be used');
    expect(refusal({ pause: ['Ctrl+I'] })).toContain('terminals send Tab for it');
    expect(refusal({ pause: ['Hyper+x'] })).toContain('Hyper is not Ctrl, Alt or Shift');
    expect(refusal({ pause: ['r'] })).toBe('keys: r would do both pause and retry (downloads)');
    expect(refusal({ filter: ['p'] })).toBe('keys: p would do both filter and pause (downloads, details)');
    expect(refusal({ pause: ['f'] })).toBe('keys: f would do both filter and pause (downloads, details)');
    expect(refusal({ filter: ['s'] })).toBe('keys: s would do both filter and sort');
  });
});
