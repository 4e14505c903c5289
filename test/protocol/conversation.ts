/** Two ends of a conversation in memory, for tests: who says what, and what the other makes of it. */
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import { PeerSession } from '../../src/protocol/peer-session.ts';
import type { EventOf } from '../../src/protocol/session-events.ts';
import { TrackerClientSession } from '../../src/protocol/tracker-client-session.ts';
import { TrackerServerSession, type Welcome } from '../../src/protocol/tracker-server-session.ts';

export const heartbeatMs = 30_000;
export const leaseMs = 90_000;

export const welcome: Welcome = {
  name: 'anna',
  generation: 0,
  count: 0,
  digest: new Uint8Array(16),
  heartbeatMs,
  observedHost: '192.0.2.7',
  maxFiles: 1000,
  maxResults: 200,
};

/** What a test needs of any session. */
export interface AnySession {
  receive(bytes: Uint8Array, nowMs: number): void;
  next(): EventOf<{ readonly type: string }> | undefined;
  takeOutput(): Uint8Array | undefined;
}

/** The events of `bytes`, in chunks of `size`; data is copied, as it does not outlive its chunk. */
export function hear<S extends AnySession>(
  session: S,
  bytes: Uint8Array | undefined,
  nowMs = 0,
  size = Infinity,
): NonNullable<ReturnType<S['next']>>[] {
  const events: NonNullable<ReturnType<S['next']>>[] = [];
  const all = bytes ?? new Uint8Array(0);
  for (let at = 0; at < all.length; at += size) {
    const chunk = all.slice(at, Math.min(at + size, all.length));
    session.receive(chunk, nowMs);
    for (let event = session.next(); event; event = session.next())
      events.push(('bytes' in event ? { ...event, bytes: event.bytes.slice() } : event) as never);
    chunk.fill(0xff);
  }
  return events;
}

/** The code with which the session refuses these bytes, or undefined when it does not. */
export function refusal(session: AnySession, bytes: Uint8Array, nowMs = 0): string | undefined {
  try {
    hear(session, bytes, nowMs);
    return undefined;
  } catch (error) {
    if (error instanceof RemoteProtocolError) return error.code;
    throw error;
  }
}

export function trackerPair(nowMs = 0): { client: TrackerClientSession; server: TrackerServerSession } {
  const client = new TrackerClientSession({
    name: 'anna',
    port: 4000,
    agent: 'test',
    nowMs,
    random: () => 0.5,
  });
  const server = new TrackerServerSession({ nowMs, leaseMs });
  hear(server, client.takeOutput(), nowMs);
  hear(client, server.accept(welcome), nowMs);
  return { client, server };
}

export function newPeer(role: 'dialer' | 'listener', nowMs = 0): PeerSession {
  return new PeerSession({ role, name: role, agent: 'test', nowMs });
}

export function peerPair(nowMs = 0): { dialer: PeerSession; listener: PeerSession } {
  const dialer = newPeer('dialer', nowMs);
  const listener = newPeer('listener', nowMs);
  hear(listener, dialer.takeOutput(), nowMs);
  hear(dialer, listener.takeOutput(), nowMs);
  return { dialer, listener };
}

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
