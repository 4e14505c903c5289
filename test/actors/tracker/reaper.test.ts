import { describe, expect, test } from '@jest/globals';
import { actor, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection-commands.ts';
import { reaperActor, type ReaperCommand } from '../../../src/actors/tracker/reaper.ts';
import { TermsInForce } from '../../../src/actors/tracker/terms.ts';
import { ThreadCounters } from '../../../src/core/tracker/tracker-counters.ts';
import type { RegistryCommand, Stay } from '../../../src/actors/tracker/registry.ts';
import { Roster, type Ticket } from '../../../src/actors/tracker/roster.ts';
import { defaultTrackerLimits } from '../../../src/actors/tracker/tracker.ts';
import { peerId } from '../../../src/core/ids.ts';
import {
  deafAfterMs,
  maxFilesAway,
  maxSweepRows,
  reapEveryMs,
  registryAskTimeoutMs,
  retainShareMs,
  sweepEveryMs,
} from '../../../src/core/limits/tracker.ts';
import { leaseMs } from '../../../src/core/limits/wire.ts';
import { LeaseKeeper, secondsOf } from '../../../src/core/tracker/presence.ts';
import { fail, ok } from '../../../src/core/result.ts';

const wallMs = 1_800_000_000_000;
const peerOf = (number: number) => peerId(new Uint8Array(32).fill(number));
const arrivalOf = (number: number) => ({
  peer: peerOf(number),
  name: `${number}`,
  host: '10.0.0.1',
  port: 9,
});

class Rig extends TestSystem implements AsyncDisposable {
  readonly roster = new Roster(64);
  readonly asked: RegistryCommand[] = [];
  readonly told: { readonly session: number; readonly message: ConnectionCommand }[] = [];
  life = 'first';
  /** What the registry answers; undefined: nothing. */
  answer: (command: RegistryCommand) => unknown = ({ type }) => ok(type === 'restore' ? [] : 0);
  readonly reaper: ActorRef<ReaperCommand>;

  constructor() {
    super();
    const registry = this.system.start(
      actor<RegistryCommand>('registry', () => ({
        receive: (command) => {
          if (command.type === 'life') {
            if (command.known !== this.life) command.replyTo.reply(this.life);
            return;
          }
          this.asked.push(command);
          const answer = this.answer(command);
          if (answer !== undefined && 'replyTo' in command) command.replyTo.reply(answer as never);
        },
      })),
      undefined,
    );
    this.reaper = this.system.start(reaperActor, {
      registry: registry.ref,
      roster: this.roster,
      leases: new LeaseKeeper(this.roster.table, {
        leaseSeconds: leaseMs / 1_000,
        graceSeconds: 0,
        maxScanGapSeconds: (reapEveryMs + deafAfterMs) / 1_000,
        random: () => 0.5,
      }),
      lanes: {
        tell: (_listener, session, message) => {
          this.told.push({ session, message });
          return true;
        },
      },
      terms: new TermsInForce({ limits: defaultTrackerLimits }),
      counters: new ThreadCounters(),
      clock: this.clock,
      wallMs: () => wallMs,
    }).ref;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Somebody comes in; a guest without a number. */
  arrive(number?: number): Ticket & { readonly stay: Stay } {
    const ticket = this.roster.admit('10.0.0.1', 0);
    const { slot, session } = ticket;
    this.roster.secured(slot, session);
    this.roster.table.open(slot, secondsOf(this.clock.now()));
    if (number !== undefined) this.roster.arriving(slot, session, arrivalOf(number));
    this.roster.arrived(slot, session);
    return { ...ticket, stay: { peer: peerOf(number ?? 0), session } };
  }

  leave({ slot, session }: Ticket): void {
    this.roster.released(slot, session);
    this.reaper.tell({ type: 'ended' });
  }

  asksOf<T extends RegistryCommand['type']>(type: T): Extract<RegistryCommand, { readonly type: T }>[] {
    return this.asked.filter((command) => command.type === type) as never;
  }

  /** Time passes second by second; those in `speaking` are heard every second. */
  async pass(seconds: number, speaking: readonly number[] = []): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.advance(1_000);
      for (const slot of speaking) this.roster.table.beat(slot, secondsOf(this.clock.now()));
    }
  }

  get detached(): Stay[] {
    return this.asksOf('detach').flatMap(({ stays }) => stays);
  }
}

