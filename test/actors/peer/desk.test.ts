import { afterEach, expect, test } from '@jest/globals';
import { deskActor, type DeskMessage } from '../../../src/actors/peer/desk.ts';
import type { DownloadPoolCommand } from '../../../src/actors/peer/downloads/download-pool.ts';
import { Rules } from '../../../src/actors/peer/rules.ts';
import type { TrackersCommand } from '../../../src/actors/peer/trackers/trackers-messages.ts';
import { actor, ActorSystem, type ActorRef } from '../../../src/actors/runtime/index.ts';
import type { SearchResult } from '../../../src/core/catalogue.ts';
import type { EngineEvent } from '../../../src/core/engine/engine-api.ts';
import type { ContentId, PeerId } from '../../../src/core/ids.ts';
import { maxDeskConversations } from '../../../src/core/limits/engine.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { openDatabase } from '../../../src/profile/database.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const source = { peer: 'p'.repeat(52) as PeerId, name: 'endless', host: '127.0.0.1', port: 1 };
const systems: ActorSystem[] = [];

afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop()));
});

interface Parts {
  readonly trackers?: (message: TrackersCommand) => void;
  readonly downloads?: (message: DownloadPoolCommand) => void;
}

/** A desk whose other parts answer by a script; a part without one answers nothing. */
function start({ trackers, downloads }: Parts): { desk: ActorRef<DeskMessage>; events: EngineEvent[] } {
  const events: EngineEvent[] = [];
  const system = new ActorSystem();
  systems.push(system);
  const part = <M>(name: string, receive: (message: M) => void): ActorRef<M> =>
    system.start(
      actor<M>(name, () => ({ receive }), { mailbox: { capacity: 100_000 } }),
      undefined,
    ).ref;
  const database = openDatabase(':memory:');
  if (!database.ok) throw new Error(database.problem.message);
  const desk = system.start(deskActor, {
    peer: source.peer,
    name: 'me',
    rules: new Rules(database.value, {}),
    life: { startedMs: 1, stopsWhenIdle: true, log: [{ atMs: 1, level: 'info', source: 'a', text: 'b' }] },
    disk: { folder: tempDir(), freeBytes: undefined },
    door: { port: undefined },
    library: undefined,
    uploads: undefined,
    trackers: part<TrackersCommand>('trackers', (message) => trackers?.(message)),
    downloads: part<DownloadPoolCommand>('downloads', (message) => downloads?.(message)),
    observer: part<EngineEvent>('observer', (event) => void events.push(event)),
    ask: (ref, question, timeoutMs) => system.ask(ref, question, timeoutMs),
    actors: () => [],
  });
  return { desk: desk.ref, events };
}

test('the desk lists no peer whose list never ends', async () => {
  let pages = 0;
  const { desk, events } = start({
    trackers: (message) => message.type === 'find-peer' && message.replyTo.reply(ok(source)),
    downloads(message) {
      if (message.type !== 'browse') return;
      pages++;
      message.replyTo.reply(ok({ entries: [], cursor: `/${pages}` }));
    },
  });
  desk.tell({ type: 'browse', requestId: 1, peer: 'endless', path: '/', recursive: true });
  await until('the answer is over', () =>
    events.some((event) => event.type === 'answer-browse' && event.last),
  );
  const last = events.findLast(({ type }) => type === 'answer-browse');
  expect(last).toMatchObject({ requestId: 1, answer: { ok: false, problem: { code: 'limit' } } });
});

test('a folder that is not shared is named, with the peer', async () => {
  const { desk, events } = start({
    trackers(message) {
      if (message.type === 'find-peer') message.replyTo.reply(ok(source));
    },
    downloads(message) {
      if (message.type === 'browse') message.replyTo.reply(fail('not-found', 'whatever it says'));
    },
  });
  desk.tell({ type: 'browse', requestId: 1, peer: source.name, path: '/no\u001b/', recursive: false });
  await until('it is answered', () => events.some(({ type }) => type === 'answer-browse'));
  const message = `${source.name} shares no folder /no\ufffd/`;
  const answered = events.find(({ type }) => type === 'answer-browse');
  expect(answered).toMatchObject({ answer: { problem: { code: 'not-found', message } }, last: true });
});

