import { describe, expect, test } from '@jest/globals';
import { systemClock, type Clock } from '../../../src/actors/runtime/index.ts';
import type { TrackerAddress } from '../../../src/core/engine/engine-api.ts';
import { farewellTimeoutMs, minDrainMs } from '../../../src/core/limits/tracker.ts';
import { atRest, until } from '../../helpers/poll.ts';
import { SharedCatalogue } from '../../helpers/shared-catalogue.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sharedFile, sharedFiles, TestLink, TestTracker, Wire } from '../../helpers/trackers.ts';

/** Two trackers of one catalogue. The second knows the first from its start, and goes by this clock. */
async function pair(home: string, clock: Clock = systemClock) {
  const catalogue = new SharedCatalogue();
  const openStore = catalogue.open;
  const limits = { searchBurst: 10_000 };
  const one = await TestTracker.start(home, { openStore, limits, key: 'one' });
  await until('the first is listed', () => catalogue.listed === 1);
  const two = await TestTracker.start(home, { openStore, key: 'two', clock });
  return { catalogue, one, two };
}

async function people(home: string, at: readonly TrackerAddress[], count: number): Promise<TestLink[]> {
  const links = await Promise.all(
    Array.from({ length: count }, (_, number) =>
      TestLink.start(home, at, {
        name: `peer-${number}`,
        share: sharedFiles(3, `report of ${number},`),
        port: 5_000 + number,
      }),
    ),
  );
  await Promise.all(links.map((link) => link.isRegistered()));
  await until('all have been told', async () => {
    const known = await Promise.all(links.map((link) => link.knows()));
    return known.every(({ length }) => length > 0);
  });
  return links;
}

const stopAll = (links: readonly TestLink[]): Promise<unknown> =>
  Promise.all(links.map((link) => link.stop()));

describe('two trackers of one catalogue', () => {
  test('tell their peers of each other, and each answers for both', async () => {
    const home = tempDir();
    const { one, two } = await pair(home);
    await using first = one;
    await using second = two;
    await using alice = await TestLink.start(home, [first.address], { name: 'alice', share: sharedFiles(3) });
    await using bob = await TestLink.start(home, [second.address], {
      name: 'bob',
      share: [sharedFile('song.mp3')],
    });
    await Promise.all([alice.isRegistered(), bob.isRegistered()]);
    await until('both know of the other tracker', async () => {
      const known = await Promise.all([alice.knows(), bob.knows()]);
      return known.every(({ length }) => length === 1);
    });
    expect([await alice.knows(), await bob.knows()]).toEqual([[second.address], [first.address]]);
    expect(await bob.names('report')).toHaveLength(3);
    expect(await alice.names('song')).toEqual(['song.mp3']);
    expect(await alice.ask({ type: 'find-peer', peer: 'bob' })).toMatchObject({ ok: true });
    await using guest = await TestLink.start(home, [second.address]);
    await guest.search('x');
    await until('both are counted', () => guest.views.some(({ peers }) => peers === 2));
  });

  test('lose one, and all its peers are at the other soon, with nothing sent again and no search unanswered', async () => {
    const home = tempDir();
    const { catalogue, one, two } = await pair(home);
    await using first = one;
    await using second = two;
    const wire = await Wire.to(() => second.address);
    const given = wire.address;
    const links = await people(home, [given], 30);
    await using stays = await TestLink.start(home, [first.address], {
      name: 'bob',
      share: [sharedFile('song.mp3')],
    });
    await stays.isRegistered();
    await using guest = await TestLink.start(home, [first.address]);
    const { added } = catalogue;
    wire.close();
    let searches = 0;
    await until('all have moved', async () => {
      expect(await guest.names('song')).toEqual(['song.mp3']);
      searches += 1;
      return [...catalogue.at.values()].filter((tracker) => tracker === 1).length === 31;
    });
    expect(searches).toBeGreaterThan(0);
    await Promise.all(links.map((link) => link.isRegistered(2)));
    expect(catalogue.added).toBe(added);
    expect(catalogue.attached).toHaveLength(61);
    expect(links[0]?.views).toMatchObject([{ ...given, state: 'registered', via: first.address }]);
    await until('the other has noticed', () => second.connections === 0);
    expect((await catalogue.store.stats()).peersOnline).toBe(31);
    expect(await guest.search('report')).toHaveLength(90);
    await stopAll(links);
  });

  test('are both remembered: who starts when the one it was given is gone finds the other', async () => {
    const home = tempDir();
    const { one, two } = await pair(home);
    await using first = one;
    const options = { name: 'alice', share: sharedFiles(2) };
    const given = two.address;
    {
      await using alice = await TestLink.start(home, [given], options);
      await alice.isRegistered();
      await until('it has been told', async () => (await alice.knows()).length === 1);
    }
    await two.stop();
    await using alice = await TestLink.start(home, [given], options);
    await alice.isRegistered();
    expect(alice.views).toMatchObject([{ ...given, via: first.address }]);
    await using guest = await TestLink.start(home, [given], { home: 'alice' });
    expect(await guest.names('report')).toHaveLength(2);
  });

  test('have a peer that was given both at one of them only', async () => {
    const home = tempDir();
    const { catalogue, one, two } = await pair(home);
    await using first = one;
    await using second = two;
    await using alice = await TestLink.start(home, [first.address, second.address], {
      name: 'alice',
      share: sharedFiles(3),
    });
    await until('both say that it is registered, by one', () => {
      const views = alice.views.filter(({ state }) => state === 'registered');
      return views.length === 2 && views.filter(({ via }) => via !== undefined).length === 1;
    });
    await until('it is at one', () => first.connections + second.connections === 1);
    expect((await catalogue.store.stats()).peersOnline).toBe(1);
    expect(await alice.names('report')).toHaveLength(3);
    expect(alice.failures).toEqual([]);
    await using again = await TestLink.start(home, [first.address, second.address], { home: 'alice' });
    await again.search('report');
    expect(first.connections + second.connections).toBe(2);
  });
});

