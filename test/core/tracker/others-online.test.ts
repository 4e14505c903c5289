import { expect, test } from '@jest/globals';
import { othersAt, othersOnline } from '../../../src/core/tracker/others-online.ts';
import { trackerView } from '../../helpers/views.ts';

test('a tracker counts us while we are registered, and we do not', () => {
  expect(othersAt(trackerView({ peers: 41 }))).toBe(40);
  expect(othersAt(trackerView({ peers: 1 }))).toBe(0);
  expect(othersAt(trackerView({ peers: 0 }))).toBe(0);
  expect(othersAt(trackerView({ state: 'connecting', peers: 41 }))).toBe(41);
  expect(othersAt(trackerView({ peers: undefined }))).toBeUndefined();
});

test('of several trackers, which may know the same, the one that knows most is believed', () => {
  expect(othersOnline([trackerView({ peers: 3 }), trackerView({ peers: 8 })])).toBe(7);
  expect(othersOnline([trackerView({ peers: undefined })])).toBeUndefined();
  expect(othersOnline([])).toBeUndefined();
});
