import { describe, expect, test } from '@jest/globals';
import { actor, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { TestSystem } from '../../../src/actors/runtime/testing.ts';
import { readLetter, writeLetter } from '../../../src/actors/tracker/call-letter.ts';
import { callsActor, type CallsCommand } from '../../../src/actors/tracker/calls.ts';
import type { ConnectionCommand } from '../../../src/actors/tracker/connection-commands.ts';
import type { RegistryCommand } from '../../../src/actors/tracker/registry.ts';
import { Roster } from '../../../src/actors/tracker/roster.ts';
import { peerId } from '../../../src/core/ids.ts';
import { callLettersMs, callsByCaller, callsToPeer } from '../../../src/core/limits/reach.ts';
import { ReachBook } from '../../../src/core/tracker/reach-book.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';

const peerOf = (number: number) => peerId(new Uint8Array(32).fill(number));
const token = new Uint8Array(16).fill(7);
const callerOf = (number: number, host = `10.0.${number}.1`, port = 40_001) => ({
  peer: peerOf(number),
  name: 'anna',
  host,
  port,
});

class Rig extends TestSystem implements AsyncDisposable {
  readonly roster = new Roster(64);
  readonly book = new ReachBook();
  readonly told: { readonly session: number; readonly message: ConnectionCommand }[] = [];
  readonly calls: ActorRef<CallsCommand>;
  hasRoom = true;
  /** What the store says to a call for another tracker; undefined: there is no other. */
  posted: Result<'posted' | 'absent' | 'full' | undefined> = ok(undefined);
  /** What others have left here. */
  letters: string[] | undefined;
  readonly left: string[] = [];

  constructor() {
    super();
    const lanes = {
      tell: (_listener: number, session: number, message: ConnectionCommand) => {
        if (this.hasRoom) this.told.push({ session, message });
        return this.hasRoom;
      },
    };
    const { roster, book, clock } = this;
    const registry = this.system.start(registryOf(this), undefined).ref;
    this.calls = this.system.start(callsActor, { registry, roster, lanes, book, clock }).ref;
  }

  arrive(number: number): number {
    const { slot, session } = this.roster.admit('192.0.2.9', 0);
    const arrival = { peer: peerOf(number), name: `${number}`, host: '192.0.2.9', port: 9 };
    this.roster.arriving(slot, session, arrival);
    this.roster.arrived(slot, session);
    return session;
  }

  /** The code of the refusal, or `passed on`. */
  async call(caller = callerOf(1), called = 2): Promise<string> {
    const question = { type: 'call', caller, peer: peerOf(called), token } as const;
    const asked = this.system.ask(this.calls, question, 1_000);
    await this.settle();
    const outcome = await asked;
    if (!outcome.ok) throw new Error(outcome.error);
    const answer: Result<void> = outcome.value;
    return answer.ok ? 'passed on' : answer.problem.code;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const registryOf = (rig: Rig) =>
  actor<RegistryCommand>('registry', () => ({
    receive(message) {
      if (message.type === 'post') {
        rig.left.push(message.text);
        message.replyTo.reply(rig.posted);
      } else if (message.type === 'collect') message.replyTo.reply(ok(rig.letters?.splice(0)));
    },
  }));

describe('a call for a peer of another tracker', () => {
  const calling = { caller: { ...callerOf(1), reachable: true }, peer: peerOf(2), token };

  test('is left for that one, and says what this one knows of the caller', async () => {
    await using rig = new Rig();
    rig.posted = ok('posted');
    rig.book.note(callerOf(1), true, 0, 0);
    expect(await rig.call()).toBe('passed on');
    expect(rig.left.map(readLetter)).toEqual([calling]);
  });

  test('is refused when it is nowhere, when too many wait there, and when nobody can say', async () => {
    await using rig = new Rig();
    rig.posted = ok('absent');
    expect(await rig.call()).toBe('not-found');
    rig.posted = ok('full');
    expect(await rig.call()).toBe('limit');
    rig.posted = fail('busy', 'A part is away');
    expect(await rig.call()).toBe('busy');
    rig.book.note(callerOf(1), false, 0, 0);
    expect(await rig.call()).toBe('unreachable');
    expect(rig.left.length).toBe(3);
  });

  test('is passed on by that one to the peer, if it is there, as often as it may be called', async () => {
    await using rig = new Rig();
    rig.letters = [];
    const session = rig.arrive(2);
    await rig.advance(callLettersMs);
    rig.letters = [writeLetter(calling), writeLetter({ ...calling, peer: peerOf(3) }), 'no letter'];
    await rig.advance(callLettersMs);
    expect(rig.told).toEqual([{ session, message: { type: 'called', caller: calling.caller, token } }]);
    rig.letters = Array.from({ length: callsToPeer.burst + 3 }, () => writeLetter(calling));
    await rig.advance(callLettersMs);
    expect(rig.told.length).toBe(callsToPeer.burst);
  });

  test.each([
    ['text', 'null'],
    ['a peer', JSON.stringify({ ...JSON.parse(writeLetter(calling)), peer: 'x' })],
    ['a called peer', JSON.stringify({ ...JSON.parse(writeLetter(calling)), called: 7 })],
    ['a name', JSON.stringify({ ...JSON.parse(writeLetter(calling)), name: 'n'.repeat(65) })],
    ['a name without characters', JSON.stringify({ ...JSON.parse(writeLetter(calling)), name: '\ud800' })],
    ['a zone', JSON.stringify({ ...JSON.parse(writeLetter(calling)), host: `fe80::1%${'a'.repeat(300)}` })],
    ['a host', JSON.stringify({ ...JSON.parse(writeLetter(calling)), host: 'example.org' })],
    ['a port', JSON.stringify({ ...JSON.parse(writeLetter(calling)), port: 65_536 })],
    ['a reach', JSON.stringify({ ...JSON.parse(writeLetter(calling)), reachable: 1 })],
    ['a token', JSON.stringify({ ...JSON.parse(writeLetter(calling)), token: 'AAAA' })],
  ])('is nothing where it has %s that none can have', (_, text) => {
    expect(readLetter(text)).toBeUndefined();
  });
});

describe('a call', () => {
  test('is passed on to the connection of the peer, with the address of the caller and its token', async () => {
    await using rig = new Rig();
    const session = rig.arrive(2);
    expect(await rig.call()).toBe('passed on');
    expect(rig.told).toEqual([{ session, message: { type: 'called', caller: callerOf(1), token } }]);
  });

  test('is refused when the peer is not here, or is the caller, or the caller has no port', async () => {
    await using rig = new Rig();
    expect(await rig.call()).toBe('not-found');
    rig.arrive(1);
    rig.arrive(2);
    expect(await rig.call(callerOf(1), 1)).toBe('bad-request');
    expect(await rig.call(callerOf(1, '10.0.0.1', 0))).toBe('bad-request');
    expect(rig.told).toEqual([]);
  });

  test('is refused as long as the caller is known not to be reachable where it says', async () => {
    await using rig = new Rig();
    rig.arrive(2);
    rig.book.note(callerOf(1), false, 0, 0);
    expect(await rig.call()).toBe('unreachable');
    expect(await rig.call(callerOf(1, '10.0.1.1', 50_000))).toBe('passed on');
    rig.book.note(callerOf(1), true, 0, 0);
    expect(await rig.call()).toBe('passed on');
    expect(rig.told.at(-1)?.message).toMatchObject({ caller: { reachable: true } });
  });

  test('nobody calls too often, by whatever identities, and each has its allowance back in time', async () => {
    await using rig = new Rig();
    for (let called = 100; called < 200; called++) rig.arrive(called);
    const answers: string[] = [];
    for (let at = 0; at < callsByCaller.burst + 3; at++)
      answers.push(await rig.call(callerOf(1 + (at % 50), '10.0.0.1'), 100 + (at % 100)));
    expect(answers.filter((answer) => answer === 'passed on')).toHaveLength(callsByCaller.burst);
    expect(answers.at(-1)).toBe('limit');
    await rig.advance(1_000 / callsByCaller.perSecond);
    expect(await rig.call(callerOf(1, '10.0.0.1'), 100)).toBe('passed on');
  });

  test('nobody is called too often, by however many', async () => {
    await using rig = new Rig();
    rig.arrive(2);
    const answers: string[] = [];
    for (let at = 0; at < callsToPeer.burst + 3; at++) answers.push(await rig.call(callerOf(10 + at)));
    expect(answers.filter((answer) => answer === 'passed on')).toHaveLength(callsToPeer.burst);
    expect(answers.at(-1)).toBe('limit');
  });

  test('says so when the connection has no room for it', async () => {
    await using rig = new Rig();
    rig.arrive(2);
    rig.hasRoom = false;
    expect(await rig.call()).toBe('limit');
  });
});
