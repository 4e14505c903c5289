import { once } from 'node:events';
import { appendFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { dialTracker } from '../../../../src/actors/peer/trackers/tracker-dial.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { loadIdentity, type Identity } from '../../../../src/identity/identity.ts';
import { remotePeerId, tlsOptions } from '../../../../src/identity/tls.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

let tracker: Identity;
let other: Identity;
let alice: Identity;
let bob: Identity;

async function newIdentity(): Promise<Identity> {
  const loaded = await loadIdentity(tempDir());
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.value;
}

beforeAll(async () => {
  [tracker, other, alice, bob] = (await Promise.all([1, 2, 3, 4].map(newIdentity))) as [
    Identity,
    Identity,
    Identity,
    Identity,
  ];
});

/** Whom a tracker let in, and whether it knew them by their session. */
interface Guest {
  readonly id: PeerId | undefined;
  readonly isResumed: boolean;
}

const keys = (fill: number): Uint8Array => new Uint8Array(48).fill(fill);

class Door implements AsyncDisposable {
  readonly guests: Guest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(identity: Identity, ticketKeys: Uint8Array) {
    this.#server = createServer({ pauseOnConnect: true }, (raw) => {
      raw.on('error', () => undefined);
      const socket = new TLSSocket(raw, { isServer: true, ...tlsOptions(identity, 'tracker', ticketKeys) });
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('secure', () => {
        const id = remotePeerId(socket);
        this.guests.push({ id: id.ok ? id.value : undefined, isResumed: socket.isSessionReused() });
        // What is given for the next time comes before it.
        socket.write('hello');
      });
    });
  }

  static async open(identity: Identity, ticketKeys: Uint8Array, port = 0): Promise<Door> {
    const door = new Door(identity, ticketKeys);
    door.#server.listen(port, '127.0.0.1');
    await once(door.#server, 'listening');
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

let home: string;
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Who is there, by the code of the problem where that cannot be said. */
async function visit(port: number, as: Identity, expected?: PeerId): Promise<PeerId | string> {
  const to = { host: '127.0.0.1', port, ...(expected && { id: expected }) };
  const { socket, proven } = dialTracker(home, to, tlsOptions(as, 'tracker'));
  const outcome = await proven;
  if (!socket.destroyed) await once(socket, 'data');
  socket.destroy();
  return outcome.ok ? outcome.value : outcome.problem.code;
}

describe('a peer that dials a tracker again', () => {
  test('resumes its session, and both know each other as before', async () => {
    home = tempDir();
    await using door = await Door.open(tracker, keys(1));
    for (let time = 0; time < 3; time++) expect(await visit(door.port, alice)).toBe(tracker.id);
    expect(door.guests).toEqual([
      { id: alice.id, isResumed: false },
      { id: alice.id, isResumed: true },
      { id: alice.id, isResumed: true },
    ]);
  });

  test('resumes nothing where another key has taken over the secrets: that one is told apart', async () => {
    home = tempDir();
    const before = await Door.open(tracker, keys(1));
    const { port } = before;
    expect(await visit(port, alice)).toBe(tracker.id);
    await before[Symbol.asyncDispose]();
    await using door = await Door.open(other, keys(1), port);
    expect(await visit(port, alice)).toBe('key-changed');
    expect(door.guests).toEqual([{ id: alice.id, isResumed: false }]);
  });

  test('resumes it at a tracker that was restarted with the same secrets, and not there for a while', async () => {
    home = tempDir();
    const before = await Door.open(tracker, keys(1));
    const { port } = before;
    await visit(port, alice);
    await before[Symbol.asyncDispose]();
    for (let time = 0; time < 2; time++) expect(await visit(port, alice)).toBe('unreachable');
    await using after = await Door.open(tracker, keys(1), port);
    expect(await visit(port, alice)).toBe(tracker.id);
    expect(after.guests).toEqual([{ id: alice.id, isResumed: true }]);
  });

  test('begins anew with a tracker that has forgotten it', async () => {
    home = tempDir();
    const before = await Door.open(tracker, keys(1));
    const { port } = before;
    await visit(port, alice);
    await before[Symbol.asyncDispose]();
    await using after = await Door.open(tracker, keys(2), port);
    expect(await visit(port, alice)).toBe(tracker.id);
    expect(await visit(port, alice)).toBe(tracker.id);
    expect(after.guests.map(({ isResumed }) => isResumed)).toEqual([false, true]);
  });

  test('finds out when another is there now', async () => {
    home = tempDir();
    const before = await Door.open(tracker, keys(1));
    const { port } = before;
    await visit(port, alice);
    await before[Symbol.asyncDispose]();
    await using after = await Door.open(other, keys(2), port);
    expect(await visit(port, alice)).toBe('key-changed');
    expect(after.guests).toEqual([{ id: alice.id, isResumed: false }]);
  });

  test('takes a resumed session for the tracker that began it, and for no other', async () => {
    home = tempDir();
    await using door = await Door.open(tracker, keys(1));
    await visit(door.port, alice);
    expect(await visit(door.port, alice, other.id)).toBe('key-changed');
    rmSync(join(home, 'known_trackers'));
    appendFileSync(join(home, 'known_trackers'), `127.0.0.1:${door.port} ${other.id}\n`);
    expect(await visit(door.port, alice)).toBe('key-changed');
    expect(door.guests.map(({ isResumed }) => isResumed)).toEqual([false, true, true]);
  });

  test('does not lend its session to another identity', async () => {
    home = tempDir();
    await using door = await Door.open(tracker, keys(1));
    await visit(door.port, alice);
    expect(await visit(door.port, bob)).toBe(tracker.id);
    expect(door.guests.at(-1)).toEqual({ id: bob.id, isResumed: false });
  });
});
