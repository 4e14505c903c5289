import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../../../src/actors/runtime/testing.ts';
import { crowded, withheld } from '../../../../src/actors/peer/trackers/tracker-problems.ts';
import type { TrackerLine } from '../../../../src/actors/peer/trackers/tracker-line.ts';
import {
  TrackerShare,
  type Acknowledged,
  type SharePort,
} from '../../../../src/actors/peer/trackers/tracker-share.ts';
import type { SharedFile } from '../../../../src/core/catalogue.ts';
import { ShareDigest } from '../../../../src/core/share/share-digest.ts';
import { sha256 } from '../../../../src/store/share-hash.ts';
import { heartbeatsPerCompare, minCompareGapMs } from '../../../../src/core/limits/tracker-link.ts';
import { sharedFiles } from '../../../helpers/trackers.ts';

const pingEveryMs = 30_000;

/** A line that takes everything and notes what was sent. */
function lineTo(sent: string[], everyMs: number): TrackerLine {
  const line: Pick<TrackerLine, 'isReady' | 'hasRoom' | 'pingEveryMs' | 'nextRequestId' | 'send'> = {
    ...{ isReady: true, hasRoom: true, pingEveryMs: everyMs },
    nextRequestId: () => 1,
    send: ({ type }) => void sent.push(type),
  };
  return line as TrackerLine;
}

/** What a tracker says that knows nothing of us. */
const nothingKnown = {
  type: 'welcome',
  ...{ version: 1, features: 0, name: 'anna', generation: 0, count: 0, digest: new Uint8Array(16) },
  ...{ heartbeatMs: 1, leaseMs: 1, observedHost: '192.0.2.1', maxFiles: 9, maxResults: 9 },
} as const;

/** What a tracker says of itself that has all of these. */
function publishedOf(files: readonly SharedFile[]): { readonly count: number; readonly digest: Uint8Array } {
  const digest = new ShareDigest(sha256);
  for (const file of files) digest.add(file);
  return { count: digest.count, digest: digest.digest() };
}

const committed = { type: 'committed', requestId: 1, generation: 1, count: 3, rejected: [] } as const;

/** A share of three files on a manual clock, with the timers that a link keeps for it. */
class Rig {
  readonly clock = new ManualClock();
  readonly sent: string[] = [];
  readonly line: TrackerLine;
  random = 0;
  readonly #cancels = new Map<string, () => void>();
  readonly share: TrackerShare;

  constructor(everyMs = pingEveryMs) {
    this.line = lineTo(this.sent, everyMs);
    const port: SharePort = {
      clock: this.clock,
      random: () => this.random,
      once: (timer, afterMs) => {
        port.cancel(timer);
        const run = (): void => {
          if (timer === 'share-compare') this.share.compareNow();
          this.share.tell(this.line);
        };
        this.#cancels.set(timer, this.clock.after(afterMs, run));
      },
      cancel: (timer) => this.#cancels.get(timer)?.(),
      acknowledged: () => undefined,
    };
    this.share = new TrackerShare(port);
    this.share.known(sharedFiles(3));
  }

  /** All of it is with the tracker, and nothing that was sent for that is noted any more. */
  register(): void {
    this.share.scanned();
    this.share.begin(nothingKnown);
    this.share.tell(this.line);
    this.share.hear(committed);
    this.share.tell(this.line);
    this.sent.splice(0);
  }

  hear(message: Parameters<TrackerShare['hear']>[0]): void {
    this.share.hear(message);
    this.share.tell(this.line);
  }
}

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
  const line = lineTo(sent, pingEveryMs);
  share.known(sharedFiles(files));
  share.scanned();
  share.begin({ ...nothingKnown, usualFiles });
  share.tell(line);
  expect(sent.at(-1)).toBe('commit');
  share.hear({ ...committed, count: files });
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

describe('a share of which the tracker says that it may have lost some', () => {
  const inSync = { type: 'in-sync', requestId: 1 } as const;

  test('is compared at its own moment within the time given, long before it would have been', () => {
    const rig = new Rig();
    rig.register();
    rig.random = 0.5;
    rig.hear({ type: 'compare', withinMs: 600 });
    rig.clock.advance(299);
    expect(rig.sent).toEqual([]);
    rig.clock.advance(1);
    expect(rig.sent).toEqual(['sync']);
  });

  test('is sent again where it lacks something', () => {
    const rig = new Rig();
    rig.register();
    rig.hear({ type: 'compare', withinMs: 0 });
    rig.clock.advance(0);
    rig.hear({ type: 'buckets', requestId: 1, digests: new Uint8Array(256 * 8) });
    expect(rig.sent).toEqual(['sync', 'add', 'commit']);
  });

  test('is compared no later than it would have been anyway, however long the tracker gives', () => {
    const rig = new Rig();
    rig.register();
    rig.random = 0.999;
    rig.hear({ type: 'compare', withinMs: 0xffff_ffff });
    rig.clock.advance(heartbeatsPerCompare * pingEveryMs);
    rig.share.tell(rig.line);
    expect(rig.sent).toEqual(['sync']);
  });

  test('is compared once for many such words, and not again at once', () => {
    const rig = new Rig();
    rig.register();
    for (let times = 0; times < 50; times++) rig.hear({ type: 'compare', withinMs: 0 });
    rig.clock.advance(0);
    rig.hear(inSync);
    expect(rig.sent).toEqual(['sync']);
    for (let times = 0; times < 50; times++) rig.hear({ type: 'compare', withinMs: 0 });
    rig.clock.advance(minCompareGapMs - 1);
    expect(rig.sent).toEqual(['sync']);
    rig.clock.advance(1);
    expect(rig.sent).toEqual(['sync', 'sync']);
  });

  test('is compared once when something else has it compared just before its moment', () => {
    const rig = new Rig();
    rig.register();
    rig.random = 0.5;
    rig.clock.after(300, () => {
      rig.share.tell(rig.line);
      rig.hear(inSync);
    });
    rig.hear({ type: 'compare', withinMs: 600 });
    rig.clock.advance(pingEveryMs);
    rig.share.tell(rig.line);
    expect(rig.sent).toEqual(['sync']);
  });

  test('is not compared sooner after the last time however short the heartbeats of the tracker are', () => {
    const rig = new Rig(1_000);
    rig.register();
    rig.hear({ type: 'compare', withinMs: 0 });
    rig.clock.advance(0);
    rig.hear(inSync);
    rig.clock.advance(minCompareGapMs - 1);
    rig.share.tell(rig.line);
    expect(rig.sent).toEqual(['sync']);
    rig.clock.advance(1);
    rig.share.tell(rig.line);
    expect(rig.sent).toEqual(['sync', 'sync']);
  });

  test('is compared when it is known, where the word comes before that', () => {
    const rig = new Rig();
    const published = publishedOf(sharedFiles(3));
    rig.share.begin({ ...nothingKnown, ...published });
    rig.hear({ type: 'compare', withinMs: 0 });
    expect(rig.sent).toEqual([]);
    // The welcome says that all of it is there, but was sent before it was lost.
    rig.share.scanned();
    rig.share.tell(rig.line);
    expect(rig.sent).toEqual(['sync']);
  });

  test('is not compared on a connection that has ended', () => {
    const rig = new Rig();
    rig.register();
    rig.random = 0.5;
    rig.hear({ type: 'compare', withinMs: 100 });
    rig.share.end();
    rig.clock.advance(1_000);
    expect(rig.sent).toEqual([]);
  });
});
