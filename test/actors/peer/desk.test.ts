import { expect, test } from '@jest/globals';
import { deskActor } from '../../../src/actors/peer/desk.ts';
import type { DownloadPoolCommand } from '../../../src/actors/peer/download-pool.ts';
import { Rules } from '../../../src/actors/peer/rules.ts';
import type { TrackersCommand } from '../../../src/actors/peer/trackers-messages.ts';
import { actor, ActorSystem } from '../../../src/actors/runtime/index.ts';
import type { EngineEvent } from '../../../src/core/engine-api.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { ok } from '../../../src/core/result.ts';
import { openDatabase } from '../../../src/profile/database.ts';
import { until } from '../../helpers/poll.ts';

test('the desk lists no peer whose list never ends', async () => {
  const source = { peer: 'p'.repeat(52) as PeerId, name: 'endless', host: '127.0.0.1', port: 1 };
  const events: EngineEvent[] = [];
  let pages = 0;
  const trackersActor = actor<TrackersCommand>('trackers', () => ({
    receive: (message) => message.type === 'find-peer' && message.replyTo.reply(ok(source)),
  }));
  const downloadsActor = actor<DownloadPoolCommand>('downloads', () => ({
    receive(message) {
      if (message.type !== 'browse') return;
      pages++;
      message.replyTo.reply(ok({ entries: [], cursor: `/${pages}` }));
    },
  }));
  const observerActor = actor<EngineEvent>(
    'observer',
    () => ({ receive: (event) => void events.push(event) }),
    { mailbox: { capacity: 100_000 } },
  );
  const database = openDatabase(':memory:');
  if (!database.ok) throw new Error(database.problem.message);
  const rules = new Rules(database.value, {});
  const system = new ActorSystem();
  const desk = system.start(deskActor, {
    peer: source.peer,
    name: 'me',
    rules,
    life: { startedMs: 0, stopsWhenIdle: false, log: [] },
    downloadsDir: '/out',
    door: { port: undefined },
    library: undefined,
    uploads: undefined,
    trackers: system.start(trackersActor, undefined).ref,
    downloads: system.start(downloadsActor, undefined).ref,
    observer: system.start(observerActor, undefined).ref,
    ask: (ref, question, timeoutMs) => system.ask(ref, question, timeoutMs),
    actors: () => [],
  });
  desk.ref.tell({ type: 'browse', requestId: 1, peer: 'endless', path: '/', recursive: true });
  await until('the answer is over', () =>
    events.some((event) => event.type === 'answer-browse' && event.last),
  );
  expect(events.at(-1)).toMatchObject({ requestId: 1, answer: { ok: false, problem: { code: 'limit' } } });
  await system.stop();
});
