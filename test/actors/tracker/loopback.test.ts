import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { graceLeases } from '../../../src/core/limits/tracker.ts';
import { countPeersAgainMs } from '../../../src/core/limits/tracker-link.ts';
import { leaseMs } from '../../../src/core/limits/wire.ts';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sharedFile, sharedFiles, TestLink, TestTracker, Wire } from '../../helpers/trackers.ts';

describe('what one peer shares', () => {
  test('another finds by its words, its name and its id', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const share = [sharedFile('Annual Report 2024.pdf', 10), sharedFile('holiday.jpg', 20)] as const;
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    expect(alice.registered).toEqual([2]);

    await using guest = await TestLink.start(home, [tracker.address]);
    const source = { peer: alice.identity.id, name: 'alice', host: '127.0.0.1', port: 4_321 };
    const { id } = share[0];
    const name = 'Annual Report 2024.pdf';
    const result = {
      id,
      name,
      names: [name],
      folder: '/docs/',
      sizeBytes: 10,
      type: 'document',
      sources: [source],
    };
    expect(await guest.search('annual rep')).toEqual([result]);
    expect(await guest.ask({ type: 'find-name', name })).toEqual({ ok: true, value: [result] });
    expect(await guest.ask({ type: 'find-contents', ids: [sharedFile('away').id, id] })).toEqual({
      ok: true,
      value: [result],
    });
    expect(await guest.ask({ type: 'sources', ids: [share[1].id, id] })).toEqual({
      ok: true,
      value: [
        { id: share[1].id, sizeBytes: 20, sources: [source], partial: [] },
        { id, sizeBytes: 10, sources: [source], partial: [] },
      ],
    });
    expect(await guest.ask({ type: 'peers' })).toEqual({
      ok: true,
      value: { peers: [{ ...source, files: 2, bytes: 30 }] },
    });
    for (const peer of ['alice', alice.identity.id])
      expect(await guest.ask({ type: 'find-peer', peer })).toEqual({ ok: true, value: source });
    expect(await guest.ask({ type: 'find-peer', peer: 'bob' })).toMatchObject({
      problem: { code: 'not-found' },
    });
  });

  test('follows its changes', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const share = sharedFiles(20);
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    alice.change([sharedFile('invoice.pdf')], [sharedFile('report 3.txt')]);
    await alice.isRegistered(2);
    expect(alice.registered).toEqual([20, 20]);
    expect(await guest.names('invoice')).toEqual(['invoice.pdf']);
    expect(await guest.search('"report 3"')).toEqual([]);
    expect(await guest.search('report')).toHaveLength(19);
  });

  test('is sent in full once, and after a lost connection not at all', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    await using alice = await TestLink.start(home, [wire.address], {
      name: 'alice',
      share: sharedFiles(3_000),
    });
    await alice.isRegistered();
    expect(wire.sentBytes).toBeGreaterThan(100_000);
    wire.sentBytes = 0;
    wire.cut();
    await alice.isRegistered(2);
    // A TLS handshake with a certificate, and a hello.
    expect(wire.sentBytes).toBeLessThan(3_000);
    expect(alice.registered).toEqual([3_000, 3_000]);
  });

  test('that changed while there was no connection is sent in part', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    let target = tracker.address;
    await using wire = await Wire.to(() => target);
    await using alice = await TestLink.start(home, [wire.address], {
      name: 'alice',
      share: sharedFiles(3_000),
    });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    target = { host: '127.0.0.1', port: 1 };
    wire.cut();
    await until('alice is gone', async () => (await guest.search('report')).length === 0);
    alice.change([sharedFile('new.txt')], [sharedFile('report 7.txt')]);
    wire.sentBytes = 0;
    target = tracker.address;
    await alice.isRegistered(2);
    expect(wire.sentBytes).toBeLessThan(15_000);
    expect(await guest.names('new')).toEqual(['new.txt']);
    expect(await guest.search('"report 7"')).toEqual([]);
  });
});

