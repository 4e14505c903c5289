import { describe, expect, test } from '@jest/globals';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection-commands.ts';
import { lossesActor } from '../../../src/actors/tracker/losses.ts';
import {
  compareMsPerPeer,
  maxCompareSpreadMs,
  minCompareRoundGapMs,
} from '../../../src/core/limits/tracker.ts';

class Rig extends TestSystem implements AsyncDisposable {
  readonly told: ConnectionCommand[] = [];
  readonly roster = { peers: 10 };
  readonly #losses = this.system.start(lossesActor, {
    lanes: { tellAll: (message) => void this.told.push(message) },
    roster: this.roster,
  }).ref;

  async lose(): Promise<void> {
    this.#losses.tell({ type: 'rows-lost' });
    await this.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.stop();
  }
}

describe('a catalogue that may have lost rows', () => {
  test('has all shares compared at once, within 2 ms for each peer, and within a minute at most', async () => {
    await using rig = new Rig();
    await rig.lose();
    expect(rig.told).toEqual([{ type: 'compare', withinMs: 10 * compareMsPerPeer }]);
    await rig.advance(minCompareRoundGapMs);
    rig.roster.peers = 1_000_000;
    await rig.lose();
    expect(rig.told.slice(1)).toEqual([{ type: 'compare', withinMs: maxCompareSpreadMs }]);
  });

  test('has them compared once more after a round in which more was lost, not again and again meanwhile', async () => {
    await using rig = new Rig();
    const beatMs = minCompareRoundGapMs / 4;
    await rig.lose();
    for (let beats = 0; beats < 3; beats++) {
      await rig.advance(beatMs);
      await rig.lose();
    }
    expect(rig.told).toHaveLength(1);
    await rig.advance(beatMs - 1);
    expect(rig.told).toHaveLength(1);
    await rig.advance(1);
    expect(rig.told).toHaveLength(2);
    await rig.advance(10 * minCompareRoundGapMs);
    expect(rig.told).toHaveLength(2);
  });

  test('has them compared once in a round, however long it goes on losing at every beat', async () => {
    await using rig = new Rig();
    const rounds = 5;
    for (let beats = 0; beats < rounds * 4; beats++) {
      await rig.lose();
      await rig.advance(minCompareRoundGapMs / 4);
    }
    expect(rig.told).toHaveLength(rounds + 1);
  });
});
