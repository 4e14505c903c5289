import { expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import type { TrackerLinkArgs } from '../../../src/actors/peer/tracker-link-messages.ts';
import { TrackerRoute } from '../../../src/actors/peer/tracker-route.ts';
import type { PeerId } from '../../../src/core/ids.ts';

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
