/**
 * What a peer asks about others: each question is let in or refused, looked up, and answered. Changes nothing of what is
 * shared. Invariant: each question is answered once, whatever comes of it.
 */
import type { Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import type { Result } from '../../core/result.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { TrackerMessageNamed, TrackerReply, TrackerRequest } from '../../protocol/tracker-messages.ts';
import type { Admission, Refused } from './admission.ts';
import {
  errorReply,
  foundPeerReply,
  joinedReply,
  peersReply,
  resultsReplies,
  sourcesReply,
} from './replies.ts';
import type { VisitPort } from './visit-port.ts';

/** Of several names, either. */
type Named<Name extends TrackerRequest['type']> = Name extends unknown ? TrackerMessageNamed<Name> : never;
type LookUp = Named<'find-contents' | 'get-sources' | 'get-peers' | 'find-peer' | 'join' | 'count-peers'>;
type Reply = Sendable<TrackerReply>;

export class Questions {
  readonly #port: VisitPort;
  readonly #admission: Admission;
  readonly #sourceAt: (port: number) => Source;

  /** `sourceAt`: the peer itself, as one that serves at a port. */
  constructor(port: VisitPort, admission: Admission, sourceAt: (port: number) => Source) {
    this.#port = port;
    this.#admission = admission;
    this.#sourceAt = sourceAt;
  }

  ask(request: Named<'search' | 'find-name' | 'call'> | LookUp): void {
    switch (request.type) {
      case 'search':
      case 'find-name':
        return this.#search(request);
      case 'call':
        return this.#call(request);
      case 'find-contents':
      case 'get-sources':
      case 'get-peers':
      case 'find-peer':
      case 'join':
      case 'count-peers':
        return this.#lookUp(request);
    }
  }

  #search(request: Named<'search' | 'find-name'>): void {
    const { requestId } = request;
    const nowMs = this.#port.nowMs();
    const refused =
      request.type === 'search'
        ? this.#admission.search(request.query, nowMs)
        : this.#admission.findName(nowMs);
    if (refused) return this.#slowDown(requestId, refused);
    const { requestId: _, ...question } = request;
    this.#port.lookUp(question, (answer) =>
      answerWith(this.#port, requestId, answer, (page) => resultsReplies(requestId, page)),
    );
  }

  #lookUp(request: LookUp): void {
    const { requestId } = request;
    const contents = 'ids' in request ? request.ids.length : 1;
    const refused = this.#admission.lookUp(this.#port.nowMs(), contents);
    if (refused) return this.#slowDown(requestId, refused);
    switch (request.type) {
      case 'find-contents':
        this.#port.lookUp({ type: 'find-contents', ids: request.ids }, (answer) =>
          answerWith(this.#port, requestId, answer, (page) => resultsReplies(requestId, page)),
        );
        return;
      case 'get-sources':
        this.#port.lookUp(this.#holders(request.ids, request.perId), (answer) =>
          answerWith(this.#port, requestId, answer, (contents) => [sourcesReply(requestId, contents)]),
        );
        return;
      case 'get-peers':
        this.#port.lookUp({ type: 'peers', cursor: request.cursor, limit: request.limit }, (answer) =>
          answerWith(this.#port, requestId, answer, (page) => [peersReply(requestId, page)]),
        );
        return;
      case 'find-peer':
        this.#port.lookUp({ type: 'find-peer', peer: request.peer }, (answer) =>
          answerWith(this.#port, requestId, answer, (found) => [foundPeerReply(requestId, found)]),
        );
        return;
      case 'count-peers':
        this.#port.ask({ type: 'count-peers' }, (answer) =>
          answerWith(this.#port, requestId, answer, (online) => [{ type: 'peer-count', requestId, online }]),
        );
        return;
      case 'join':
        return this.#join(request);
    }
  }

  /** First who shares it, then who downloads it too. */
  #join({ requestId, ids, port, perId }: Named<'join'>): void {
    this.#port.lookUp(this.#holders(ids, perId), (answer) => {
      if (!answer.ok) return done(this.#port, errorReply(requestId, answer.problem));
      const contents = answer.value;
      const lonely = contents.filter(({ sources }) => sources.length === 0).map(({ id }) => id);
      this.#port.join({ source: this.#sourceAt(port), ids, lonely, perId }, (partial) =>
        done(this.#port, joinedReply(requestId, contents, partial)),
      );
    });
  }

  /** Who asks again hears of others, where there are more than are told at once. */
  #holders(ids: readonly ContentId[], perContent: number) {
    return { type: 'holders', ids, perContent, turn: this.#port.random() } as const;
  }

  #call({ requestId, peer, port, token }: Named<'call'>): void {
    const refused = this.#admission.lookUp(this.#port.nowMs());
    if (refused) return this.#slowDown(requestId, refused);
    this.#port.call({ caller: this.#sourceAt(port), peer, token }, (answer) =>
      answerWith(this.#port, requestId, answer, () => [{ type: 'calling', requestId }]),
    );
  }

  #slowDown(requestId: number, { problem, retryAfterMs }: Refused): void {
    done(this.#port, errorReply(requestId, problem, '', retryAfterMs));
  }
}

/** Answers a request with what came of it: the last of the replies ends it. */
export function answerWith<T>(
  port: VisitPort,
  requestId: number,
  answer: Result<T>,
  replies: (value: T) => readonly Reply[],
): void {
  if (answer.ok) for (const reply of replies(answer.value)) port.reply(reply);
  else port.reply(errorReply(requestId, answer.problem));
  port.served();
}

/** Ends a request with its only reply. */
export function done(port: VisitPort, reply: Reply): void {
  port.reply(reply);
  port.served();
}
