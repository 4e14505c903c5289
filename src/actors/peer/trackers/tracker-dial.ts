/**
 * Dials a tracker: TCP, TLS with our own key, and the check of the tracker's key against the one seen first.
 * Invariant: `proven` settles once, in bounded time, and is good only for a tracker that may be at that address.
 */
import { connect, type TLSSocket } from 'node:tls';
import type { PeerId } from '../../../core/ids.ts';
import { trackerDialTimeoutMs } from '../../../core/limits/tracker-link.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { unreachableTracker } from '../../../core/tracker/tracker-words.ts';
import { checkTracker } from '../../../identity/known-trackers.ts';
import { remotePeerId, type TlsOptions } from '../../../identity/tls.ts';
import type { TrackerChoice } from './tracker-choices.ts';
import { trackerSessionsOf } from './tracker-sessions.ts';

export interface TrackerDial {
  readonly to: TrackerChoice;
  /** Ours to destroy, from the start. Errors are heard; nothing has been read. */
  readonly socket: TLSSocket;
  /** Who it is. Problems: `unreachable`, `key-changed`, `unauthorised`, `io`, each saying what to do. */
  readonly proven: Promise<Result<PeerId>>;
}

/** `home` is where the keys of known trackers are kept. */
export function dialTracker(home: string, to: TrackerChoice, tls: TlsOptions): TrackerDial {
  const sessions = trackerSessionsOf(tls);
  const kept = sessions.find(to);
  const socket = connect({ ...tls, host: to.host, port: to.port, ...(kept && { session: kept.session }) });
  socket.setNoDelay(true);
  // Whatever goes wrong from then on may be its fault: the next attempt begins without it. While nobody listens, as
  // between the end of a tracker and its next start, it has done nothing.
  socket.once('connect', () => sessions.forget(to));
  const identify = (): Result<PeerId> => {
    const isResumed = kept !== undefined && socket.isSessionReused();
    const id = isResumed ? ok(kept.id) : remotePeerId(socket);
    if (isResumed) sessions.keep(to, kept);
    if (id.ok) sessions.collect(socket, to, id.value);
    return id;
  };
  return { to, socket, proven: prove(socket, home, to, identify) };
}

async function prove(
  socket: TLSSocket,
  home: string,
  to: TrackerChoice,
  identify: () => Result<PeerId>,
): Promise<Result<PeerId>> {
  const failure = await secured(socket);
  if (failure !== undefined) return fail('unreachable', unreachableTracker(to, failure));
  const id = identify();
  if (!id.ok) return id;
  const known = await checkTracker(home, to, id.value, to.id);
  return known.ok ? ok(id.value) : known;
}

/** Resolves when the handshake is done, or with why it is not. */
function secured(socket: TLSSocket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let why = shutOut;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = reasons[error.code ?? ''] ?? error.message;
    });
    socket.once('close', () => resolve(why));
    socket.setTimeout(trackerDialTimeoutMs, () => {
      why = 'it does not answer';
      socket.destroy();
    });
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      resolve(undefined);
    });
  });
}

/** A tracker that lets an address in no more, or nobody, says no word. */
const shutOut = 'it closed the connection: it may be full, or not let this address in';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: shutOut,
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'it does not answer',
};
