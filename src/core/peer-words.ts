/**
 * Why a peer cannot be reached, or sends nothing, in words. Invariant: each sentence names the peer and stands alone,
 * without the full stop at its end; nothing of it is the system's own text.
 */
import { hostPort } from './host.ts';
import { fail, type Problem, type Result } from './result.ts';
import { displayName } from './safe-name.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A peer as sentences call it; `name` is what others say it is called. */
export const calledPeer = (name: string): string => displayName(name) || 'this peer';

/** It is asked for something, or dialled, and nothing comes. */
export const noAnswerOf = (them: string): Problem => ({
  code: 'timeout',
  message: `${them} does not answer`,
});

/** The same of all that are asked. */
export const noAnswerOfAll = (names: readonly string[]): Problem =>
  names.length > 1
    ? { code: 'timeout', message: `None of the ${names.length} peers that have it answers` }
    : noAnswerOf(calledPeer(names[0] ?? ''));

/** A connection is over, and nobody said why. */
export const lostLine = (name: string): Problem => ({
  code: 'closed',
  message: `The connection to ${calledPeer(name)} was lost`,
});

/** Why a dial failed, by what the system says: `timeout` where nobody answers, else `unreachable`. */
export function dialProblem(them: string, at: Place, error: Error): Result<never> {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') return { ok: false, problem: noAnswerOf(them) };
  const why = whyUnreachable[code] ?? (isOfTls(code) ? noneOfUs : `the connection failed (${code})`);
  return fail('unreachable', `${them} cannot be reached: ${why.replace('%', hostPort(at))}`);
}

/** Who answers at its address has another key. */
export const somebodyElse = (them: string, at: Place): string =>
  `${them} cannot be reached: another peer answers at ${hostPort(at)}`;

/** Why a connection that was made is over, by what the system says. */
export function brokenLine(them: string, error: Error): Problem {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') return noAnswerOf(them);
  const isCut = code === 'ECONNRESET' || code === 'EPIPE' || isOfTls(code);
  const how = isCut ? 'was cut off' : `broke (${code})`;
  return { code: 'closed', message: `The connection to ${them} ${how}` };
}

const noneOfUs = 'what listens at % does not speak this protocol';

/** With % for the address. */
const whyUnreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at %',
  ECONNRESET: 'who listens at % closed the connection',
  EPIPE: 'who listens at % closed the connection',
  EHOSTUNREACH: 'there is no way to %',
  ENETUNREACH: 'there is no way to the network of %',
  EADDRNOTAVAIL: 'there is no way to %',
  ENOTFOUND: 'there is no host of the name in %',
  EAI_AGAIN: 'the name in % could not be looked up',
  EPROTO: noneOfUs,
};

const isOfTls = (code: string): boolean => code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;
