import { describe, expect, test } from '@jest/globals';
import type { SearchProgress } from '../../../../src/actors/peer/trackers/trackers-messages.ts';
import type { ActorRef } from '../../../../src/actors/runtime/index.ts';
import { ManualClock } from '../../../../src/actors/runtime/testing.ts';
import type { TrackerView } from '../../../../src/core/engine/engine-api.ts';
import { moveSpreadMs } from '../../../../src/core/limits/tracker-link.ts';
import { heartbeatMs, leaseMs } from '../../../../src/core/limits/wire.ts';
import { nameOf } from '../../../../src/core/share/virtual-path.ts';
import { atRest, until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { sharedFiles, TestLink, TestTracker, Wire } from '../../../helpers/trackers.ts';

/** Lets both ends' sockets and actors do what they have to do. */
async function pause(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

describe('a link to a tracker', () => {
  test('is kept alive by heartbeats alone', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home, { clock });
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], {
      clock,
      name: 'alice',
      share: sharedFiles(3),
    });
    await alice.isRegistered();
    wire.sentBytes = 0;
    const beats = 10;
    for (let elapsedMs = 0; elapsedMs < beats * heartbeatMs; elapsedMs += 2_000) {
      clock.advance(2_000);
      await atRest(() => wire.passedBytes);
    }
    expect(alice.states.at(-1)).toBe('registered');
    expect(alice.registered).toEqual([3]);
    // A ping each, in a TLS record of its own.
    expect(wire.sentBytes).toBeLessThan(beats * 100);
  });

  test('notices a tracker that has fallen silent, and dials again', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], {
      clock,
      name: 'alice',
      share: sharedFiles(3),
    });
    await alice.isRegistered();
    await until('all that was asked is answered', () =>
      alice.events.some((event) => event.type === 'tracker' && event.tracker.peers !== undefined),
    );
    wire.freeze();
    let elapsedMs = 0;
    for (; !alice.states.includes('waiting'); elapsedMs += 5_000) {
      clock.advance(5_000);
      await pause();
    }
    expect(elapsedMs).toBeGreaterThanOrEqual(leaseMs);
    expect(elapsedMs).toBeLessThanOrEqual(leaseMs + heartbeatMs);
    expect(alice.problem).toMatchObject({ code: 'timeout' });
    wire.thaw();
    await until('registered again', () => {
      clock.advance(1_000);
      return alice.registered.length === 2;
    });
  });

  test('is gone on with where its tracker only stood still: nobody misses it, and nothing is dialled or sent again', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    const share = sharedFiles(3);
    await using alice = await TestLink.start(home, [wire.address], { clock, name: 'alice', share });
    await using guest = await TestLink.start(home, [tracker.address]);
    const listed = async (): Promise<readonly string[]> => {
      const answer = await guest.ask({ type: 'peers' });
      return answer.ok ? answer.value.peers.map(({ name }) => name) : [];
    };
    const nextInMs = (): number => (alice.views[0]?.nextAttemptMs ?? 0) - Date.now();
    await alice.isRegistered();
    wire.freeze();
    while (!alice.states.includes('waiting')) {
      clock.advance(5_000);
      await pause();
    }
    wire.shut();
    await until('it waits for long', () => {
      if (nextInMs() > 4 * moveSpreadMs) return true;
      clock.advance(1_000);
      return false;
    });
    expect(wire.connections).toBe(1);
    expect(await listed()).toEqual(['alice']);
    // The tracker answers what it was sent. Nobody else gets in, so it can only be that connection.
    wire.sentBytes = 0;
    wire.wake();
    await until('registered again', () => alice.registered.length === 2);
    expect(wire.sentBytes).toBeLessThan(1_000);
    expect([wire.connections, await listed(), alice.states.at(-1)]).toEqual([1, ['alice'], 'registered']);
    // It is as good as it ever was.
    alice.change(sharedFiles(1, 'later'));
    await until('what is new is there', () => alice.registered.at(-1) === 4);
    for (let elapsedMs = 0; elapsedMs < 2 * leaseMs; elapsedMs += 2_000) {
      clock.advance(2_000);
      await atRest(() => wire.passedBytes);
    }
    expect([wire.connections, alice.states.at(-1)]).toEqual([1, 'registered']);
  });

  test('is left for another that has let us in: what fell silent is not gone on with when it is heard then', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    const share = sharedFiles(3);
    await using alice = await TestLink.start(home, [wire.address], { clock, name: 'alice', share });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    wire.freeze();
    while (!alice.states.includes('waiting')) {
      clock.advance(5_000);
      await pause();
    }
    // New connections get through, the old one does not.
    wire.thaw();
    await until('registered again', () => {
      clock.advance(100);
      return alice.registered.length === 2;
    });
    wire.wake();
    await until('it has left the first', () => wire.connections === 1);
    expect(await guest.ask({ type: 'peers' })).toMatchObject({ value: { peers: [{ name: 'alice' }] } });
    expect([alice.states.at(-1), alice.problem]).toEqual(['registered', undefined]);
  });

  test('is not a sharing one before the port is known: it is not listed, and asks wait', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using alice = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(1),
      isServing: false,
    });
    const answer = alice.ask({ type: 'peers' });
    await pause();
    expect(alice.states).toEqual([]);
    alice.trackers.tell({ type: 'serving', port: 99 });
    expect(await answer).toMatchObject({ value: { peers: [{ name: 'alice', port: 99 }] } });
  });

  test('answers a question that was interrupted by a lost connection', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    await using guest = await TestLink.start(home, [wire.address]);
    await guest.search('x');
    wire.freeze();
    const answer = guest.search('x');
    await pause();
    wire.thaw();
    wire.cut();
    expect(await answer).toEqual([]);
  });

  test('says how fast the tracker answers, how many are online, and when it is tried again', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share: sharedFiles(1) });
    await using guest = await TestLink.start(home, [wire.address], { home: 'guest' });
    await alice.isRegistered();
    const view = (): TrackerView | undefined =>
      guest.events.findLast((event) => event.type === 'tracker')?.tracker;
    await guest.search('x');
    await until('it is told', () => view()?.peers !== undefined && view()?.latencyMs !== undefined);
    expect(view()).toMatchObject({ state: 'registered', nextAttemptMs: undefined });
    expect(view()?.latencyMs).toBeGreaterThanOrEqual(0);
    expect(view()?.peers).toBeLessThanOrEqual(1);
    const beforeMs = Date.now();
    await tracker.stop();
    await until('it is gone', () => view()?.state === 'waiting');
    expect(view()).toMatchObject({ latencyMs: undefined, peers: undefined });
    expect(view()?.nextAttemptMs).toBeGreaterThanOrEqual(beforeMs);
  });

  test('of a profile that is started twice is told so, and leaves its place', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const options = { name: 'alice', share: sharedFiles(1) };
    await using first = await TestLink.start(home, [tracker.address], options);
    await first.isRegistered();
    await using second = await TestLink.start(home, [tracker.address], options);
    await second.isRegistered();
    await until('the first is told', () => first.states.at(-1) === 'refused');
    expect(first.problem).toEqual({
      code: 'closed',
      message: expect.stringContaining('started a second time'),
    });
    expect(await second.names('report')).toEqual(['report 0.txt']);
    expect(second.states.at(-1)).toBe('registered');
  });

  test('says at once that a tracker cannot be reached, and asks again when somebody asks', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const clock = new ManualClock();
    let target = { host: '127.0.0.1', port: 1 };
    await using wire = await Wire.to(() => target);
    await using guest = await TestLink.start(home, [wire.address], { clock });
    for (let ask = 0; ask < 3; ask++)
      expect(await guest.ask({ type: 'peers' })).toMatchObject({ problem: { code: 'unreachable' } });
    expect(guest.states).toEqual(['connecting', 'waiting']);
    target = tracker.address;
    clock.advance(1_000);
    expect(await guest.ask({ type: 'peers' })).toEqual({ ok: true, value: { peers: [] } });
  });

  test.each(['/peer/trackers/tracker-link', '/peer/trackers', '/peer/library'])(
    'heals when %s crashes',
    async (victim) => {
      const home = tempDir();
      await using tracker = await TestTracker.start(home);
      await using wire = await Wire.to(() => tracker.address);
      const share = sharedFiles(2_000);
      await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share });
      await alice.isRegistered();
      wire.sentBytes = 0;
      expect(alice.system.crash(victim)).toBe(true);
      await until('up again', () => alice.system.snapshot().every(({ status }) => status === 'running'));
      alice.trackers.tell({ type: 'serving', port: 4_321 });
      await alice.isRegistered(2);
      expect(alice.registered).toEqual([2_000, 2_000]);
      expect(wire.sentBytes).toBeLessThan(5_000);
      expect(await alice.names('"report 7"')).toEqual(['report 7.txt']);
      expect(alice.failures).toHaveLength(1);
    },
  );
});

