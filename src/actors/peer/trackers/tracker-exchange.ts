/**
 * One question to one tracker as requests and answers: what to ask next, what the answers add up to, and which
 * parts of them are fit to be believed. Pure. Invariant: what is collected is bounded; see also exchange.ts.
 */
import type { PeerFindings, PeerSummary, Source } from '../../../core/catalogue.ts';
import type { ContentId } from '../../../core/ids.ts';
import * as limits from '../../../core/limits/wire.ts';
import { maxListedPeers } from '../../../core/limits/tracker-link.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import type { ContentSources, TrackerReply } from '../../../protocol/tracker-messages.ts';
import type { ReplyTo } from '../../runtime/index.ts';
import { Collecting, isAddress, sourceOf, type Exchange, type RequestBody } from './exchange.ts';
import { ContentsExchange, NameExchange, SearchExchange } from './results-exchange.ts';
import type { TrackerLine } from './tracker-line.ts';
import type { CallAnswer, FoundSources, TrackerQuestion } from './trackers-messages.ts';

/** What one tracker does for us, and how we take part in swarms by way of it. */
export interface Swarming {
  /** What it understands beyond what any does; undefined without a connection. */
  readonly knows: Pick<TrackerLine, 'isSwarming' | 'isFinding'> | undefined;
  /** Where we serve; undefined as long as we do not. */
  readonly port: number | undefined;
  /** Whether the tracker gets through to us there, as far as it has said. */
  readonly isReachable: boolean | undefined;
}

export type LinkQuestion = Exclude<TrackerQuestion, { readonly type: 'unfollow' }>;

/** `swarming` is looked at when a question is put. */
export function exchangeOf(question: LinkQuestion, swarming: () => Swarming): Exchange {
  switch (question.type) {
    case 'search':
      return new SearchExchange(question);
    case 'find-name':
      return new NameExchange(question.replyTo, question.name);
    case 'find-contents':
      return new ContentsExchange(question.replyTo, question.ids, () => swarming().knows?.isFinding === true);
    case 'sources':
      return new SourcesExchange(question.replyTo, question.ids);
    case 'swarm':
      return new SwarmExchange(question.replyTo, question.id, () => {
        const { knows, port = 0 } = swarming();
        return knows?.isSwarming === true ? { port: question.isServed ? port : 0 } : undefined;
      });
    case 'peers':
      return new PeersExchange(question.replyTo);
    case 'find-peer':
      return new FindPeerExchange(question.replyTo, question.peer);
    case 'call':
      return new CallExchange(question, swarming);
  }
}

class SourcesExchange extends Collecting<FoundSources, readonly FoundSources[]> {
  readonly #ids: readonly ContentId[];
  #asked = 0;

  constructor(replyTo: ReplyTo<Result<readonly FoundSources[]>>, ids: readonly ContentId[]) {
    super(replyTo);
    this.#ids = ids;
  }

  request(): RequestBody {
    const ids = this.#ids.slice(this.#asked, this.#asked + limits.maxIdsPerGetSources);
    return { type: 'get-sources', ids, perId: limits.maxSourcesPerContent };
  }

  take(reply: TrackerReply): 'again' | 'done' {
    if (reply.type !== 'sources') return 'done';
    const answers = new Map(reply.contents.map((content) => [content.id, content]));
    const next = Math.min(this.#ids.length, this.#asked + limits.maxIdsPerGetSources);
    for (const id of this.#ids.slice(this.#asked, next)) {
      const sources = answers.get(id)?.sources.filter(isAddress).map(sourceOf) ?? [];
      const sizeBytes = sources.length > 0 ? answers.get(id)?.sizeBytes : undefined;
      this.found.push({ id, sizeBytes, sources, partial: [] });
    }
    this.#asked = next;
    return next < this.#ids.length ? 'again' : 'done';
  }

  protected answer(): Result<readonly FoundSources[]> {
    return ok(this.found);
  }
}

/** Asks as one who downloads, where the tracker understands that, else like anybody. */
class SwarmExchange extends Collecting<FoundSources, readonly FoundSources[]> {
  readonly #id: ContentId;
  readonly #joining: () => { readonly port: number } | undefined;

  constructor(
    replyTo: ReplyTo<Result<readonly FoundSources[]>>,
    id: ContentId,
    joining: () => { readonly port: number } | undefined,
  ) {
    super(replyTo);
    this.#id = id;
    this.#joining = joining;
  }

