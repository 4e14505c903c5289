import { describe, expect, test } from '@jest/globals';
import { actor, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { TestSystem, type Probe } from '../../../src/actors/runtime/testing.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection.ts';
import { PresenceSlots } from '../../../src/actors/tracker/presence-slots.ts';
import { reaperActor, type ReaperCommand } from '../../../src/actors/tracker/reaper.ts';
import type { RegistryCommand, Stay } from '../../../src/actors/tracker/registry.ts';
import { defaultTrackerLimits } from '../../../src/actors/tracker/tracker.ts';
import { peerId } from '../../../src/core/ids.ts';
import {
  leaseMs,
  maxSweepRows,
  registryAskTimeoutMs,
  retainShareMs,
  sweepEveryMs,
} from '../../../src/core/limits.ts';
import { fail, ok } from '../../../src/core/result.ts';

const wallMs = 1_800_000_000_000;
const stay = (number: number, session = number): Stay => ({
  peer: peerId(new Uint8Array(32).fill(number)),
  session,
});

class Rig extends TestSystem implements AsyncDisposable {
  readonly presence = new PresenceSlots(64);
  readonly asked: RegistryCommand[] = [];
  lastSession = 7;
  /** What the registry answers; undefined: nothing. */
  answer: (command: RegistryCommand) => unknown = () => ok(0);
  readonly reaper: ActorRef<ReaperCommand>;

  constructor() {
    super();
    const registry = this.system.start(
      actor<RegistryCommand>('registry', () => ({
        receive: (command) => {
          this.asked.push(command);
          const answer = this.answer(command);
          if (answer !== undefined) command.replyTo.reply(answer as never);
        },
      })),
      undefined,
    );
    this.reaper = this.system.start(reaperActor, {
      registry: registry.ref,
      presence: this.presence,
      limits: defaultTrackerLimits,
      clock: this.clock,
      wallMs: () => wallMs,
      random: () => 0.5,
      lastSession: () => this.lastSession,
    }).ref;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  arrive(whose: Stay | undefined): { slot: number; connection: Probe<ConnectionCommand> } {
    const slot = this.presence.claim(this.clock.now());
    const connection = this.probe<ConnectionCommand>();
    this.reaper.tell({ type: 'arrived', slot, stay: whose, connection: connection.ref });
    return { slot, connection };
  }

  leave(slot: number, whose: Stay | undefined): void {
    this.presence.release(slot);
    this.reaper.tell({ type: 'left', slot, stay: whose });
  }

  /** Time passes second by second; those in `speaking` are heard every second. */
  async pass(seconds: number, speaking: readonly number[] = []): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.advance(1_000);
      for (const slot of speaking) this.presence.beat(slot, this.clock.now());
    }
  }

  get detached(): Stay[] {
    return this.asked.flatMap((command) => (command.type === 'detach' ? command.stays : []));
  }
}

describe('the reaper', () => {
  test('empties the house before the door opens, however often that takes', async () => {
    await using rig = new Rig();
    rig.answer = () => fail('busy', 'not now');
    await rig.settle();
    expect(rig.asked).toMatchObject([{ type: 'detach-all', upToSession: 7 }]);
    rig.lastSession = 8;
    rig.answer = () => ok(0);
    await rig.pass(3);
    // Not those who have come meanwhile.
    expect(rig.asked).toMatchObject([{ type: 'detach-all' }, { type: 'detach-all', upToSession: 7 }]);
    expect(rig.asked).toHaveLength(2);
  });

  test('detaches at once whose connection has ended', async () => {
    await using rig = new Rig();
    const { slot } = rig.arrive(stay(1));
    rig.leave(slot, stay(1));
    await rig.settle();
    expect(rig.detached).toEqual([stay(1)]);
  });

  test('detaches who had only begun to arrive', async () => {
    await using rig = new Rig();
    rig.leave(rig.presence.claim(0), stay(1));
    await rig.settle();
    expect(rig.detached).toEqual([stay(1)]);
  });

  test('sends those who leave during a slow answer together, and again what was not answered', async () => {
    await using rig = new Rig();
    await rig.settle();
    rig.answer = () => undefined;
    rig.leave(1, stay(1));
    rig.leave(2, stay(2));
    rig.leave(3, stay(3));
    await rig.settle();
    expect(rig.detached).toEqual([stay(1)]);
    rig.answer = () => ok(1);
    await rig.pass(registryAskTimeoutMs / 1_000 + 1);
    expect(new Set(rig.detached.slice(1))).toEqual(new Set([stay(1), stay(2), stay(3)]));
  });

  test('closes the older connection of a peer that comes again, and leaves the newer one listed', async () => {
    await using rig = new Rig();
    const old = rig.arrive(stay(1, 1));
    const young = rig.arrive(stay(1, 2));
    await rig.settle();
    expect(old.connection.messages).toEqual([{ type: 'close', why: 'replaced' }]);
    rig.leave(old.slot, stay(1, 1));
    await rig.pass(1);
    expect(young.connection.messages).toEqual([]);
    expect(rig.detached).toEqual([stay(1, 1)]);
  });

  test('after the lease, and not before, takes out who is silent, guests too', async () => {
    await using rig = new Rig();
    const silent = rig.arrive(stay(1));
    const guest = rig.arrive(undefined);
    const alive = rig.arrive(stay(2));
    await rig.pass(leaseMs / 1_000 - 1, [alive.slot]);
    expect(rig.detached).toEqual([]);
    await rig.pass(2, [alive.slot]);
    expect(rig.detached).toEqual([stay(1)]);
    const close = [{ type: 'close', why: 'silent' }];
    expect([silent, guest, alive].map(({ connection }) => connection.messages)).toEqual([close, close, []]);
  });

  test('forgives a silence during which this process stood still', async () => {
    await using rig = new Rig();
    rig.arrive(stay(1));
    await rig.pass(5);
    // No scan happens on the way: all of it is one step to the event loop.
    rig.clock.advance(2 * leaseMs);
    await rig.settle();
    await rig.pass(5);
    expect(rig.detached).toEqual([]);
  });

  test('does not believe that most of many died at once', async () => {
    await using rig = new Rig();
    const many = Array.from({ length: 40 }, (_, number) => rig.arrive(stay(number)));
    await rig.pass(leaseMs / 1_000 + 5);
    expect(rig.detached).toEqual([]);
    await rig.pass(
      5,
      many.map(({ slot }) => slot),
    );
    expect(rig.detached).toEqual([]);
  });

  test('has what was left long ago swept a piece at a time, at once while there is more', async () => {
    await using rig = new Rig();
    let left = 3;
    rig.answer = ({ type }) => ok(type === 'sweep' ? { peers: 0, rows: 1, more: --left > 0 } : 0);
    const sweeps = (): unknown[] => rig.asked.filter(({ type }) => type === 'sweep');
    await rig.pass(sweepEveryMs / 1_000);
    expect(sweeps()).toMatchObject([
      { limits: { leftBeforeMs: wallMs - retainShareMs, maxRows: maxSweepRows } },
    ]);
    await rig.pass(2);
    expect(sweeps()).toHaveLength(3);
    await rig.pass(sweepEveryMs / 1_000 - 1);
    expect(sweeps()).toHaveLength(3);
  });
});
