import { describe, expect, test } from '@jest/globals';
import { actor, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection-commands.ts';
import { proberActor, type ProberCommand } from '../../../src/actors/tracker/prober.ts';
import type { RegistryCommand } from '../../../src/actors/tracker/registry.ts';
import { Roster, type Ticket } from '../../../src/actors/tracker/roster.ts';
import { peerId } from '../../../src/core/ids.ts';
import * as limits from '../../../src/core/limits/reach.ts';
import { ReachBook, type Doorstep } from '../../../src/core/tracker/reach-book.ts';
import { ok } from '../../../src/core/result.ts';

const peerOf = (number: number) => peerId(new Uint8Array(32).fill(number));

class Rig extends TestSystem implements AsyncDisposable {
  readonly roster = new Roster(256);
  readonly book = new ReachBook();
  /** Who was dialled, and how to end it. */
  readonly dialled: { door: Doorstep; answer: (isReached: boolean) => void; isCancelled: boolean }[] = [];
  readonly told: { readonly session: number; readonly message: ConnectionCommand }[] = [];
  readonly stored: [session: number, reachable: boolean][] = [];
  prober: ActorRef<ProberCommand>;

  constructor() {
    super();
    this.prober = this.start();
  }

  start(): ActorRef<ProberCommand> {
    const registry = actor<RegistryCommand>('registry', () => ({
      receive: (command) => {
        if (command.type !== 'set-reachable') return;
        this.stored.push([command.stay.session, command.reachable]);
        command.replyTo.reply(ok(undefined));
      },
    }));
    return this.system.start(proberActor, {
      identity: { id: peerOf(255), certificatePem: '', privateKeyPem: '' },
      roster: this.roster,
      lanes: {
        tell: (_listener, session, message) => {
          this.told.push({ session, message });
          return true;
        },
      },
      registry: this.system.start(registry, undefined).ref,
      book: this.book,
      clock: this.clock,
      random: () => 0,
      dial: (door) => {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        const attempt = { door, answer: resolve, isCancelled: false };
        this.dialled.push(attempt);
        return { reached: promise, cancel: () => void (attempt.isCancelled = true) };
      },
    }).ref;
  }

  arrive(number: number, host = `10.0.${number}.1`, port = 40_001): Ticket {
    const ticket = this.roster.admit(host, 0);
    const { slot, session } = ticket;
    this.roster.secured(slot, session);
    this.roster.arriving(slot, session, { peer: peerOf(number), name: `${number}`, host, port });
    this.roster.arrived(slot, session);
    this.prober.tell({ type: 'arrived', peer: peerOf(number) });
    return ticket;
  }

  override async advance(ms: number): Promise<void> {
    await this.settle();
    await super.advance(ms);
  }

  async answer(isReached: boolean): Promise<void> {
    this.dialled.at(-1)?.answer(isReached);
    await this.settle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const aMoment = limits.firstProbeMs + limits.probeLookMs;

describe('a tracker', () => {
  test('dials back who has come, where it is seen, and tells it and the catalogue', async () => {
    await using rig = new Rig();
    const { session } = rig.arrive(1, '192.0.2.7', 40_007);
    await rig.settle();
    expect(rig.dialled).toEqual([]);
    await rig.advance(aMoment);
    expect(rig.dialled.map(({ door }) => door)).toEqual([
      { peer: peerOf(1), host: '192.0.2.7', port: 40_007 },
    ]);
    await rig.answer(false);
    const message = { type: 'reach', isReachable: false, host: '192.0.2.7', port: 40_007 };
    expect(rig.told).toEqual([{ session, message }]);
    expect(rig.stored).toEqual([[session, false]]);
    expect(rig.book.isReachable({ peer: peerOf(1), host: '192.0.2.7', port: 40_007 })).toBe(false);
  });

  test('dials again rarely, and says when that has changed', async () => {
    await using rig = new Rig();
    rig.arrive(1);
    await rig.advance(aMoment);
    await rig.answer(false);
    await rig.advance(limits.reprobeUnreachableMs - limits.probeLookMs);
    expect(rig.dialled).toHaveLength(1);
    await rig.advance(2 * limits.probeLookMs);
    await rig.answer(true);
    expect(rig.told.map(({ message }) => message)).toMatchObject([
      { isReachable: false },
      { isReachable: true },
    ]);
    await rig.advance(limits.reprobeMs - limits.probeLookMs);
    expect(rig.dialled).toHaveLength(2);
    await rig.advance(2 * limits.probeLookMs);
    expect(rig.dialled).toHaveLength(3);
  });

  test('does not dial again who comes back to the same place, and does for another', async () => {
    await using rig = new Rig();
    const first = rig.arrive(1);
    await rig.advance(aMoment);
    await rig.answer(true);
    rig.roster.released(first.slot, first.session);
    const { session } = rig.arrive(1);
    await rig.advance(aMoment);
    expect(rig.dialled).toHaveLength(1);
    expect(rig.told.at(-1)).toMatchObject({ session, message: { type: 'reach', isReachable: true } });
    rig.arrive(1, '10.0.1.1', 40_002);
    await rig.advance(aMoment);
    expect(rig.dialled.map(({ door }) => door.port)).toEqual([40_001, 40_002]);
  });

  test('dials no guest, and nobody who has left', async () => {
    await using rig = new Rig();
    const guest = rig.roster.admit('10.0.0.1', 0);
    rig.roster.arrived(guest.slot, guest.session);
    const { slot, session } = rig.arrive(1);
    rig.roster.released(slot, session);
    await rig.advance(aMoment);
    expect(rig.dialled).toEqual([]);
  });

  test('a result for where a peer was a moment ago is not told of where it is', async () => {
    await using rig = new Rig();
    rig.arrive(1);
    await rig.advance(aMoment);
    rig.arrive(1, '10.0.1.1', 40_002);
    await rig.answer(true);
    expect([...rig.told, ...rig.stored]).toEqual([]);
  });

  test('has so many dials open at once, and goes on when one ends', async () => {
    await using rig = new Rig();
    const peers = limits.maxProbesAtOnce + 4;
    for (let number = 1; number <= peers; number++) rig.arrive(number);
    await rig.advance(aMoment);
    await rig.advance(5_000);
    expect(rig.dialled).toHaveLength(limits.maxProbesAtOnce);
    for (const { answer } of [...rig.dialled]) answer(true);
    await rig.settle();
    await rig.advance(limits.probeLookMs);
    expect(rig.dialled).toHaveLength(peers);
  });

  test('knocks at one network only so often, by however many identities it is asked to', async () => {
    await using rig = new Rig();
    const { burst, perSecond } = limits.probesOfNetwork;
    for (let number = 1; number <= burst + 6; number++) rig.arrive(number, '192.0.2.7', 1_000 + number);
    const answerAll = async (): Promise<void> => {
      for (const { answer } of rig.dialled) answer(false);
      await rig.settle();
    };
    await rig.advance(aMoment);
    await answerAll();
    expect(rig.dialled).toHaveLength(burst);
    await rig.advance((2 / perSecond) * 1_000);
    await answerAll();
    expect(rig.dialled.length).toBeLessThanOrEqual(burst + 3);
    // Others do not wait behind them.
    rig.arrive(100, '198.51.100.1');
    await rig.advance(aMoment);
    expect(rig.dialled.at(-1)?.door.host).toBe('198.51.100.1');
  });

  test('ends its dials when it stops, and finds who is here when it starts again', async () => {
    await using rig = new Rig();
    rig.arrive(1);
    await rig.advance(aMoment);
    rig.system.crash('/prober');
    await rig.settle();
    expect(rig.dialled[0]?.isCancelled).toBe(true);
    rig.prober = rig.start();
    await rig.advance(aMoment);
    expect(rig.dialled).toHaveLength(2);
    expect(rig.failures).toHaveLength(1);
  });
});
