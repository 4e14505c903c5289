/**
 * The two ways a conversation breaks: the remote did what the protocol forbids (expected in the wild: close
 * and note it against the peer), or we did (a fault of ours). Codes are stable; messages are for people.
 */
import type { Problem, ProblemCode } from '../core/result.ts';

/** Every way in which a remote can break the protocol. */
export type RemoteErrorCode =
  /** A length of 0, or above the limit for the state or the message type. */
  | 'frame-length'
  /** The body is not the msgpack we speak: maps, extensions, depth, counts, bad UTF-8, bytes left over. */
  | 'malformed'
  /** A message of a known type lacks a field or has a wrong one. */
  | 'bad-field'
  /** The type may not come from this side, or not in this state. */
  | 'unexpected'
  /** An answer or data that nobody asked for. */
  | 'unsolicited'
  /** More outstanding requests than allowed, or a request id that is in use. */
  | 'too-many-requests'
  /** It makes us queue more automatic answers than it reads. */
  | 'flood'
  /** No protocol version in common. */
  | 'version'
  /** It did not speak, or did not finish speaking, in time. */
  | 'timeout';

/** Thrown by sessions and codecs when the remote broke the protocol: send what `takeOutput` holds, then close. */
export class RemoteProtocolError extends Error {
  readonly code: RemoteErrorCode;

  constructor(code: RemoteErrorCode, message: string) {
    super(message);
    this.name = 'RemoteProtocolError';
    this.code = code;
  }
}

/** Thrown when our own code asks for what the protocol forbids. */
export class LocalProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LocalProtocolError';
  }
}

const problemCodes: Readonly<Record<ProblemCode, true>> = {
  'bad-request': true,
  'bad-name': true,
  'name-taken': true,
  'not-found': true,
  ambiguous: true,
  'not-shared': true,
  stale: true,
  busy: true,
  limit: true,
  unauthorised: true,
  'key-changed': true,
  version: true,
  unreachable: true,
  timeout: true,
  closed: true,
  cancelled: true,
  'piece-mismatch': true,
  protocol: true,
  'disk-full': true,
  io: true,
  internal: true,
};

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemCodes, code);

/** An `error` message as a problem; a code we do not know (a newer peer's) becomes `protocol`. */
export function problemOf(error: { readonly code: string; readonly message: string }): Problem {
  return { code: isProblemCode(error.code) ? error.code : 'protocol', message: error.message };
}

/** What the remote is told before the connection is closed over it. */
export function wireCodeOf(code: RemoteErrorCode): ProblemCode {
  switch (code) {
    case 'version':
    case 'timeout':
      return code;
    case 'too-many-requests':
    case 'flood':
      return 'limit';
    case 'frame-length':
    case 'malformed':
    case 'bad-field':
    case 'unexpected':
    case 'unsolicited':
      return 'protocol';
  }
}