describe('several trackers', () => {
  test('tell what a search has found one after the other, each content once with all its sources', async () => {
    const home = tempDir();
    await using one = await TestTracker.start(`${home}/one`);
    await using two = await TestTracker.start(`${home}/two`);
    const [file] = sharedFiles(1);
    if (file === undefined) throw new Error('No file');
    await using alice = await TestLink.start(home, [one.address], { name: 'alice', share: [file] });
    await using bob = await TestLink.start(home, [two.address], { name: 'bob', share: [file] });
    await Promise.all([alice.isRegistered(), bob.isRegistered()]);
    // Time stands still: each of them is waited for.
    const clock = new ManualClock();
    await using guest = await TestLink.start(home, [one.address, two.address], { clock });
    const heard: SearchProgress[] = [];
    const progress: ActorRef<SearchProgress> = {
      path: '/test',
      tell: (message) => void heard.push(message),
      offer: (message) => heard.push(message) > 0,
    };
    const answer = await guest.ask({ type: 'search', query: nameOf(file.path), limit: 10, progress });
    expect(heard.map(({ trackers }) => trackers)).toEqual([
      { asked: 2, answered: 1 },
      { asked: 2, answered: 2 },
    ]);
    expect(heard.map(({ results }) => results?.map(({ sources }) => sources.length))).toEqual([[1], [2]]);
    expect(answer).toEqual({ ok: true, value: { results: heard[1]?.results, end: {} } });
  });
});

