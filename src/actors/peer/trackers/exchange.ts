/**
 * What all exchanges with a tracker share: how they are driven, how they answer, and which sources of a reply are fit
 * to be believed. Invariant: addresses that leave here are IP literals with a port, and names hold nothing that could
 * move or turn text.
 */
import { isIP } from 'node:net';
import type { Source } from '../../../core/catalogue.ts';
import type { Problem, Result } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import type { TrackerReply, TrackerRequest } from '../../../protocol/tracker-messages.ts';
import type { ReplyTo } from '../../runtime/index.ts';

type Asked =
  | 'search'
  | 'find-name'
  | 'find-contents'
  | 'get-sources'
  | 'get-peers'
  | 'find-peer'
  | 'join'
  | 'count-peers'
  | 'call';
type Unnumbered<M> = M extends unknown ? Omit<M, 'requestId'> : never;
export type RequestBody = Unnumbered<Extract<TrackerRequest, { type: Asked }>>;

export interface Exchange {
  /** The next request, without its number. */
  request(): RequestBody;
  /** Takes one reply: `more` of this answer follows, ask `again` for the next part, or all is there. */
  take(reply: TrackerReply): 'more' | 'again' | 'done';
  /** Answers the asker with what has come. */
  finish(): void;
  fail(problem: Problem): void;
}

/** What all exchanges share: collecting, and answering the asker once. */
export abstract class Collecting<T, Answer> implements Exchange {
  protected readonly found: T[] = [];
  readonly #replyTo: ReplyTo<Result<Answer>>;

  constructor(replyTo: ReplyTo<Result<Answer>>) {
    this.#replyTo = replyTo;
  }

  abstract request(): RequestBody;
  abstract take(reply: TrackerReply): 'more' | 'again' | 'done';
  protected abstract answer(): Result<Answer>;

  finish(): void {
    this.#replyTo.reply(this.answer());
  }

  fail(problem: Problem): void {
    this.#replyTo.reply({ ok: false, problem });
  }
}

/** A source as it may be shown. */
export function sourceOf({ peer, name, host, port, reachable }: Source): Source {
  return { peer, name: displayName(name), host, port, ...(reachable !== undefined && { reachable }) };
}

/** A tracker that names anything but an address could make us look up names, or dial what is no peer. */
export const isAddress = ({ host, port }: Source): boolean => isIP(host) !== 0 && port > 0;