describe('the reaper', () => {
  test('detaches at once whose connection has ended, and who had only begun to arrive', async () => {
    await using rig = new Rig();
    const first = rig.arrive(1);
    rig.leave(first);
    await rig.settle();
    expect(rig.detached).toEqual([first.stay]);
    const { slot, session } = rig.roster.admit('10.0.0.1', 0);
    rig.roster.arriving(slot, session, arrivalOf(2));
    rig.leave({ slot, session, host: '' });
    await rig.settle();
    expect(rig.detached.at(-1)).toEqual({ peer: peerOf(2), session });
  });

  test('sends those who leave during a slow answer together, and again what was not answered', async () => {
    await using rig = new Rig();
    await rig.settle();
    const all = [1, 2, 3].map((number) => rig.arrive(number));
    rig.answer = () => undefined;
    for (const one of all) {
      rig.leave(one);
      await rig.settle();
    }
    expect(rig.detached).toEqual([all[0]?.stay]);
    rig.answer = () => ok(1);
    await rig.pass(registryAskTimeoutMs / 1_000 + 1);
    expect(rig.detached.slice(1)).toEqual(all.map(({ stay }) => stay));
    expect(rig.roster.ended).toEqual([]);
  });

  test('that crashes while the registry is at it tells it again', async () => {
    await using rig = new Rig();
    await rig.settle();
    rig.answer = () => undefined;
    const one = rig.arrive(1);
    rig.leave(one);
    await rig.settle();
    rig.answer = () => ok(1);
    rig.system.crash('/reaper');
    expect(rig.roster.ended).toEqual([one.stay]);
  });

  test('tells a registry that begins anew who is here, piece by piece, and ends those whose share it lost', async () => {
    await using rig = new Rig();
    await rig.settle();
    expect(rig.asksOf('restore')).toMatchObject([{ stays: [], isAll: true }]);
    const kept = rig.arrive(1);
    rig.arrive();
    const lost = rig.arrive(2);
    rig.answer = ({ type }) => ok(type === 'restore' ? [lost.stay] : 1);
    rig.life = 'second';
    await rig.pass(registryAskTimeoutMs / 1_000);
    expect(rig.asksOf('restore').slice(1)).toMatchObject([
      { stays: [{ ...kept.stay, arrival: arrivalOf(1) }, lost.stay], isAll: true },
    ]);
    expect(rig.told).toEqual([{ session: lost.session, message: { type: 'close', why: 'lost' } }]);
    expect(rig.detached).toEqual([lost.stay]);
    expect(rig.roster.ofPeer(peerOf(1))?.session).toBe(kept.session);
  });

  test('tells it again where it did not take it in', async () => {
    await using rig = new Rig();
    rig.arrive(1);
    rig.answer = () => fail('busy', 'not now');
    await rig.settle();
    rig.answer = () => ok([]);
    await rig.pass(1);
    expect(rig.asksOf('restore')).toHaveLength(2);
    await rig.pass(5);
    expect(rig.asksOf('restore')).toHaveLength(2);
  });

  test('after the lease, and not before, takes out who is silent, guests too', async () => {
    await using rig = new Rig();
    const silent = rig.arrive(1);
    const guest = rig.arrive();
    const alive = rig.arrive(2);
    await rig.pass(leaseMs / 1_000 - 1, [alive.slot]);
    expect(rig.detached).toEqual([]);
    await rig.pass(2, [alive.slot]);
    expect(rig.detached).toEqual([silent.stay]);
    const message = { type: 'close', why: 'silent' };
    expect(rig.told).toEqual([silent, guest].map(({ session }) => ({ session, message })));
  });

  test('forgives a silence during which this process stood still', async () => {
    await using rig = new Rig();
    rig.arrive(1);
    await rig.pass(5);
    // No scan happens on the way: all of it is one step to the event loop.
    rig.clock.advance(2 * leaseMs);
    await rig.settle();
    await rig.pass(5);
    expect(rig.detached).toEqual([]);
  });

  test('does not believe that most of many died at once', async () => {
    await using rig = new Rig();
    const many = Array.from({ length: 40 }, (_, number) => rig.arrive(number));
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
    rig.answer = ({ type }) => ok(type === 'sweep' ? { peers: 0, rows: 1, more: --left > 0 } : []);
    const sweeps = (): unknown[] => rig.asked.filter(({ type }) => type === 'sweep');
    await rig.pass(sweepEveryMs / 1_000);
    expect(sweeps()).toMatchObject([
      { limits: { leftBeforeMs: wallMs - retainShareMs, maxRows: maxSweepRows, maxFilesAway } },
    ]);
    await rig.pass(2);
    expect(sweeps()).toHaveLength(3);
    await rig.pass(sweepEveryMs / 1_000 - 1);
    expect(sweeps()).toHaveLength(3);
  });
});
