/**
 * What one peer's requests mean: each becomes a question to the registry, and its answer the reply. Knows no
 * socket and no actor, only the port it is given. Invariant: one request is served at a time, and `served` is
 * called exactly once for each, unless the visit is ended; files that are added are served once the registry has them, and
 * whatever else is asked then waits for its answer, but for the commit behind them, whose reply does.
 */
import type { SharedFile, Source } from '../../core/catalogue.ts';
import { FileEntries } from '../../core/share/file-entries.ts';
import * as limits from '../../core/limits/tracker.ts';
import { maxFilesPerShare, usualFilesPerShare } from '../../core/limits/stores.ts';
import { maxRejectedPerCommit, maxSearchResults } from '../../core/limits/wire.ts';
import type { Result } from '../../core/result.ts';
import { bucketsOf, shareDigestBytes } from '../../core/share/share-digest.ts';
import type { EventOf } from '../../protocol/session-events.ts';
import type { TrackerMessageNamed, TrackerRequest } from '../../protocol/tracker-messages.ts';
import type { TrackerServerRequest } from '../../protocol/tracker-server-session.ts';
import type { ShareChange, ShareState } from '../../store/catalog-store.ts';
import { answerWith, done, Questions } from './questions.ts';
import { Ahead } from './ahead.ts';
import type { Stay } from './registry.ts';
import { errorReply } from './replies.ts';
import type { VisitArgs, VisitPort } from './visit-port.ts';

type Named<Name extends TrackerRequest['type']> = TrackerMessageNamed<Name>;
/** What a peer may say that is to be answered or acted on. */
export type Request = Exclude<EventOf<TrackerServerRequest>, { type: 'bye' | 'data' | 'data-end' }>;

const noFiles = FileEntries.of([]);
const nothing = (): void => {};
const emptyState: ShareState = { generation: 0, count: 0, digest: new Uint8Array(shareDigestBytes) };

export class Visit {
  readonly #port: VisitPort;
  readonly #args: VisitArgs;
  readonly #questions: Questions;
  /** Whether others get through to it, where it has said that it serves. */
  isReachable: boolean | undefined;
  #stay: Stay | undefined;
  #name = '';
  #servesAt = 0;
  #hasPermit = false;
  /** Changes since the last commit that nobody had permitted. */
  #unpermitted = 0;
  #rejected: { path: string; code: string }[] = [];
  readonly #ahead = new Ahead();

  constructor(port: VisitPort, args: VisitArgs) {
    this.#port = port;
    this.#args = args;
    this.#questions = new Questions(port, args.admission, (at) => this.#sourceAt(at));
  }

  serve(request: Request): void {
    if (request.type === 'add') return this.#add(request.files);
    if (request.type === 'commit') return this.#commit(request);
    // The rest of what is asked of a share is asked of what it is by then.
    this.#ahead.whenNone(() => this.#serve(request));
  }

