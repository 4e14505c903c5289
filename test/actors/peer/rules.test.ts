import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DatabaseSync } from 'node:sqlite';
import { Rules } from '../../../src/actors/peer/rules.ts';
import { defaultLimits, type EngineLimits } from '../../../src/core/engine/engine-api.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../../../src/core/limits/uploads.ts';
import { openDatabase } from '../../../src/profile/database.ts';

let database: DatabaseSync;
const mallory = 'a'.repeat(52) as PeerId;

beforeEach(() => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.problem.message);
  database = opened.value;
});
afterEach(() => database.close());

/** The next start of the same profile. */
const restarted = (given: Partial<EngineLimits> = {}): Rules => new Rules(database, given);

describe('limits', () => {
  test('of a new profile are the defaults, and what is given wins', () => {
    expect(restarted().limits).toEqual(defaultLimits);
    expect(restarted({ uploadSlots: 3 }).limits).toEqual({ ...defaultLimits, uploadSlots: 3 });
  });

  test('that were set are remembered, and only those; what is given at a start wins over them', () => {
    expect(restarted({ uploadSlots: 3 }).setLimits({ uploadBytesPerSecond: 5_000 })).toBeUndefined();
    expect(restarted().limits).toEqual({ ...defaultLimits, uploadBytesPerSecond: 5_000 });
    const given = restarted({ uploadBytesPerSecond: 0 });
    expect(given.limits.uploadBytesPerSecond).toBe(0);
    given.setLimits({ limitsLan: true });
    expect(restarted().limits).toMatchObject({ uploadBytesPerSecond: 5_000, limitsLan: true });
  });

  test('hold for the threads at once', () => {
    const rules = restarted();
    const far = rules.rates.uploadTo('203.0.113.1');
    rules.setLimits({ uploadBytesPerSecond: 1_234 });
    expect(far.bytesPerSecond).toBe(1_234);
    expect(restarted().rates.uploadTo('203.0.113.1').bytesPerSecond).toBe(1_234);
  });

  test('are brought into their bounds, and what is no number changes nothing', () => {
    const rules = restarted();
    rules.setLimits({ uploadSlots: 1e9, downloadsAtOnce: -4, downloadBytesPerSecond: 1.9 });
    expect(rules.limits).toMatchObject({
      uploadSlots: maxUploadSlots,
      downloadsAtOnce: 1,
      downloadBytesPerSecond: 1,
    });
    rules.setLimits({ downloadsAtOnce: Number.NaN, uploadSlots: 2 });
    expect(rules.limits).toMatchObject({ downloadsAtOnce: 1, uploadSlots: 2 });
    rules.setLimits({ downloadsAtOnce: Infinity });
    expect(rules.limits.downloadsAtOnce).toBe(maxDownloadsAtOnce);
  });
});

describe('blocked peers', () => {
  test('are remembered until they are unblocked, with harmless names', () => {
    const rules = restarted();
    expect(rules.block(mallory, 'mal\u001b[31mlory')).toBeUndefined();
    expect(rules.isBlocked(mallory)).toBe(true);
    expect(restarted().blocked).toEqual([{ peer: mallory, name: 'mal\ufffd[31mlory' }]);
    expect(rules.unblock(mallory)).toBeUndefined();
    expect([rules.isBlocked(mallory), restarted().isBlocked(mallory)]).toEqual([false, false]);
  });

  test('are blocked even when that cannot be written down', () => {
    const rules = restarted();
    database.exec('DROP TABLE blocked_peer');
    expect(rules.block(mallory, 'm')).toMatchObject({ code: 'io' });
    expect(rules.isBlocked(mallory)).toBe(true);
  });
});
