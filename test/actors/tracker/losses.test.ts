import { describe, expect, test } from '@jest/globals';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection-commands.ts';
import { lossesActor } from '../../../src/actors/tracker/losses.ts';
import {
  compareMsPerPeer,
  compareRoundGapMs,
  maxCompareSpreadMs,
  maxSavedCompareRounds,
} from '../../../src/core/limits/tracker.ts';

class Rig extends TestSystem implements AsyncDisposable {
  readonly told: ConnectionCommand[] = [];
  readonly roster = { peers: 10 };
  readonly #losses = this.system.start(lossesActor, {
    lanes: { tellAll: (message) => void this.told.push(message) },
    roster: this.roster,
    clock: this.clock,
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
    rig.roster.peers = 1_000_000;
    await rig.lose();
    expect(rig.told.slice(1)).toEqual([{ type: 'compare', withinMs: maxCompareSpreadMs }]);
  });

  test('has them compared at once after a second loss too, however soon that follows on the first', async () => {
    await using rig = new Rig();
    for (let losses = 1; losses <= maxSavedCompareRounds; losses++) {
      await rig.lose();
      expect(rig.told).toHaveLength(losses);
      await rig.advance(1_000);
    }
  });

  test('has them compared once for all that is lost while no round is saved up, as soon as one is', async () => {
    await using rig = new Rig();
    for (let losses = 0; losses < maxSavedCompareRounds; losses++) await rig.lose();
    for (let losses = 0; losses < 3; losses++) {
      await rig.advance(compareRoundGapMs / 4);
      await rig.lose();
    }
    expect(rig.told).toHaveLength(maxSavedCompareRounds);
    await rig.advance(compareRoundGapMs / 4 - 1);
    expect(rig.told).toHaveLength(maxSavedCompareRounds);
    await rig.advance(1);
    expect(rig.told).toHaveLength(maxSavedCompareRounds + 1);
    await rig.advance(10 * compareRoundGapMs);
    expect(rig.told).toHaveLength(maxSavedCompareRounds + 1);
  });

  test('has them compared once a minute, however long it goes on losing at every beat', async () => {
    await using rig = new Rig();
    const minutes = 5;
    for (let beats = 0; beats < minutes * 4; beats++) {
      await rig.lose();
      await rig.advance(compareRoundGapMs / 4);
    }
    expect(rig.told).toHaveLength(minutes + maxSavedCompareRounds);
  });
});
