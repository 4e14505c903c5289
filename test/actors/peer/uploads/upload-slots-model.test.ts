/** The slots of a peer as its visitors see them, while connections come, want, end and die in every way. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { Calls } from '../../../../src/actors/peer/sessions/calls.ts';
import type { LibraryCommand } from '../../../../src/actors/peer/library/library-messages.ts';
import { Partials } from '../../../../src/actors/peer/downloads/partials.ts';
import { uploadPoolActor, type UploadPoolCommand } from '../../../../src/actors/peer/uploads/upload-pool.ts';
import { actor, ActorSystem, type ActorRef } from '../../../../src/actors/runtime/index.ts';
import { ManualClock } from '../../../../src/actors/runtime/testing.ts';
import { defaultLimits } from '../../../../src/core/engine/engine-api.ts';
import { EngineRates } from '../../../../src/core/engine/engine-rates.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { slotQuantumMs, slotRotateMs } from '../../../../src/core/limits/uploads.ts';
import { openChannel, type Calls as Remote } from '../../../../src/workers/channel.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type { Ended, ServeHost, SlotWants, TransferJobs } from '../../../../src/workers/transfer-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';
import { until } from '../../../helpers/poll.ts';
import * as fc from '../../../helpers/properties.ts';
import { makeIdentity } from '../../../helpers/transfer.ts';

const identity = await makeIdentity();
const closed: Ended = { problem: { code: 'closed', message: 'Gone' } };

/** One connection, as its job sees it. */
interface Visitor {
  readonly number: number;
  readonly host: Remote<ServeHost>;
  readonly end: () => void;
  /** Its thread dies. */
  readonly die: () => void;
  wants: SlotWants;
  /** The place it was told last since it began to want something. */
  position: number | undefined;
  hasMinislot: boolean;
}

let system: ActorSystem;
let pool: ActorRef<UploadPoolCommand>;
let clock: ManualClock;
let limits: { uploadSlots: number };
let visitors: Visitor[];
let arrived: number;

const jobs = {
  capacity: 1,
  run(_name: string, { socket, link }: { socket: { number: number }; link: MessagePort }) {
    Object.assign(socket, { destroy: () => undefined });
    const ended = Promise.withResolvers<Ended>();
    const channel = openChannel<ServeHost>(link, {
      place(position: number, hasMinislot: boolean) {
        Object.assign(visitor, { position, hasMinislot });
      },
      stop: () => ended.resolve(closed),
    });
    void channel.closed.then(() => ended.resolve(closed));
    const visitor: Visitor = {
      number: socket.number,
      host: channel.remote,
      end: () => ended.resolve(closed),
      die: () => ended.reject(new Error('The thread died')),
      wants: { small: false, large: false },
      position: undefined,
      hasMinislot: false,
    };
    visitors.push(visitor);
    const leaves = (): void => void (visitors = visitors.filter((one) => one !== visitor));
    ended.promise.then(leaves, leaves);
    return ended.promise;
  },
} as unknown as Pool<TransferJobs>;

beforeEach(() => {
  [visitors, arrived] = [[], 0];
  clock = new ManualClock();
  limits = { ...defaultLimits, uploadSlots: 2 };
  system = new ActorSystem({ clock });
  const silent = actor<LibraryCommand>('library', () => ({ receive() {} }));
  pool = system.start(uploadPoolActor, {
    me: { identity, name: 'a', agent: 'test' },
    transfers: jobs,
    library: system.start(silent, undefined).ref,
    partials: new Partials(),
    calls: new Calls(),
    observer: { path: '/clients', tell: () => undefined, offer: () => true },
    rules: { limits: limits as typeof defaultLimits, rates: new EngineRates(), isBlocked: () => false },
    now: () => clock.now(),
  }).ref;
});
afterEach(() => system.stop());

/** Somebody of his own comes in, from an address of his own. */
async function arrive(): Promise<Visitor> {
  const number = (arrived += 1);
  const socket = { number, destroyed: false, destroy: () => undefined } as unknown as Socket;
  pool.tell({ type: 'incoming', socket, remoteHost: `198.51.${number >> 8}.${number & 255}` });
  await until('a job has begun', () => visitors.some((one) => one.number === number));
  const visitor = visitors.find((one) => one.number === number)!;
  const peer = idOf(number) as unknown as PeerId;
  await visitor.host.authorize({ peer, name: 'it', agent: 'test' });
  return visitor;
}