describe('a peer that is gone', () => {
  test('is counted by who lists all peers, so that nobody reads two numbers of them', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    await using tracker = await TestTracker.start(home);
    await using alice = await TestLink.start(home, [tracker.address], { clock, name: 'alice', share: [] });
    await until('alice knows of herself', () => alice.views[0]?.peers === 1);
    await using bob = await TestLink.start(home, [tracker.address], { name: 'bob', share: [] });
    await bob.isRegistered();
    clock.advance(countPeersAgainMs);
    expect(await alice.ask({ type: 'peers' })).toMatchObject({ ok: true, value: { peers: { length: 2 } } });
    await until('she counts him too', () => alice.views[0]?.peers === 2);
  });

  test('is counted no more by who looks, without waiting for the next time that is counted', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share: [] });
    await alice.isRegistered();
    const clock = new ManualClock();
    await using guest = await TestLink.start(home, [tracker.address], { clock });
    expect(await guest.search('report')).toEqual([]);
    const shows = (peers: number) => async (): Promise<boolean> =>
      (await guest.ask({ type: 'snapshot' }))[0]?.peers === peers;
    await until('alice is counted', shows(1));
    await alice.stop();
    await until('alice has left', async () => {
      const peers = await guest.ask({ type: 'peers' });
      return peers.ok && peers.value.peers.length === 0;
    });
    clock.advance(countPeersAgainMs);
    await until('she is counted no more', shows(0));
  });

  test('leaves results when its connection closes, and comes back with it', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using wire = await Wire.to(() => tracker.address);
    const share = sharedFiles(3);
    await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    expect(await guest.search('report')).toHaveLength(3);
    await alice.stop();
    await until('alice has left', async () => (await guest.search('report')).length === 0);
    expect(await guest.ask({ type: 'peers' })).toEqual({ ok: true, value: { peers: [] } });
  });

  test('leaves them after its lease when it falls silent, and its connection is closed', async () => {
    const home = tempDir();
    const clock = new ManualClock();
    // Its allowance would never refill.
    const limits = { searchBurst: 10_000 };
    await using tracker = await TestTracker.start(home, { clock, limits });
    await using wire = await Wire.to(() => tracker.address);
    const share = sharedFiles(3);
    await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share });
    await using guest = await TestLink.start(home, [tracker.address]);
    await alice.isRegistered();
    await guest.search('report');
    wire.freeze();
    // The guest is heard all the time, so this tracker is not deaf.
    let elapsedMs = 0;
    while ((await guest.search('report')).length > 0) {
      clock.advance(5_000);
      elapsedMs += 5_000;
    }
    // Shortly after a start nobody is believed to be gone.
    const graceMs = graceLeases * leaseMs;
    expect(elapsedMs).toBeGreaterThanOrEqual(graceMs);
    expect(elapsedMs).toBeLessThanOrEqual(graceMs + 10_000);
    await until('only the guest is connected', () => tracker.connections === 1);
  });
});

describe('names', () => {
  test('a taken one is refused with a suggestion, and nothing is hammered', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const share = sharedFiles(1);
    await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    await using other = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      home: 'other',
      share,
    });
    await until('refused', () => other.states.includes('refused'));
    expect(other.problem).toMatchObject({ code: 'name-taken', message: expect.stringContaining('alice-2') });
    expect(other.states.filter((state) => state === 'connecting')).toHaveLength(1);
    expect(await other.ask({ type: 'peers' })).toMatchObject({ problem: { code: 'name-taken' } });
  });

  test('one belongs to its key while that may return', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    const share = sharedFiles(1);
    const alice = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await alice.isRegistered();
    await alice.stop();
    await using other = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      home: 'other',
      share,
    });
    await until('refused', () => other.states.includes('refused'));
    await using again = await TestLink.start(home, [tracker.address], { name: 'alice', share });
    await again.isRegistered();
  });

  test('the same key again takes the place of its older connection', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using first = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(2),
    });
    await first.isRegistered();
    await using second = await TestLink.start(home, [tracker.address], {
      name: 'alice',
      share: sharedFiles(5),
    });
    await second.isRegistered();
    await until('the first was told', () => first.problem?.code === 'closed');
    await using guest = await TestLink.start(home, [tracker.address]);
    expect(await guest.search('report')).toHaveLength(5);
    expect(await guest.ask({ type: 'peers' })).toMatchObject({
      value: { peers: [{ name: 'alice', files: 5 }] },
    });
    // It does not take the place back, or both would do nothing else.
    expect(first.states.at(-1)).toBe('refused');
  });
});

describe('a tracker that comes back', () => {
  test.each(['here', 'thread'] as const)(
    'still knows every share, and peers find it by themselves (registry %s)',
    async (placement) => {
      const home = tempDir();
      const store = path.join(home, 'catalogue.sqlite');
      const first = await TestTracker.start(home, { store, placement });
      const { port } = first;
      await using wire = await Wire.to(() => ({ host: '127.0.0.1', port }));
      await using alice = await TestLink.start(home, [wire.address], {
        name: 'alice',
        share: sharedFiles(2_000),
      });
      await alice.isRegistered();
      await first.stop();
      expect(first.failures).toEqual([]);
      // Attempts while it is away cost nothing that counts here, however many there are.
      wire.refuse();
      await using second = await TestTracker.start(home, { store, port, placement });
      wire.sentBytes = 0;
      wire.accept();
      await alice.isRegistered(2);
      expect(alice.registered).toEqual([2_000, 2_000]);
      // A handshake and a hello.
      expect(wire.sentBytes).toBeLessThan(8_000);
      await using guest = await TestLink.start(home, [second.address]);
      expect(await guest.search('report')).not.toHaveLength(0);
    },
  );

  test('with another key is refused, and says what to do', async () => {
    const home = tempDir();
    const first = await TestTracker.start(path.join(home, 'a'));
    const { port } = first;
    await using alice = await TestLink.start(home, [first.address], { name: 'alice', share: [] });
    await alice.isRegistered();
    await first.stop();
    await using _second = await TestTracker.start(path.join(home, 'b'), { port });
    await until('refused', () => alice.states.includes('refused'));
    expect(alice.problem).toMatchObject({
      code: 'key-changed',
      message: expect.stringContaining('known_trackers'),
    });
  });
});

