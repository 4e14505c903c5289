import { expect, test } from '@jest/globals';
import { keyTable } from '../../../src/tui/keys/key-table.ts';
import { screenNames } from '../../../src/tui/keys/places.ts';
import { openController } from '../open-tui.ts';

test('every key that a screen is said to have does something there', () => {
  const { session } = openController();
  const missing: string[] = [];
  for (const name of screenNames) {
    const { actions } = session.screens.get(name);
    const said = new Set<string>(
      keyTable.filter(({ on }) => on?.includes(name) === true).map(({ action }) => action),
    );
    for (const action of said) if (!(action in actions)) missing.push(`${name} does not ${action}`);
  }
  expect(missing).toEqual([]);
});
