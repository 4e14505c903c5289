import { describe, expect, test } from '@jest/globals';
import { crowded, withheld } from '../../../src/actors/peer/tracker-problems.ts';
import type { TrackerLine } from '../../../src/actors/peer/tracker-line.ts';
import { TrackerShare, type Acknowledged } from '../../../src/actors/peer/tracker-share.ts';
import { sharedFiles } from '../../helpers/trackers.ts';

/** What a tracker that takes nine files acknowledges of so many, if it would rather have no more than so many. */
function acknowledgedOf(files: number, usualFiles: number | undefined): Acknowledged | undefined {
  const heard: Acknowledged[] = [];
  const share = new TrackerShare({
    clock: { now: () => 0, after: () => () => undefined },
    random: () => 0,
    once: () => undefined,
    cancel: () => undefined,
    acknowledged: (each) => heard.push(each),
  });
  const sent: string[] = [];
  const line = {
    isReady: true,
    hasRoom: true,
    pingEveryMs: 1_000,
    nextRequestId: () => 1,
    send: ({ type }: { readonly type: string }) => void sent.push(type),
  } as unknown as TrackerLine;
  share.known(sharedFiles(files));
  share.scanned();
  share.begin({
    type: 'welcome',
    ...{ version: 1, features: 0, name: 'anna', generation: 0, count: 0, digest: new Uint8Array(16) },
    ...{ heartbeatMs: 1, leaseMs: 1, observedHost: '192.0.2.1', maxFiles: 9, maxResults: 9, usualFiles },
  });
  share.tell(line);
  expect(sent.at(-1)).toBe('commit');
  share.hear({ type: 'committed', requestId: 1, generation: 1, count: files, rejected: [] });
  share.tell(line);
  return heard[0];
}

describe('a share that a tracker has acknowledged', () => {
  test.each([
    ['no more than it would like', 3, 3],
    ['of any size, where it does not say', 3, undefined],
  ])('is no problem: %s', (_, files, usualFiles) => {
    const acknowledged = acknowledgedOf(files, usualFiles);
    expect(acknowledged).toMatchObject({ files });
    expect(acknowledged && (withheld(acknowledged) ?? crowded(acknowledged))).toBeUndefined();
  });

  test('is told to be large when it is larger than the tracker would like, though all is listed', () => {
    const acknowledged = acknowledgedOf(4, 3);
    expect(acknowledged).toMatchObject({ files: 4, withheldFiles: 0 });
    expect(acknowledged && crowded(acknowledged)).toMatchObject({
      code: 'limit',
      message: expect.stringContaining('all of our files, but would rather have no more than 3'),
    });
  });

  test('is told so in the same words however many files there are, so that it is no news while they are counted', () => {
    const [one, other] = [acknowledgedOf(4, 3), acknowledgedOf(7, 3)];
    expect(one && crowded(one)).toEqual(other && crowded(other));
  });

  test('lacks what the tracker takes no more of', () => {
    const acknowledged = acknowledgedOf(12, 3);
    expect(acknowledged).toMatchObject({ files: 9, withheldFiles: 3 });
    expect(acknowledged && withheld(acknowledged)?.message).toContain('did not take 3 of our files');
  });
});