describe('several trackers', () => {
  test('are one: what any of them knows is found, and one that is down delays nothing but itself', async () => {
    const home = tempDir();
    await using one = await TestTracker.start(path.join(home, 'one'));
    await using two = await TestTracker.start(path.join(home, 'two'));
    const down = { host: '127.0.0.1', port: 1 };
    await using alice = await TestLink.start(home, [one.address], {
      name: 'alice',
      share: sharedFiles(2, 'a'),
    });
    await using bob = await TestLink.start(home, [two.address, one.address], {
      name: 'bob',
      share: [...sharedFiles(2, 'b'), ...sharedFiles(1, 'a')],
    });
    await alice.isRegistered();
    await bob.isRegistered(2);
    // Time stands still: each of them is waited for, and the one that is down is not dialled again.
    const clock = new ManualClock();
    await using guest = await TestLink.start(home, [one.address, two.address, down], { clock });
    expect(await guest.names('a')).toEqual(['a 0.txt', 'a 1.txt']);
    const [shared] = await guest.search('"a 0"');
    expect(shared?.sources.map(({ name }) => name).toSorted()).toEqual(['alice', 'bob']);
    const sources = await guest.ask({ type: 'sources', ids: [sharedFile('a 0.txt').id] });
    expect(sources.ok && sources.value[0]?.sources).toHaveLength(2);
    const peers = await guest.ask({ type: 'peers' });
    expect(peers.ok && peers.value.peers.map(({ name }) => name).toSorted()).toEqual(['alice', 'bob']);
    const views = await guest.ask({ type: 'snapshot' });
    expect(views.map(({ state }) => state)).toEqual(['registered', 'registered', 'waiting']);
  });

  test('none that can be reached is a problem that names it', async () => {
    const home = tempDir();
    await using guest = await TestLink.start(home, [{ host: '127.0.0.1', port: 1 }]);
    const answer = await guest.ask({ type: 'search', query: 'x', limit: 1 });
    expect(answer).toMatchObject({
      problem: { code: 'unreachable', message: expect.stringContaining('127.0.0.1:1') },
    });
  });
});

describe('who downloads the same', () => {
  const file = sharedFile('film.mkv', 10);
  const { id } = file;

  test('find each other: who comes later at once, who was there by a word from the tracker', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using bob = await TestLink.start(home, [tracker.address], { home: 'bob' });
    await using carol = await TestLink.start(home, [tracker.address], { home: 'carol' });
    for (const link of [bob, carol])
      link.trackers.tell({ type: 'serving', port: link === bob ? 1_001 : 1_002 });
    const bobHere = { peer: bob.identity.id, name: '', host: '127.0.0.1', port: 1_001 };
    const carolHere = { peer: carol.identity.id, name: '', host: '127.0.0.1', port: 1_002 };
    expect(await bob.swarm(id, true)).toMatchObject({ value: [{ sources: [], partial: [] }] });
    expect(await carol.swarm(id, false)).toMatchObject({ value: [{ partial: [bobHere] }] });
    expect(bob.came).toEqual([]);
    await carol.swarm(id, true);
    await until('bob hears of carol', () => bob.came.length === 1);
    expect(bob.came).toMatchObject([{ id, sources: [], partial: [carolHere] }]);
    expect(await bob.ask({ type: 'peers' })).toEqual({ ok: true, value: { peers: [] } });
    bob.trackers.tell({ type: 'unfollow', id, follower: bob.follower });
    await until('bob is named no more', async () => {
      const answer = await carol.swarm(id, true);
      return answer.ok && answer.value[0]?.partial.length === 0;
    });
  });

  test('hear of who begins to share it, and of who comes back with it', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using guest = await TestLink.start(home, [tracker.address]);
    expect(await guest.swarm(id, false)).toMatchObject({ value: [{ sources: [] }] });
    {
      await using alice = await TestLink.start(home, [tracker.address], { name: 'alice', share: [] });
      await alice.isRegistered();
      alice.change([file]);
      await until('the guest hears of alice', () => guest.came.length === 1);
      expect(guest.came).toMatchObject([{ id, sources: [{ name: 'alice' }] }]);
    }
    await until('alice is gone', async () => {
      const answer = await guest.swarm(id, false);
      return answer.ok && answer.value[0]?.sources.length === 0;
    });
    await using _again = await TestLink.start(home, [tracker.address], { name: 'alice', share: [file] });
    await until('the guest hears of alice again', () => guest.came.length === 2);
  });

  test('join again when the tracker has forgotten them', async () => {
    const home = tempDir();
    await using tracker = await TestTracker.start(home);
    await using guest = await TestLink.start(home, [tracker.address]);
    await guest.swarm(id, false);
    expect(tracker.system.crash('/tracker/swarms')).toBe(true);
    await until('it is told to ask again', () => guest.seeks > 0);
  });
});