  request(): RequestBody {
    const joining = this.#joining();
    const question = { ids: [this.#id], perId: limits.maxSourcesPerContent };
    return joining ? { type: 'join', ...question, ...joining } : { type: 'get-sources', ...question };
  }

  take(reply: TrackerReply): 'done' {
    if (reply.type !== 'sources' && reply.type !== 'joined') return 'done';
    for (const content of reply.contents) if (content.id === this.#id) this.found.push(foundOf(content));
    return 'done';
  }

  protected answer(): Result<readonly FoundSources[]> {
    const [found = { id: this.#id, sizeBytes: undefined, sources: [], partial: [] }] = this.found;
    return ok([found]);
  }
}

class PeersExchange extends Collecting<PeerSummary, PeerFindings> {
  #cursor: string | undefined;
  #pages = 0;
  #isPartial = false;
  #isCut = false;

  request(): RequestBody {
    return { type: 'get-peers', cursor: this.#cursor, limit: limits.maxPeersPerPage };
  }

  take(reply: TrackerReply): 'again' | 'done' {
    if (reply.type !== 'peers') return 'done';
    this.found.push(...reply.peers.filter(isAddress).map(summaryOf));
    this.#pages += 1;
    this.#isPartial ||= reply.isPartial === true;
    // Pages of nothing, or of what cannot be reached, are to come to an end too.
    const isEnough = this.#pages * limits.maxPeersPerPage >= maxListedPeers;
    const isStuck = reply.cursor === this.#cursor || isEnough;
    this.#cursor = reply.cursor;
    this.#isCut = isEnough && reply.cursor !== undefined;
    return reply.cursor === undefined || isStuck ? 'done' : 'again';
  }

  protected answer(): Result<PeerFindings> {
    return ok({
      peers: this.found,
      ...(this.#isCut && { isCut: true }),
      ...(this.#isPartial && { isPartial: true }),
    });
  }
}

class FindPeerExchange extends Collecting<Source, Source> {
  readonly #peer: string;

  constructor(replyTo: ReplyTo<Result<Source>>, peer: string) {
    super(replyTo);
    this.#peer = peer;
  }

  request(): RequestBody {
    return { type: 'find-peer', peer: this.#peer };
  }

  take(reply: TrackerReply): 'done' {
    if (reply.type === 'found-peer') this.found.push(...reply.peers.filter(isAddress).map(sourceOf));
    return 'done';
  }

  protected answer(): Result<Source> {
    const [source] = this.found;
    return source === undefined
      ? fail('not-found', `No peer ${displayName(this.#peer)} is online`)
      : ok(source);
  }
}

class CallExchange extends Collecting<CallAnswer, CallAnswer> {
  readonly #call: Extract<LinkQuestion, { readonly type: 'call' }>;
  readonly #swarming: () => Swarming;

  constructor(call: Extract<LinkQuestion, { readonly type: 'call' }>, swarming: () => Swarming) {
    super(call.replyTo);
    this.#call = call;
    this.#swarming = swarming;
  }

  request(): RequestBody {
    const { peer, token } = this.#call;
    return { type: 'call', peer, token, port: this.#swarming().port ?? 0 };
  }

  take(): 'done' {
    return 'done';
  }

  protected answer(): Result<CallAnswer> {
    return ok({ isReachable: this.#swarming().isReachable });
  }
}

/** How many are online, for those who look; a tracker that cannot tell is not asked for a reason. */
export class CountExchange implements Exchange {
  readonly #tell: (peers: number | undefined) => void;
  #online: number | undefined;

  /** `tell` is called in the end, with nothing where there was no answer. */
  constructor(tell: (peers: number | undefined) => void) {
    this.#tell = tell;
  }

  request(): RequestBody {
    return { type: 'count-peers' };
  }

  take(reply: TrackerReply): 'done' {
    if (reply.type === 'peer-count') this.#online = reply.online;
    return 'done';
  }

  finish(): void {
    this.#tell(this.#online);
  }

  fail(): void {
    this.#tell(undefined);
  }
}

/** What a tracker says of one content, as far as it can be believed. */
export function foundOf(content: ContentSources & { readonly partial?: readonly Source[] }): FoundSources {
  const sources = content.sources.filter(isAddress).map(sourceOf);
  const partial = (content.partial ?? []).filter(isAddress).map(sourceOf);
  return { id: content.id, sizeBytes: sources.length > 0 ? content.sizeBytes : undefined, sources, partial };
}

function summaryOf({ files, bytes, ...source }: PeerSummary): PeerSummary {
  return { ...sourceOf(source), files, bytes };
}
