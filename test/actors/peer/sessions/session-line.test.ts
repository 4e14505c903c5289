import { afterEach, expect, test } from '@jest/globals';
import { Calls } from '../../../../src/actors/peer/sessions/calls.ts';
import { Reached } from '../../../../src/actors/peer/sessions/reached.ts';
import { sessionActor } from '../../../../src/actors/peer/sessions/session.ts';
import type { TrackerQuestion } from '../../../../src/actors/peer/trackers/trackers-messages.ts';
import { actor, ActorSystem } from '../../../../src/actors/runtime/index.ts';
import { EngineRates } from '../../../../src/core/engine/engine-rates.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { fail, type Problem } from '../../../../src/core/result.ts';
import { openChannel } from '../../../../src/workers/channel.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type { FetchHost, FetchInput, TransferJobs } from '../../../../src/workers/transfer-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const peer = idOf(1) as unknown as PeerId;
let system: ActorSystem;
afterEach(() => system.stop());

interface Try {
  readonly host: string;
  readonly reachable?: boolean;
  /** It was reached there before. */
  readonly wasReached?: boolean;
  /** It is reached now, and then lost. */
  readonly connects?: boolean;
}

/** What a download is told of a peer that does not answer, where no tracker can pass on a call to it. */
async function lost({ host, reachable, wasReached = false, connects = false }: Try): Promise<Problem> {
  const source = { peer, name: 'alice', host, port: 7, reachable };
  const reached = new Reached();
  if (wasReached) reached.note(source);
  const transfers = {
    capacity: 1,
    async run(_job: string, { link, name }: FetchInput) {
      const { remote } = openChannel<FetchHost>(link, {});
      if (connects) await remote.connected({ peer, name, agent: '' });
      return { problem: { code: 'timeout', message: 'Nothing came for 30 s' } };
    },
  } as unknown as Pool<TransferJobs>;
  const identity = { id: idOf(9) as unknown as PeerId, certificatePem: '', privateKeyPem: '' };
  system = new ActorSystem();
  const trackers = actor<TrackerQuestion>('trackers', () => ({
    receive(message) {
      if (message.type === 'call') message.replyTo.reply(fail('unreachable', 'It is not here'));
    },
  }));
  const session = system.start(sessionActor, {
    source,
    me: { identity, name: 'me', agent: 'test' },
    transfers,
    rates: new EngineRates().shared,
    calls: new Calls(),
    reached,
    trackers: system.start(trackers, undefined).ref,
  }).ref;
  const heard = Promise.withResolvers<Problem>();
  const download = actor<{ readonly type: string; readonly problem?: Problem }>('download', () => ({
    receive: ({ type, problem }) => void (type === 'detached' && problem && heard.resolve(problem)),
  }));
  session.tell({
    type: 'attach',
    opened: { content: 1 } as never,
    download: system.start(download, undefined).ref,
  });
  return heard.promise;
}

const silent = { code: 'timeout', message: expect.stringMatching(/^(alice does not answer|Nothing came)/) };
const neither = { code: 'unreachable', message: expect.stringContaining('Neither you nor alice') };

test.each<[string, Try, object]>([
  ['is on this machine', { host: '127.0.0.1' }, silent],
  ['is on this network', { host: '192.168.1.9' }, silent],
  ['was reached by a tracker', { host: '93.184.216.34', reachable: true }, silent],
  ['was reached there before', { host: '93.184.216.34', wasReached: true }, silent],
  [
    'was reached before, though not by a tracker',
    { host: '10.0.0.7', reachable: false, wasReached: true },
    silent,
  ],
  ['is anywhere', { host: '93.184.216.34' }, neither],
  ['was not reached by a tracker', { host: '10.0.0.7', reachable: false }, neither],
])(
  'a router is blamed for silence only where one may be in the way: it %s',
  async (_where, attempt, problem) => {
    expect(await lost(attempt)).toEqual(problem);
  },
);

test('who falls silent is named', async () => {
  const problem = await lost({ host: '127.0.0.1', connects: true });
  expect(problem).toEqual({ code: 'timeout', message: 'alice does not answer' });
});
