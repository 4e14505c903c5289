/**
 * How a connection begins, on either side: with the TLS handshake, or, where both sides do without encryption,
 * with a plain greeting. Has an end within a time: the other side is known, or there is a problem that says
 * which side is to change what.
 */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket, type ConnectionOptions } from 'node:tls';
import type { PeerId } from '../../core/ids.ts';
import { connectTimeoutMs, tlsTimeoutMs } from '../../core/limits/connections.ts';
import { calledPeer, dialProblem, noAnswerOf, somebodyElse } from '../../core/peer-words.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { TlsSessions } from '../../identity/tls-sessions.ts';
import { remotePeerId, tlsOptions, verifyExpected } from '../../identity/tls.ts';
import {
  decodePlainGreeting,
  encodePlainGreeting,
  plainGreetingBytes,
  tlsAlertByte,
  tlsHandshakeByte,
  tlsRefusal,
} from '../../protocol/plain-greeting.ts';
import type { FetchInput, Introduction } from '../transfer-contract.ts';
import { handshake } from './handshake.ts';
import type { Intake } from './fetch/intake.ts';

/** A connection that has begun, or is about to. */
export interface Greeting {
  readonly socket: Socket;
  /** Who is there. With a problem the socket is destroyed. */
  readonly remote: Promise<Result<PeerId>>;
}

const weEncrypt = fail(
  'version',
  'The other side does without encryption and we do not: use --insecure here too, or leave it out there',
);
const weDoNot = fail(
  'version',
  'The other side encrypts and we do not: leave out --insecure here, or use it there too',
);
const unknown = fail('protocol', 'The other side does not speak this protocol');

/** What Node calls the alert that refuses us for encrypting. */
const refusedForEncrypting = 'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY';

type Dial = Pick<FetchInput, 'host' | 'tcpPort' | 'peer' | 'me'> & Partial<Pick<FetchInput, 'name'>>;

const sessions = new TlsSessions();

/** Without encryption the id is only what the other side says. Each problem names it. */
export function dial(to: Dial, intake: Intake): Greeting {
  const { host, tcpPort: port, name = '' } = to;
  const them = calledPeer(name);
  const fails = (error: Error): Result<PeerId> => dialProblem(them, { host, port }, error);
  const { socket, remote } = begin(to, intake, fails);
  const named = remote.then((outcome): Result<PeerId> => {
    if (outcome.ok) return outcome;
    const { code } = outcome.problem;
    if (code === 'timeout') return { ok: false, problem: noAnswerOf(them) };
    if (code === 'closed') return fail(code, `${them} closed the connection before it was made`);
    if (code === 'unauthorised') return fail(code, somebodyElse(them, { host, port }));
    return outcome;
  });
  return { socket, remote: named };
}

type Explain = (error: Error) => Result<PeerId>;

function begin({ host, tcpPort: port, peer, me }: Dial, intake: Intake, fails: Explain): Greeting {
  const { onread } = intake;
  if (me.insecure) {
    const socket = connectPlain({ host, port, onread, noDelay: true });
    const proved = (async () => {
      socket.write(encodePlainGreeting(me.identity.id));
      const first = await intake.first(plainGreetingBytes, (byte) => byte === tlsAlertByte);
      if (first[0] === tlsAlertByte) return weDoNot;
      const remote = decodePlainGreeting(first);
      if (!remote) return unknown;
      return remote === peer ? ok(remote) : fail('unauthorised', `The other side is ${remote}, not ${peer}`);
    })();
    const remote = handshake(socket, connectTimeoutMs, (settle) => void proved.then(settle), fails);
    return { socket, remote };
  }
  const { id } = me.identity;
  const session = sessions.find(id, peer);
  const options: ConnectionOptions & { readonly onread: Intake['onread'] } = {
    host,
    port,
    ...tlsOptions(me.identity, 'peer'),
    checkServerIdentity: () => undefined,
    onread,
    ...(session && { session }),
  };
  const socket = connectTls(options);
  // Only the peer that was proved when the session began can go on with it.
  const prove = (): Result<PeerId> => {
    const proved = socket.isSessionReused() ? ok(peer) : verifyExpected(socket, peer);
    if (proved.ok) sessions.collect(socket, id, peer);
    return proved;
  };
  const explain = (error: Error): Result<PeerId> => {
    sessions.forget(id, peer);
    return hasCode(error, refusedForEncrypting) ? weEncrypt : fails(error);
  };
  const secured = (settle: (outcome: Result<PeerId>) => void): void =>
    void socket.once('secureConnect', () => settle(prove()));
  return { socket, remote: handshake(socket, connectTimeoutMs, secured, explain) };
}

/** Takes in a connection that nothing was read from. */
export function accept(socket: Socket, me: Introduction): Greeting {
  if (!me.insecure) {
    const tls = new TLSSocket(socket, { isServer: true, ...tlsOptions(me.identity, 'peer', me.ticketKeys) });
    const remote = handshake(tls, tlsTimeoutMs, (settle) =>
      tls.once('secure', () => settle(remotePeerId(tls))),
    );
    return { socket: tls, remote };
  }
  const remote = handshake(socket, tlsTimeoutMs, (settle) => {
    const look = (): void => {
      const first = socket.read(plainGreetingBytes) as Buffer | null;
      if (!first) return;
      socket.off('readable', look);
      const visitor = decodePlainGreeting(first);
      if (visitor) socket.write(encodePlainGreeting(me.identity.id));
      else if (first[0] === tlsHandshakeByte) socket.end(tlsRefusal);
      settle(visitor ? ok(visitor) : first[0] === tlsHandshakeByte ? weDoNot : unknown);
    };
    socket.on('readable', look);
    look();
  });
  return { socket, remote };
}

function hasCode(error: Error, code: string): boolean {
  return 'code' in error && error.code === code;
}
