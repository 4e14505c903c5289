import { describe, expect, test } from '@jest/globals';
import { reachOf, reachWords } from '../../../src/core/tracker/reach-words.ts';

const reach = (isReachable: boolean, host = '192.0.2.7') => ({ isReachable, host, port: 40_001 });

describe('whether others get through to us', () => {
  test('is unknown until a tracker has said, and true once any got through', () => {
    expect(reachOf([])).toBeUndefined();
    expect(reachOf([{ reach: undefined }])).toBeUndefined();
    expect(reachOf([{ reach: undefined }, { reach: reach(false) }])).toEqual(reach(false));
    expect(reachOf([{ reach: reach(false) }, { reach: reach(true, '::1') }])).toEqual(reach(true, '::1'));
  });

  test('is said with the address, and with what to do where nobody does', () => {
    expect(reachWords(reach(true, '2001:db8::1'))).toBe('Others can reach you at [2001:db8::1]:40001');
    expect(reachWords(reach(false))).toMatch(
      /cannot reach you at 192\.0\.2\.7:40001: open or forward port 40001/,
    );
  });
});
