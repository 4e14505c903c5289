import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { actor, ActorSystem, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { deskOf } from '../../../src/actors/tracker/look-up-desk.ts';
import { swarmsActor, type Newcomers, type SwarmsCommand } from '../../../src/actors/tracker/swarms.ts';
import type { RegistryCommand } from '../../../src/actors/tracker/registry.ts';
import type { Source } from '../../../src/core/catalogue.ts';
import type { ContentId, PeerId } from '../../../src/core/ids.ts';
import { swarmNews } from '../../../src/core/limits/tracker.ts';
import { maxIdsPerGetSources } from '../../../src/core/limits/wire.ts';

let system: ActorSystem;
let clock: ManualClock;
let swarms: ActorRef<SwarmsCommand>;
let told: number[];
let listener: ActorRef<Newcomers>;

const sourceAt = (host: string, port = 1): Source => ({ peer: host as PeerId, name: '', host, port });
const ids = (count: number): ContentId[] => Array.from({ length: count }, (_, at) => `${at}` as ContentId);

beforeEach(() => {
  system = new ActorSystem();
  clock = new ManualClock();
  told = [];
  const registry = actor<RegistryCommand>('registry', () => ({ receive() {} }));
  const connection = actor<Newcomers>('connection', () => ({
    receive: ({ contents }) => void told.push(contents.length),
  }));
  listener = system.start(connection, undefined).ref;
  const desk = deskOf(system.start(registry, undefined).ref);
  const args = { desk: () => desk, clock, random: () => 0 };
  swarms = system.start(swarmsActor, args).ref;
});
afterEach(() => system.stop());

async function join(visitor: number, source: Source, contents: readonly ContentId[]): Promise<void> {
  const question = { type: 'join', visitor, connection: listener, source, ids: contents } as const;
  expect(await system.ask(swarms, { ...question, lonely: [], perId: 50 }, 60_000)).toMatchObject({
    ok: true,
  });
}

const sum = (): number => told.reduce((all, one) => all + one, 0);

test('what one is told of many contents comes in few messages', async () => {
  const wanted = ids(100);
  await join(1, sourceAt('198.51.100.1'), wanted);
  swarms.tell({ type: 'shared', source: sourceAt('203.0.113.1'), ids: wanted });
  await join(2, sourceAt('198.51.100.2', 0), []);
  expect(told).toEqual([maxIdsPerGetSources, 100 - maxIdsPerGetSources]);
});

test('others are told of the peers of one host no more than they can bear, and of those of others all the same', async () => {
  const wanted = ids(50);
  await join(1, sourceAt('198.51.100.1'), wanted);
  for (let time = 0; time < 4; time++) {
    for (let turn = 0; turn < swarmNews.burst / 100; turn++)
      swarms.tell({ type: 'shared', source: sourceAt(`2001:db8::${turn}`), ids: wanted });
    await join(2, sourceAt('198.51.100.2', 0), []);
  }
  expect(sum()).toBe(swarmNews.burst);
  swarms.tell({ type: 'shared', source: sourceAt('203.0.113.1'), ids: wanted });
  await join(2, sourceAt('198.51.100.2', 0), []);
  expect(sum()).toBe(swarmNews.burst + 50);
});
