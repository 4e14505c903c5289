import { expect, test } from '@jest/globals';
import { ManualClock } from '../../../../src/actors/runtime/testing.ts';
import type { KnownCatalogue } from '../../../../src/actors/peer/trackers/tracker-catalogues.ts';
import type { TrackerLinkArgs } from '../../../../src/actors/peer/trackers/tracker-link-messages.ts';
import { TrackerRoute } from '../../../../src/actors/peer/trackers/tracker-route.ts';
import { hostPort } from '../../../../src/core/host.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { formerNeighbourMs, moveSpreadMs } from '../../../../src/core/limits/tracker-link.ts';
import { maxToldTrackers } from '../../../../src/core/limits/wire.ts';

const own = 'a'.repeat(52) as PeerId;
const address = { host: '203.0.113.1', port: 1 };
const other = { host: '203.0.113.2', port: 2, id: 'b'.repeat(52) as PeerId };

test('a tracker sends its visitors away once: it cannot have them dial another without pause', () => {
  const catalogue = { named: [address] as const, neighbours: [other] };
  const clock = new ManualClock();
  const args: Partial<TrackerLinkArgs> = { own, catalogue, address, clock, random: () => 0.5 };
  const route = new TrackerRoute(args as TrackerLinkArgs);
  route.arrived(address);
  expect([route.redirected(2_000), route.next()]).toEqual([1_000, other]);
  expect(route.missed()).toBe(false);
  expect(route.redirected(2_000)).toBeUndefined();
  route.arrived(address);
  expect(route.redirected(2_000)).toBe(1_000);
});

test('a tracker that nobody tells of any more is tried when the others have failed, for some minutes', () => {
  const catalogue: KnownCatalogue = { named: [address], neighbours: [] };
  const clock = new ManualClock();
  const args: Partial<TrackerLinkArgs> = { own, catalogue, address, clock, random: () => 0.5 };
  const route = new TrackerRoute(args as TrackerLinkArgs);
  const self = { ...address, id: 'c'.repeat(52) as PeerId };
  const afterFailures = (): string[] => {
    const tried = [hostPort(route.next())];
    while (route.missed()) tried.push(hostPort(route.next()));
    return tried;
  };
  route.arrived(self);
  expect(route.tell([other])).toEqual([self, other]);
  expect(route.tell([])).toEqual([self]);
  expect(afterFailures()).toEqual([hostPort(self), hostPort(other)]);
  clock.advance(formerNeighbourMs - 1);
  expect(afterFailures()).toEqual([hostPort(self), hostPort(other)]);
  clock.advance(1);
  expect(afterFailures()).toEqual([hostPort(self)]);
  // However many it names and takes back, no more are remembered than are told of at once.
  for (let port = 1; port <= 3 * maxToldTrackers; port++) route.tell([{ ...other, port }]);
  expect(afterFailures().length).toBeLessThanOrEqual(2 + maxToldTrackers);
});

test('a tracker that nobody tells of any more is remembered over a fall of the link, and not beyond its time', () => {
  const catalogue: KnownCatalogue = { named: [address], neighbours: [] };
  const clock = new ManualClock();
  const args: Partial<TrackerLinkArgs> = { own, catalogue, address, clock, random: () => 0.5 };
  const routeAgain = (): TrackerRoute => new TrackerRoute(args as TrackerLinkArgs);
  const before = routeAgain();
  before.tell([other]);
  before.tell([]);
  const after = routeAgain();
  expect([after.next(), after.missed()]).toEqual([address, true]);
  expect(hostPort(after.next())).toBe(hostPort(other));
  clock.advance(formerNeighbourMs);
  const late = routeAgain();
  expect([late.next(), late.missed()]).toEqual([address, false]);
});

test('a peer that is not let in is where it was, and is sent away from there only once', () => {
  const catalogue = { named: [address] as const, neighbours: [other] };
  const clock = new ManualClock();
  const args: Partial<TrackerLinkArgs> = { own, catalogue, address, clock, random: () => 0.5 };
  const route = new TrackerRoute(args as TrackerLinkArgs);
  route.arrived(address);
  route.entered();
  route.redirected(2_000);
  route.arrived(route.next());
  expect(route.via).toEqual({ host: other.host, port: other.port });
  route.stayed();
  expect([route.via, route.missed(), route.redirected(2_000)]).toEqual([undefined, false, undefined]);
});

test('who hears a tracker again that stood still waits as long as one has asked for, and else a moment', () => {
  const catalogue = { named: [address] as const, neighbours: [] };
  const clock = new ManualClock();
  const args: Partial<TrackerLinkArgs> = { own, catalogue, address, clock, random: () => 0.5 };
  const route = new TrackerRoute(args as TrackerLinkArgs);
  const lost = (retryAfterMs?: number): number => route.afterLoss({ isRefusal: false, retryAfterMs }).waitMs;
  route.next();
  lost();
  expect(route.afterWakeMs()).toBe(moveSpreadMs / 2);
  const waitMs = lost(30_000);
  expect(waitMs).toBeGreaterThanOrEqual(30_000);
  clock.advance(1_000);
  expect(route.afterWakeMs()).toBe(waitMs - 1_000);
  clock.advance(waitMs);
  expect(route.afterWakeMs()).toBe(moveSpreadMs / 2);
});
