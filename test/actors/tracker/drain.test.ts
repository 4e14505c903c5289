import { describe, expect, test } from '@jest/globals';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import type { DirectoryCommand } from '../../../src/actors/tracker/directory.ts';
import { drainActor, type Drained } from '../../../src/actors/tracker/drain.ts';
import type { GateCommand } from '../../../src/actors/tracker/gate.ts';
import type { NeighboursCommand } from '../../../src/actors/tracker/neighbours.ts';
import type { RegistryCommand } from '../../../src/actors/tracker/registry.ts';
import {
  drainGraceMs,
  drainLookMs,
  farewellTimeoutMs,
  maxDrainMs,
  minDrainMs,
} from '../../../src/core/limits/tracker.ts';
import type { NeighbourTracker } from '../../../src/core/tracker/neighbours.ts';
import { peer } from '../../store/files.ts';

const other: NeighbourTracker = { id: peer('other'), host: '192.0.2.1', port: 5_000 };

/** A house with so many inside, and a drain that has been told of these trackers. */
async function draining(inside: number, trackers: readonly NeighbourTracker[]) {
  const rig = new TestSystem();
  const house = { inside };
  const registry = rig.probe<RegistryCommand>('registry');
  const neighbours = rig.probe<NeighboursCommand>('neighbours');
  const drain = rig.system.start(drainActor, {
    gate: rig.probe<GateCommand>('gate').ref,
    directory: rig.probe<DirectoryCommand>('directory').ref,
    neighbours: neighbours.ref,
    registry: registry.ref,
    connections: () => house.inside,
    clock: rig.clock,
  });
  const ended: Drained[] = [];
  const asked = rig.system.ask(drain.ref, { type: 'drain' }, 60_000).then((outcome) => {
    if (outcome.ok) ended.push(outcome.value);
  });
  (await neighbours.next()).replyTo.reply(trackers);
  await rig.settle();
  /** Gives how long it took, with `each` called before every look. */
  const end = async (each: (elapsedMs: number) => void = () => undefined): Promise<number> => {
    let elapsedMs = 0;
    for (; ended.length === 0; elapsedMs += drainLookMs) {
      each(elapsedMs);
      await rig.advance(drainLookMs);
    }
    await asked;
    await rig.close();
    return elapsedMs;
  };
  return { house, end, outcome: () => ended[0], told: registry.messages };
}

describe('a tracker that is emptied', () => {
  test('ends as soon as nobody is inside', async () => {
    const { house, end, outcome, told } = await draining(3, [other]);
    const elapsedMs = await end((ms) => {
      if (ms === minDrainMs) house.inside = 0;
    });
    expect(elapsedMs).toBeLessThanOrEqual(minDrainMs + 2 * drainLookMs);
    expect([outcome(), told]).toEqual([{ connections: 3, left: 0, neighbours: 1 }, []]);
  });

  test('waits longer than it meant to for those who go one after the other, until all have', async () => {
    const { house, end, outcome } = await draining(4, [other]);
    const elapsedMs = await end((ms) => {
      if (ms > 0 && ms % (farewellTimeoutMs - drainLookMs) === 0) house.inside -= 1;
    });
    expect(elapsedMs).toBeGreaterThan(minDrainMs + farewellTimeoutMs);
    expect(outcome()).toMatchObject({ left: 0 });
  });

  test('has a bound all the same, and hands those who are left over to the others', async () => {
    const { house, end, outcome, told } = await draining(1_000, [other]);
    const elapsedMs = await end(() => (house.inside -= 1));
    expect(elapsedMs).toBeLessThanOrEqual(maxDrainMs + farewellTimeoutMs + 2 * drainLookMs);
    expect(outcome()?.left).toBeGreaterThan(0);
    expect(told).toEqual([{ type: 'hand-over' }]);
  });

  test('does not wait for those who stay', async () => {
    const { end, outcome, told } = await draining(2, [other]);
    expect(await end()).toBeLessThanOrEqual(minDrainMs + farewellTimeoutMs + 2 * drainLookMs);
    expect([outcome(), told]).toEqual([{ connections: 2, left: 2, neighbours: 1 }, [{ type: 'hand-over' }]]);
  });

  test('alone hands nobody over: its peers are to be gone from the catalogue with it', async () => {
    const { end, outcome, told } = await draining(2, []);
    expect(await end()).toBeLessThanOrEqual(drainGraceMs + 2 * drainLookMs);
    expect([outcome(), told]).toEqual([{ connections: 2, left: 2, neighbours: 0 }, []]);
  });
});