test('a tracker that shows another key than a peer was told is left at once', async () => {
  const home = tempDir();
  const catalogue = new SharedCatalogue();
  await using impostor = await TestTracker.start(`${home}/impostor`);
  await using two = await TestTracker.start(home, { openStore: catalogue.open, key: 'two' });
  await using somebody = await TestLink.start(home, [impostor.address], { name: 'bob', share: [] });
  await somebody.isRegistered();
  await catalogue.announce({ ...impostor.address, id: somebody.identity.id }, 60_000);
  const wire = await Wire.to(() => two.address);
  await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share: sharedFiles(1) });
  await alice.isRegistered();
  await until('it has been told', async () => (await alice.knows()).length === 1);
  wire.close();
  await until('it has tried', () => alice.views.some(({ problem }) => problem?.code === 'key-changed'));
  await until('it has left', () => impostor.connections === 1);
  expect(await somebody.names('report')).toEqual([]);
});

describe('a tracker that is emptied', () => {
  test('sends its peers to the others, none of which is hidden for a moment', async () => {
    const home = tempDir();
    // To it no time passes, so its patience does not end before they have gone.
    const clock: Clock = { now: () => 0, after: (ms, callback) => systemClock.after(ms, callback) };
    const { catalogue, one, two } = await pair(home, clock);
    await using first = one;
    await using second = two;
    const links = await people(home, [second.address], 20);
    const { added } = catalogue;
    expect(await second.drain()).toEqual({ connections: 20, left: 0, neighbours: 1 });
    expect([...catalogue.at.values()]).toEqual(Array.from({ length: 20 }, () => 1));
    expect([catalogue.hidden, catalogue.added]).toEqual([0, added]);
    expect((await catalogue.store.stats()).peersOnline).toBe(20);
    await until('the first is alone', () => catalogue.listed === 1);
    await using late = await TestLink.start(home, [first.address], { name: 'late', share: [] });
    await late.isRegistered();
    expect(first.connections).toBe(21);
    await stopAll(links);
  });

  test('is left by none before the other has let it in', async () => {
    const home = tempDir();
    const clock: Clock = { now: () => 0, after: (ms, callback) => systemClock.after(ms, callback) };
    const { catalogue, one, two } = await pair(home, clock);
    await using _ = one;
    await using second = two;
    const links = await people(home, [second.address], 5);
    const { promise: letsIn, resolve: open } = Promise.withResolvers<void>();
    Object.assign(catalogue, { letsIn, knocked: 0 });
    const drained = second.drain();
    await until('all are at the door of the other', () => catalogue.knocked === 5);
    // Whoever had left would be taken out by now.
    await atRest(() => second.connections);
    expect([second.connections, catalogue.hidden]).toEqual([5, 0]);
    expect((await catalogue.store.stats()).peersOnline).toBe(5);
    open();
    expect(await drained).toMatchObject({ left: 0 });
    expect([...new Set(catalogue.at.values()), catalogue.hidden]).toEqual([1, 0]);
    await stopAll(links);
  });

  test('and stops while some are still on their way leaves those to the others, which take them over', async () => {
    const home = tempDir();
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, after: (ms, callback) => systemClock.after(ms, callback) };
    const { catalogue, one, two } = await pair(home, clock);
    await using _ = one;
    await using second = two;
    const links = await people(home, [second.address], 5);
    const { promise: letsIn, resolve: open } = Promise.withResolvers<void>();
    Object.assign(catalogue, { letsIn, knocked: 0 });
    const drained = second.drain();
    await until('all are at the door of the other', () => catalogue.knocked === 5);
    // Its patience is over.
    nowMs += minDrainMs + farewellTimeoutMs;
    expect(await drained).toEqual({ connections: 5, left: 5, neighbours: 1 });
    await second.stop();
    expect([catalogue.hidden, (await catalogue.store.stats()).peersOnline]).toEqual([0, 5]);
    open();
    await until('all are at the other', () => [...catalogue.at.values()].every((tracker) => tracker === 1));
    expect([catalogue.hidden, (await catalogue.store.stats()).peersOnline]).toEqual([0, 5]);
    await stopAll(links);
  });

  test('and has no others says that it comes back: its peers do at once, and send nothing again', async () => {
    const home = tempDir();
    const options = { store: `${home}/catalogue.sqlite` };
    let tracker = await TestTracker.start(home, options);
    let target = tracker.address;
    await using wire = await Wire.to(() => target);
    const share = sharedFiles(2_000);
    await using alice = await TestLink.start(home, [wire.address], { name: 'alice', share });
    await alice.isRegistered();
    expect(await tracker.drain()).toEqual({ connections: 1, left: 1, neighbours: 0 });
    // Attempts while it is away cost nothing that counts here, however many there are.
    wire.refuse();
    await tracker.stop();
    tracker = await TestTracker.start(home, options);
    target = tracker.address;
    wire.sentBytes = 0;
    wire.accept();
    await alice.isRegistered(2);
    expect(wire.sentBytes).toBeLessThan(10_000);
    await using guest = await TestLink.start(home, [target]);
    expect(await guest.search('report', 200)).toHaveLength(200);
    await tracker.stop();
  });
});

test('a tracker that dies under many peers and comes back has them all again, and none sends its files', async () => {
  const home = tempDir();
  const options = { store: `${home}/catalogue.sqlite` };
  let tracker = await TestTracker.start(home, options);
  let target = tracker.address;
  await using wire = await Wire.to(() => target);
  const count = 20;
  const links = await Promise.all(
    Array.from({ length: count }, (_, number) =>
      TestLink.start(home, [wire.address], {
        name: `peer-${number}`,
        share: sharedFiles(400, `report of ${number},`),
      }),
    ),
  );
  await Promise.all(links.map((link) => link.isRegistered()));
  expect(wire.sentBytes).toBeGreaterThan(count * 20_000);
  wire.refuse();
  await tracker.stop();
  tracker = await TestTracker.start(home, options);
  target = tracker.address;
  wire.accept();
  await Promise.all(links.map((link) => link.isRegistered(2)));
  // A handshake with a certificate and a hello each, and some attempts that nobody answered.
  expect(wire.sentBytes).toBeLessThan(count * 8_000);
  await using guest = await TestLink.start(home, [target]);
  expect(await guest.ask({ type: 'peers' })).toMatchObject({ ok: true, value: { peers: { length: count } } });
  await stopAll(links);
  await tracker.stop();
});
