import { expect, test } from '@jest/globals';
import { systemClock, type Clock } from '../../../../src/actors/runtime/index.ts';
import { fail, ok, type ProblemCode } from '../../../../src/core/result.ts';
import { atRest, until } from '../../../helpers/poll.ts';
import { SharedCatalogue } from '../../../helpers/shared-catalogue.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { sharedFiles, TestLink, TestTracker } from '../../../helpers/trackers.ts';

/** To it no time passes, so its patience with those it sends away does not end. */
const patient: Clock = { now: () => 0, after: (ms, callback) => systemClock.after(ms, callback) };

/** A peer at a patient tracker, beside others of its catalogue that answer whoever comes with these refusals. */
async function besideRefusing(...codes: readonly ProblemCode[]) {
  const home = tempDir();
  const catalogue = new SharedCatalogue();
  const door = { knocked: 0 };
  const refusing = await Promise.all(
    codes.map((code) =>
      TestTracker.start(home, {
        key: code,
        openStore: async () => {
          const opened = await catalogue.open();
          if (!opened.ok) return opened;
          const attach = async () => {
            door.knocked += 1;
            return fail(code, 'Nobody is let in');
          };
          return ok({ ...opened.value, attach });
        },
      }),
    ),
  );
  await until('those are listed', () => catalogue.listed === codes.length);
  const first = await TestTracker.start(home, { openStore: catalogue.open, key: 'first', clock: patient });
  const alice = await TestLink.start(home, [first.address], { name: 'alice', share: sharedFiles(3) });
  await alice.isRegistered();
  await until('it has been told of them', async () => (await alice.knows()).length === codes.length);
  const all = [alice, first, ...refusing];
  return { home, catalogue, door, first, alice, stop: () => Promise.all(all.map((one) => one.stop())) };
}

test.each([['name-taken'], ['limit'], ['version'], ['unauthorised', 'limit', 'name-taken']] as const)(
  'a peer stays listed where it is when those that it is sent to say %s, and can tell and ask all',
  async (...codes) => {
    const { catalogue, door, first, alice, stop } = await besideRefusing(...codes);
    const [{ id } = {}] = alice.views;
    // It is stopped before it has emptied.
    const drained = first.drain().catch(() => undefined);
    // Each is asked once.
    await until('it has been refused', () => door.knocked === codes.length);
    await until('it is where it was', () => alice.registered.length === 1 + codes.length);
    await atRest(() => first.handled);
    expect([first.connections, catalogue.hidden, door.knocked]).toEqual([1, 0, codes.length]);
    expect((await catalogue.store.stats()).peersOnline).toBe(1);
    expect(alice.views).toMatchObject([{ ...first.address, id, state: 'registered', via: undefined }]);
    expect([alice.states.includes('refused'), alice.problem]).toEqual([false, undefined]);
    alice.change(sharedFiles(1, 'later'));
    await until('what is new is there', () => alice.registered.at(-1) === 4);
    expect(await alice.names('later')).toEqual(['later 0.txt']);
    await Promise.all([stop(), drained]);
  },
);

test('a peer that one tracker does not let in goes to the next that does, and is hidden for no moment', async () => {
  const { home, catalogue, door, first, alice, stop } = await besideRefusing('unauthorised', 'name-taken');
  await using last = await TestTracker.start(home, { openStore: catalogue.open, key: 'last' });
  await until('it has been told of it', async () => (await alice.knows()).length === 3);
  const { added } = catalogue;
  const drained = first.drain();
  expect(await drained).toMatchObject({ connections: 1, left: 0 });
  await until('it is at the last', () => alice.views[0]?.via?.port === last.port);
  expect([[...catalogue.at.values()], catalogue.hidden, catalogue.added]).toEqual([[4], 0, added]);
  expect(door.knocked).toBeLessThanOrEqual(2);
  expect(await alice.names('report')).toHaveLength(3);
  await stop();
});