const result = (name: string): SearchResult => ({
  id: 'c'.repeat(52) as ContentId,
  name,
  names: [name],
  sizeBytes: 1,
  type: 'other',
  sources: [source],
});

test('a search tells all results so far whenever a tracker has answered, and at the end which did', async () => {
  const { desk, events } = start({
    trackers(message) {
      if (message.type !== 'search') return;
      const { progress, replyTo } = message;
      progress?.tell({ results: undefined, trackers: { asked: 3, answered: 0 } });
      progress?.tell({ results: [result('one')], trackers: { asked: 3, answered: 1 } });
      progress?.tell({ results: [result('one'), result('two')], trackers: { asked: 3, answered: 2 } });
      const end = { cursor: `after ${message.cursor}`, isPartial: true };
      replyTo.reply(ok({ results: [result('one'), result('two')], end }));
    },
  });
  desk.tell({ type: 'search', requestId: 4, query: 'x', limit: 10, cursor: 'it' });
  const answers = (): EngineEvent[] => events.filter(({ type }) => type === 'answer-search');
  await until('the last answer', () => answers().length === 3);
  expect(answers()).toMatchObject([
    { requestId: 4, last: false, trackers: { asked: 3, answered: 1 }, answer: { value: [{ name: 'one' }] } },
    { last: false, trackers: { asked: 3, answered: 2 } },
    {
      last: true,
      trackers: { asked: 3, answered: 2 },
      answer: { value: [{ name: 'one' }, { name: 'two' }] },
      end: { cursor: 'after it', isPartial: true },
    },
  ]);
});

test('a search that fails says why, once', async () => {
  const { desk, events } = start({
    trackers: (message) => message.type === 'search' && message.replyTo.reply(fail('unreachable', 'gone')),
  });
  desk.tell({ type: 'search', requestId: 4, query: 'x', limit: 10 });
  await until('the answer', () => events.some(({ type }) => type === 'answer-search'));
  expect(events.filter(({ type }) => type === 'answer-search')).toMatchObject([
    { last: true, answer: { problem: { code: 'unreachable' } } },
  ]);
});

test('a snapshot says what the engine is in, and what of it can be had', async () => {
  const { desk, events } = start({
    trackers: (message) => message.type === 'snapshot' && message.replyTo.reply([]),
    downloads: (message) => message.type === 'snapshot' && message.replyTo.reply([]),
  });
  await until('the disk was looked at', () => events.some(({ type }) => type === 'disk'));
  desk.tell({ type: 'snapshot', requestId: 9 });
  const answer = (): EngineEvent | undefined => events.find(({ type }) => type === 'answer-snapshot');
  await until('the answer', () => answer() !== undefined);
  expect(answer()).toMatchObject({
    requestId: 9,
    answer: {
      value: {
        startedMs: 1,
        stopsWhenIdle: true,
        log: [{ text: 'b' }],
        disk: { freeBytes: expect.any(Number) },
      },
    },
  });
});

test('questions beyond the bound are refused, each under its number', async () => {
  const { desk, events } = start({});
  for (let requestId = 1; requestId <= maxDeskConversations + 2; requestId++)
    while (!desk.offer({ type: 'find-peer', requestId, peer: 'nobody' }))
      await new Promise((resolve) => setImmediate(resolve));
  await until('the refusals', () => events.filter(({ type }) => type === 'answer-find-peer').length === 2);
  expect(events.filter(({ type }) => type === 'answer-find-peer')).toMatchObject([
    { requestId: maxDeskConversations + 1, answer: { problem: { code: 'busy' } } },
    { requestId: maxDeskConversations + 2, answer: { problem: { code: 'busy' } } },
  ]);
});