  #serve(request: Exclude<Request, { type: 'add' | 'commit' }>): void {
    switch (request.type) {
      case 'hello':
        return this.#hello(request);
      case 'sync':
        return this.#sync(request);
      case 'drop-buckets':
        return this.#dropBuckets(bucketsOf(request.bitmap));
      case 'remove':
        return this.#remove(request.files);
      case 'search':
      case 'find-name':
      case 'find-contents':
      case 'get-sources':
      case 'get-peers':
      case 'find-peer':
      case 'join':
      case 'count-peers':
      case 'call':
        return this.#questions.ask(request);
      case 'leave':
        this.#port.leave(request.ids);
        return this.#port.served();
      case 'error':
        return this.#port.served();
    }
  }

  #hello({ name, port }: Named<'hello'>): void {
    const { peer, host } = this.#args;
    this.#name = name;
    this.#servesAt = port;
    if (name === '') return this.#welcome('', emptyState, undefined);
    if (port === 0)
      return this.#port.refuse({ code: 'bad-request', message: 'A peer that shares has a port' });
    const arrival = { peer, name, host, port };
    const stay = { peer, session: this.#args.session };
    this.#port.attach(arrival, (answer) => {
      if (answer.ok) {
        this.#welcome(name, answer.value, stay);
        if (answer.value.count > 0) this.#port.announceReturn(arrival);
      } else this.#port.refuse(answer.problem, answer.problem.suggestion);
    });
  }

  #welcome(name: string, state: ShareState, stay: Stay | undefined): void {
    const { host, heartbeatMs } = this.#args;
    this.#stay = stay;
    this.#port.arrived();
    this.#port.accept({
      name,
      ...state,
      heartbeatMs,
      observedHost: host,
      maxFiles: maxFilesPerShare,
      maxResults: maxSearchResults,
      usualFiles: usualFilesPerShare,
    });
    this.#port.served();
  }

  #sync({ requestId, generation, count, digest }: Named<'sync'>): void {
    this.#change(limits.compareCost, (stay) => {
      // Equal states are what a commit asks for, so it tells whether they are.
      this.#port.ask({ type: 'commit', stay, state: { generation, count, digest } }, (answer) => {
        if (answer.ok) done(this.#port, { type: 'in-sync', requestId });
        else if (answer.problem.code === 'stale')
          this.#permitted(requestId, () => this.#compare(requestId, stay));
        // A store that is away for a while is no reason to come in anew.
        else if (answer.problem.code === 'busy')
          done(this.#port, errorReply(requestId, answer.problem, '', limits.maxUnaskedWaitMs));
        else this.#port.refuse(answer.problem);
      });
    });
  }

  /** What differs is about to be sent: not by all at once. */
  #permitted(requestId: number, then: () => void): void {
    if (this.#hasPermit) return then();
    this.#port.permit((permission) => {
      this.#hasPermit = permission.isGiven;
      if (permission.isGiven) return then();
      const problem = { code: 'busy', message: 'The tracker is taking in other shares; ask again' } as const;
      done(this.#port, errorReply(requestId, problem, '', permission.retryAfterMs));
    });
  }

  /** Who sends much without having asked is not read any further until there is time for it. */
  #admitted(changes: number, then: () => void): void {
    if (this.#hasPermit || this.#unpermitted + changes <= limits.maxUnpermittedChanges) {
      this.#unpermitted += changes;
      return then();
    }
    this.#port.permit((permission) => {
      this.#hasPermit = permission.isGiven;
      if (permission.isGiven) return then();
      const waitMs = Math.min(permission.retryAfterMs, limits.maxUnaskedWaitMs);
      this.#port.later(() => this.#admitted(changes, then), waitMs);
    });
  }

  #compare(requestId: number, stay: Stay): void {
    this.#port.ask({ type: 'bucket-digests', stay }, (answer) => {
      if (answer.ok) done(this.#port, { type: 'buckets', requestId, digests: answer.value });
      else this.#port.refuse(answer.problem);
    });
  }

  #dropBuckets(buckets: readonly number[]): void {
    this.#change(limits.dropBucketsCost, (stay) => {
      this.#port.ask({ type: 'drop-buckets', stay, buckets }, (answer) => this.#applied(answer));
    });
  }

  /**
   * Serves the next request when the registry has been asked, not when it has answered, while there is room for that. Files
   * that it had no time for are put again, and may be taken after those behind them: no file depends on another, and
   * whatever else may be asked waits for all of them. Which of two sizes is kept that a peer claims for one content at one
   * path, its commit tells.
   */
  #add(files: FileEntries): void {
    const bytes = files.bytes.length;
    this.#admitted(files.count, () =>
      this.#change(1 + files.count, (stay) => {
        this.#ahead.began(bytes);
        const asked = (): void => this.#ahead.whenRoom(() => this.#port.served());
        this.#port.apply(stay, files, [], asked, (answer) => {
          if (!answer.ok) return this.#port.refuse(answer.problem);
          this.#note(answer.value.rejected, files);
          this.#port.announceShared(this.#sourceAt(this.#servesAt), files);
          this.#ahead.ended(bytes);
        });
      }),
    );
  }

  #remove(files: readonly Pick<SharedFile, 'id' | 'path'>[]): void {
    this.#admitted(files.length, () =>
      this.#change(1 + files.length, (stay) => {
        this.#port.apply(stay, noFiles, files, nothing, (answer) => this.#applied(answer));
      }),
    );
  }

  #note(rejected: ShareChange['rejected'], adds: FileEntries): void {
    for (const { index, problem } of rejected)
      if (index < adds.count && this.#rejected.length < maxRejectedPerCommit)
        this.#rejected.push({ path: adds.path(index), code: problem.code });
  }

  #commit({ requestId, ...state }: Named<'commit'>): void {
    this.#change(limits.compareCost, (stay) => {
      this.#askToCommit(stay, state, (answer) => {
        if (!answer.ok && answer.problem.code === 'closed') return this.#port.refuse(answer.problem);
        if (answer.ok) this.#release();
        const rejected = this.#rejected;
        this.#rejected = [];
        answerWith(this.#port, requestId, answer, ({ generation, count }) => [
          { type: 'committed', requestId, generation, count, rejected },
        ]);
      });
    });
  }

  /** `then` is called when what was added before is answered too. */
  #askToCommit(stay: Stay, state: ShareState, then: (answer: Result<ShareState>) => void): void {
    const isEarly = this.#ahead.count > 0;
    this.#port.ask({ type: 'commit', stay, state }, (answer) =>
      this.#ahead.whenNone(() => {
        // It has overtaken files that the registry could not take at first.
        if (isEarly && !answer.ok && answer.problem.code === 'stale') this.#askToCommit(stay, state, then);
        else then(answer);
      }),
    );
  }

  /** All that was to be sent is there. */
  #release(): void {
    this.#unpermitted = 0;
    if (!this.#hasPermit) return;
    this.#hasPermit = false;
    this.#port.release();
  }

  #sourceAt(port: number): Source {
    const reachable = port === this.#servesAt ? this.isReachable : undefined;
    return { peer: this.#args.peer, name: this.#name, host: this.#args.host, port, reachable };
  }

  /** Does what only a listed peer may do; a guest is told so and left. */
  #asPeer(work: (stay: Stay) => void): void {
    if (this.#stay === undefined)
      this.#port.refuse({ code: 'bad-request', message: 'A guest has no share to speak of' });
    else work(this.#stay);
  }

  /** Does a change once the host's allowance has room for it: until then its next requests wait. */
  #change(cost: number, work: (stay: Stay) => void): void {
    if (this.#args.admission.change(cost, this.#port.nowMs())) this.#asPeer(work);
    else this.#port.later(() => this.#change(cost, work));
  }

  /** Changes have no answer of their own: one that fails for good ends the connection. */
  #applied(answer: Result<unknown>): void {
    if (answer.ok) this.#port.served();
    else this.#port.refuse(answer.problem);
  }
}
