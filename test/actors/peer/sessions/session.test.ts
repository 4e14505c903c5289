import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MessageChannel } from 'node:worker_threads';
import { Calls } from '../../../../src/actors/peer/sessions/calls.ts';
import { Reached } from '../../../../src/actors/peer/sessions/reached.ts';
import {
  sessionActor,
  type SessionCommand,
  type SessionNews,
} from '../../../../src/actors/peer/sessions/session.ts';
import type { TrackerQuestion } from '../../../../src/actors/peer/trackers/trackers-messages.ts';
import { actor, ActorSystem, type ActorRef } from '../../../../src/actors/runtime/index.ts';
import { EngineRates } from '../../../../src/core/engine/engine-rates.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { ok } from '../../../../src/core/result.ts';
import { PieceWriters } from '../../../../src/core/swarm/piece-writers.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import { SharedWeight } from '../../../../src/core/rates/shared-weight.ts';
import { openChannel, type Calls as Remote } from '../../../../src/workers/channel.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type {
  Ended,
  FetchHost,
  FetchInput,
  OpenedContent,
  TransferJobs,
} from '../../../../src/workers/transfer-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const peer = idOf(1) as unknown as PeerId;
const content = makeContent(tempDir(), 'a', 600_000);
const rate = new SharedRate().shared;
const weight = SharedWeight.of(1, 'normal').shared;

let system: ActorSystem;
let session: ActorRef<SessionCommand>;
/** The job's side of the connection: what it was told to open, and what it can tell. */
let opened: number[];
let job: Remote<FetchHost> | undefined;
let end: (ended: Ended) => void;

beforeEach(() => {
  [opened, job] = [[], undefined];
  const transfers = {
    capacity: 1,
    run(_job: string, { link }: FetchInput) {
      const ended = Promise.withResolvers<Ended>();
      end = ended.resolve;
      job = openChannel<FetchHost>(link, {
        open: (one: OpenedContent) => ok(void opened.push(one.content)),
        openTree: ({ tree }: { tree: number }) => void opened.push(tree),
        close: () => undefined,
        closeTree: () => undefined,
      }).remote;
      return ended.promise;
    },
  } as unknown as Pool<TransferJobs>;
  const identity = { id: idOf(9) as unknown as PeerId, certificatePem: '', privateKeyPem: '' };
  system = new ActorSystem();
  const silent = actor<TrackerQuestion>('trackers', () => ({ receive() {} }));
  session = system.start(sessionActor, {
    source: { peer, name: 'it', host: '127.0.0.1', port: 1 },
    me: { identity, name: 'me', agent: 'test' },
    transfers,
    rates: new EngineRates().shared,
    calls: new Calls(),
    reached: new Reached(),
    trackers: system.start(silent, undefined).ref,
  }).ref;
});
afterEach(() => system.stop());

/** Somebody who downloads, and what he was told. */
function downloader(name: string) {
  const heard: SessionNews[] = [];
  const definition = actor<SessionNews>(name, () => ({ receive: (news) => void heard.push(news) }));
  return { heard, ref: system.start(definition, undefined).ref };
}

function attach(number: number, download: ActorRef<SessionNews>): void {
  const { id, manifest, filePath } = content;
  const writers = PieceWriters.of(1).shared;
  const one = { content: number, id, manifest, filePath, rate, weight, writers, isPartial: false };
  session.tell({ type: 'attach', opened: one, download });
}

function attachTree(tree: number, download: ActorRef<SessionNews>): void {
  const { port1, port2 } = new MessageChannel();
  port2.unref();
  session.tell({
    type: 'attach-tree',
    opened: { tree, store: port1, rate, weight },
    download: download as ActorRef<unknown>,
  });
}

/** The job has a connection. */
async function connects(): Promise<void> {
  await until('a job runs', () => job !== undefined);
  await job?.connected({ peer, name: 'it', agent: 'test' });
}

const waits = { type: 'queued', peer, queuePosition: 3, stallsAtMs: undefined };

describe('who comes to a connection that waits in the source’s queue', () => {
  test.each(['content', 'tree'])('is told so, as those were who were there before: a %s', async (kind) => {
    const first = downloader('first');
    const second = downloader('second');
    await connects();
    attach(1, first.ref);
    await until('the first is attached', () => first.heard.length === 1);
    await job?.report({ contents: [], trees: [], queuePosition: 3, stallsAtMs: undefined });
    await until('the first is told', () => first.heard.length === 2);
    if (kind === 'tree') attachTree(2, second.ref);
    else attach(2, second.ref);
    await until('the second is told', () => second.heard.length === 2);
    expect(first.heard).toEqual([{ type: 'attached', peer }, waits]);
    expect(second.heard).toEqual([{ type: 'attached', peer }, waits]);
    await job?.report({ contents: [], trees: [], queuePosition: 0, stallsAtMs: undefined });
    await until('it is over', () => second.heard.length === 3);
    expect(second.heard.at(-1)).toEqual({ ...waits, queuePosition: 0 });
  });
});

describe('before there is a connection', () => {
  test('who leaves and comes again is opened once', async () => {
    const one = downloader('one');
    const folder = downloader('folder');
    for (let time = 0; time < 2; time++) {
      if (time > 0) session.tell({ type: 'forget', content: 1 });
      if (time > 0) session.tell({ type: 'forget-tree', tree: 2 });
      attach(1, one.ref);
      attachTree(2, folder.ref);
    }
    await connects();
    await until('both are attached', () => one.heard.length + folder.heard.length === 2);
    expect(opened.toSorted((a, b) => a - b)).toEqual([1, 2]);
    end({ problem: { code: 'closed', message: 'The other side left' } });
    await until('both are told', () => one.heard.length + folder.heard.length === 4);
    expect([...one.heard, ...folder.heard].filter(({ type }) => type === 'attached')).toHaveLength(2);
  });
});
