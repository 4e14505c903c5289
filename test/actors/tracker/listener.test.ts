import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { ticketKeyLifeMs } from '../../../src/core/limits/connections.ts';
import { overloadLagMs } from '../../../src/core/limits/tracker.ts';
import { loadIdentity, type Identity } from '../../../src/identity/identity.ts';
import { TicketKeys } from '../../../src/identity/ticket-keys.ts';
import { tlsOptions } from '../../../src/identity/tls.ts';
import { TrackerClientSession } from '../../../src/protocol/tracker-client-session.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { TestLink, TestTracker } from '../../helpers/trackers.ts';

/** A guest that keeps what it is given to come back with. */
class Guest {
  session: Buffer | undefined;
  readonly #me: Identity;

  private constructor(me: Identity) {
    this.#me = me;
  }

  static async make(): Promise<Guest> {
    const me = await loadIdentity(tempDir());
    if (!me.ok) throw new Error(me.problem.message);
    return new Guest(me.value);
  }

  /** Whether the tracker knew the session. */
  async visit(port: number): Promise<boolean> {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port,
      ...tlsOptions(this.#me, 'tracker'),
      ...(this.session && { session: this.session }),
    });
    socket.on('session', (session: Buffer) => (this.session = session));
    await once(socket, 'secureConnect');
    const talk = new TrackerClientSession({ name: '', port: 0, agent: 'test', nowMs: performance.now() });
    socket.write(talk.takeOutput() ?? '');
    // The welcome comes behind the tickets.
    await once(socket, 'data');
    const isResumed = socket.isSessionReused();
    socket.destroy();
    return isResumed;
  }
}

test('who comes back resumes its session, at a tracker that was restarted too', async () => {
  const home = tempDir();
  const guest = await Guest.make();
  const start = () => TestTracker.start(home, { ticketKeys: TicketKeys.load(home, Date.now()) });
  {
    await using tracker = await start();
    expect(await guest.visit(tracker.port)).toBe(false);
    expect(await guest.visit(tracker.port)).toBe(true);
  }
  await using tracker = await start();
  expect(await guest.visit(tracker.port)).toBe(true);
});

test('ticket keys that have served their time are replaced under a running tracker, and cost a handshake', async () => {
  const home = tempDir();
  const clock = new ManualClock();
  const guest = await Guest.make();
  const leftMs = 10_000;
  const ticketKeys = TicketKeys.load(home, Date.now() - ticketKeyLifeMs + leftMs);
  const before = ticketKeys.current;
  await using tracker = await TestTracker.start(home, { clock, ticketKeys });
  expect(await guest.visit(tracker.port)).toBe(false);
  expect(await guest.visit(tracker.port)).toBe(true);
  clock.advance(leftMs);
  await until('they are renewed', () => ticketKeys.current !== before);
  expect(await guest.visit(tracker.port)).toBe(false);
  expect(await guest.visit(tracker.port)).toBe(true);
});

test('searches are refused while its thread is late again and again, unless that is not to count', async () => {
  const home = tempDir();
  await using refusing = await TestTracker.start(home, { key: 'refusing', refusesWhenLate: true });
  await using other = await TestTracker.start(home, { key: 'other' });
  await using refused = await TestLink.start(home, [refusing.address], { home: 'refused' });
  await using served = await TestLink.start(home, [other.address], { home: 'served' });
  const search = { type: 'search', query: 'report', limit: 1 } as const;
  const gate = new Int32Array(new SharedArrayBuffer(4));
  await until('it is refused', async () => {
    Atomics.wait(gate, 0, 0, 2 * overloadLagMs.search);
    const answer = await refused.ask(search);
    return !answer.ok && answer.problem.code === 'busy';
  });
  expect(await served.ask(search)).toMatchObject({ ok: true });
});