function want(visitor: Visitor, wants: SlotWants): void {
  if (!wants.small && !wants.large) visitor.position = undefined;
  visitor.wants = wants;
  visitor.host.wantSlot(wants).catch(() => undefined);
}

const wanting = (): Visitor[] => visitors.filter(({ wants }) => wants.small || wants.large);
const isSent = ({ position, hasMinislot }: Visitor): boolean => position === 0 || hasMinislot;

/** Everybody who wants something holds a slot or knows his place, and no slot is free while one waits. */
async function allAreServedOrTold(): Promise<void> {
  const large = (): Visitor[] => wanting().filter(({ wants }) => wants.large);
  // Those of whom there is nothing but small files are shown as sent to, wherever they stand.
  const isRight = (): boolean => {
    const holders = large().filter(({ position }) => position === 0).length;
    const small = wanting().filter(({ wants }) => !wants.large);
    const taken = holders + small.filter(isSent).length;
    const isTold = wanting().every(({ position }) => position !== undefined);
    return isTold && holders <= limits.uploadSlots && taken >= Math.min(limits.uploadSlots, wanting().length);
  };
  await until('everybody is served or told', isRight).catch((error: unknown) => {
    const known = wanting().map(({ number, wants, position, hasMinislot }) => ({
      ...{ number, wants, position, hasMinislot },
    }));
    throw new Error(`${String(error)}: ${JSON.stringify({ slots: limits.uploadSlots, known })}`);
  });
}

const kinds = ['arrive', 'arrive', 'large', 'large', 'small', 'both', 'rest', 'end', 'die', 'crash'] as const;
const step = fc.record({
  kind: fc.constantFrom(...kinds, 'resize' as const, 'turn' as const),
  which: fc.nat(),
});

/** What becomes of one of those who are there. */
function happen(kind: string, visitor: Visitor): void {
  if (kind === 'end') return visitor.end();
  if (kind === 'die') return visitor.die();
  if (kind === 'crash') return void system.crash(uploadPathOf(visitor));
  want(visitor, { small: kind === 'small' || kind === 'both', large: kind === 'large' || kind === 'both' });
}

const uploadPathOf = ({ number }: Visitor): string => `${pool.path}/upload-${number}`;

async function take(kind: string, which: number): Promise<void> {
  if (kind === 'resize') {
    limits.uploadSlots = 1 + (which % 3);
    pool.tell({ type: 'limits-changed' });
  } else if (kind === 'turn') clock.advance(slotRotateMs * (1 + (which % 90)));
  else if (kind === 'arrive') await arrive();
  else {
    const visitor = visitors[which % Math.max(1, visitors.length)];
    if (visitor) happen(kind, visitor);
    if (visitor && ['end', 'die', 'crash'].includes(kind))
      await until('it has left', () => !visitors.includes(visitor));
  }
}

test('whoever wants something is served or told his place, comes to his turn, and leaves no slot behind', async () => {
  const steps = fc.array(step, { minLength: 20, maxLength: 40 });
  for (const some of fc.sample(steps, { numRuns: 12, seed: 7 })) {
    for (const { kind, which } of some) {
      await take(kind, which);
      await allAreServedOrTold();
    }
    const served = new Set<Visitor>();
    const hungry = wanting();
    for (let round = 0; round <= hungry.length && served.size < hungry.length; round++) {
      for (const one of hungry) if (isSent(one)) served.add(one);
      const before = hungry.map(({ position, hasMinislot }) => `${position}${hasMinislot}`).join();
      clock.advance(slotQuantumMs);
      if (served.size < hungry.length)
        await until(
          'places change',
          () => before !== hungry.map(({ position, hasMinislot }) => `${position}${hasMinislot}`).join(),
        );
      await allAreServedOrTold();
    }
    for (const one of hungry) if (isSent(one)) served.add(one);
    expect(served.size).toBe(hungry.length);
    for (const [at, visitor] of visitors.entries()) happen(['end', 'die', 'crash'][at % 3]!, visitor);
    await until('all have left', () => visitors.length === 0);
    // Whatever was held is free again.
    for (let slot = 0; slot < limits.uploadSlots; slot++) want(await arrive(), { small: false, large: true });
    await until('all are served', () => wanting().every(({ position }) => position === 0));
    for (const visitor of visitors) visitor.end();
    await until('these have left too', () => visitors.length === 0);
  }
});