describe('a search', () => {
  test('gets more than a tracker gives at once page by page, and goes on where it stopped', async () => {
    const home = tempDir();
    await using one = await TestTracker.start(`${home}/one`);
    await using two = await TestTracker.start(`${home}/two`);
    const share = sharedFiles(450);
    await using alice = await TestLink.start(home, [one.address], { name: 'alice', share });
    await using bob = await TestLink.start(home, [two.address], { name: 'bob', share: share.slice(0, 30) });
    await Promise.all([alice.isRegistered(), bob.isRegistered()]);
    // Time stands still: each of them is waited for.
    const clock = new ManualClock();
    await using guest = await TestLink.start(home, [one.address, two.address], { clock });
    const page = async (limit: number, cursor?: string) => {
      const found = await guest.ask({ type: 'search', query: 'report', limit, cursor });
      if (!found.ok) throw new Error(found.problem.message);
      return found.value;
    };
    const all = await page(1_000);
    expect([all.results.length, all.end]).toEqual([450, {}]);
    const seen = new Set<string>();
    let cursor: string | undefined;
    const sizes: number[] = [];
    do {
      const { results, end } = await page(100, cursor);
      for (const { name } of results) seen.add(name);
      sizes.push(results.length);
      cursor = end.cursor;
    } while (cursor !== undefined);
    expect(seen.size).toBe(450);
    // The second tracker had all it has on the first page.
    expect(sizes).toEqual([expect.any(Number), 100, 100, 100, 50]);
    expect(await guest.ask({ type: 'search', query: 'report', limit: 9, cursor: 'mine' })).toMatchObject({
      ok: false,
      problem: { code: 'bad-request' },
    });
    const elsewhere = JSON.stringify([['192.0.2.1:1', 'x']]);
    expect(await page(9, elsewhere)).toEqual({ results: [], end: {} });
  });

  test('that finds nothing brings what may have been meant', async () => {
    const home = tempDir();
    await using one = await TestTracker.start(`${home}/one`);
    await using alice = await TestLink.start(home, [one.address], { name: 'alice', share: sharedFiles(3) });
    await alice.isRegistered();
    await using guest = await TestLink.start(home, [one.address]);
    // On a busy machine the time for a suggestion may be over before there is one.
    await until('a suggestion', async () => {
      const found = await guest.ask({ type: 'search', query: 'reprot 2', limit: 9 });
      return found.ok && found.value.end.suggestion === 'report 2';
    });
  });
});
