/** What a client sets through the desk: limits, blocks, shared folders. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DatabaseSync } from 'node:sqlite';
import { deskActor, type DeskMessage } from '../../../src/actors/peer/desk.ts';
import type { DownloadPoolCommand } from '../../../src/actors/peer/downloads/download-pool.ts';
import type { LibraryCommand } from '../../../src/actors/peer/library/library-messages.ts';
import { Rules } from '../../../src/actors/peer/rules.ts';
import type { TrackersCommand } from '../../../src/actors/peer/trackers/trackers-messages.ts';
import type { UploadPoolCommand } from '../../../src/actors/peer/uploads/upload-pool.ts';
import { actor, ActorSystem, type ActorRef } from '../../../src/actors/runtime/index.ts';
import { defaultLimits, type EngineEvent } from '../../../src/core/engine/engine-api.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { openDatabase } from '../../../src/profile/database.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const mallory = 'a'.repeat(52) as PeerId;
let database: DatabaseSync;
let rules: Rules;
let system: ActorSystem;
let desk: ActorRef<DeskMessage>;
let events: EngineEvent[];
let told: (UploadPoolCommand | DownloadPoolCommand | LibraryCommand)[];

beforeEach(() => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.problem.message);
  database = opened.value;
  rules = new Rules(database, {});
  system = new ActorSystem();
  [events, told] = [[], []];
  const part = <M>(name: string, receive: (message: M) => void): ActorRef<M> =>
    system.start(
      actor<M>(name, () => ({ receive })),
      undefined,
    ).ref;
  desk = system.start(deskActor, {
    peer: mallory,
    name: 'me',
    rules,
    life: { startedMs: 1, stopsWhenIdle: false, log: [] },
    disk: { folder: tempDir(), freeBytes: undefined },
    door: { port: undefined },
    library: part<LibraryCommand>('library', (message) => {
      told.push(message);
      if (message.type === 'add-share') message.replyTo.reply(ok(undefined));
      if (message.type === 'remove-share') message.replyTo.reply(fail('not-found', 'It is not shared'));
      if (message.type === 'share-entries') message.replyTo.reply(ok([]));
    }),
    uploads: part<UploadPoolCommand>('uploads', (message) => void told.push(message)),
    trackers: part<TrackersCommand>('trackers', () => undefined),
    downloads: part<DownloadPoolCommand>('downloads', (message) => void told.push(message)),
    observer: part<EngineEvent>('observer', (event) => void events.push(event)),
    ask: (ref, question, timeoutMs) => system.ask(ref, question, timeoutMs),
    actors: () => [],
  }).ref;
});
afterEach(async () => {
  await system.stop();
  database.close();
});

const last = (type: EngineEvent['type']): EngineEvent | undefined =>
  events.findLast((event) => event.type === type);

test('limits are set, told to who keeps them and to every client', async () => {
  desk.tell({ type: 'set-limits', limits: { uploadSlots: 3, uploadBytesPerSecond: 5_000 } });
  await until('it is told', () => last('limits') !== undefined);
  const limits = { ...defaultLimits, uploadSlots: 3, uploadBytesPerSecond: 5_000 };
  expect(last('limits')).toEqual({ type: 'limits', limits });
  expect(rules.rates.uploadTo('203.0.113.1').bytesPerSecond).toBe(5_000);
  await until('both pools know', () => told.length === 2);
  expect(told.map(({ type }) => type)).toEqual(['limits-changed', 'limits-changed']);
});

test('a peer that is blocked is shown out at once, and every client knows who is blocked', async () => {
  desk.tell({ type: 'block', peer: mallory, name: 'mallory' });
  await until('it is told', () => last('blocked') !== undefined);
  expect(last('blocked')).toEqual({ type: 'blocked', blocked: [{ peer: mallory, name: 'mallory' }] });
  await until('both pools know', () => told.length === 2);
  expect(told).toMatchObject([
    { type: 'disconnect', peer: mallory, reason: { code: 'unauthorised' } },
    { type: 'disconnect', peer: mallory },
  ]);
  desk.tell({ type: 'unblock', peer: mallory, name: 'mallory' });
  await until('it is told', () => !rules.isBlocked(mallory));
  await until('clients know', () => JSON.stringify(last('blocked')).endsWith('"blocked":[]}'));
  desk.tell({ type: 'disconnect', peer: mallory });
  await until('both pools know', () => told.length === 4);
  expect(rules.blocked).toEqual([]);
});

test('what could not be written down holds, and is said', async () => {
  database.exec('DROP TABLE chosen_limit');
  desk.tell({ type: 'set-limits', limits: { downloadsAtOnce: 2 } });
  await until('it is told', () => last('limits') !== undefined);
  expect(last('log')).toMatchObject({ line: { level: 'warn', source: 'profile' } });
  expect(rules.limits.downloadsAtOnce).toBe(2);
});

test('questions about shared folders go to the library, and its answers back', async () => {
  desk.tell({ type: 'add-share', requestId: 1, folder: '/a' });
  desk.tell({ type: 'remove-share', requestId: 2, folder: '/b' });
  desk.tell({ type: 'share-entries', requestId: 3, path: '/' });
  desk.tell({ type: 'rescan', folder: '/a' });
  await until('all is answered', () => last('answer-share-entries') !== undefined && told.length === 4);
  expect(last('answer-add-share')).toMatchObject({ requestId: 1, answer: { ok: true } });
  expect(last('answer-remove-share')).toMatchObject({
    requestId: 2,
    answer: { problem: { code: 'not-found' } },
  });
  expect(last('answer-share-entries')).toMatchObject({ requestId: 3, answer: { ok: true, value: [] } });
  expect(told).toContainEqual({ type: 'rescan', folder: '/a' });
});
