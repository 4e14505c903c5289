/**
 * What the registry's answers look like on the wire. Invariant: every answer ends with exactly one final reply,
 * and no reply exceeds what its message type may hold.
 */
import type { PeerSummary, Source } from '../../core/catalogue.ts';
import { answerPageBytes } from '../../core/limits/tracker.ts';
import {
  maxErrorDetailBytes,
  maxErrorTextBytes,
  maxNamesPerResult,
  maxSourcesPerContent,
} from '../../core/limits/wire.ts';
import type { Problem } from '../../core/result.ts';
import { byteLength } from '../../core/safe-name.ts';
import type { Sendable } from '../../protocol/session-events.ts';
import type { FoundContent, TrackerMessageNamed, TrackerReply } from '../../protocol/tracker-messages.ts';
import type { ContentSources, PeerPage } from '../../store/catalog-store.ts';
import type { FoundPage } from './look-ups.ts';

/** A refusal; `requestId` 0 is about the whole connection. */
export function errorReply(
  requestId: number,
  { code, message }: Problem,
  detail = '',
  retryAfterMs?: number,
): TrackerMessageNamed<'error'> {
  return {
    type: 'error',
    requestId,
    code,
    message: cut(message, maxErrorTextBytes),
    detail: cut(detail, maxErrorDetailBytes),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The frames of a search's answer: as many results each as surely fit. The last says how to go on. */
export function resultsReplies(
  requestId: number,
  { results, cursor, isPartial, suggestion }: FoundPage,
): Sendable<TrackerReply>[] {
  const pages: FoundContent[][] = [[]];
  let bytes = 0;
  for (const { id, sizeBytes, names, sources, folder } of results) {
    const found: FoundContent = {
      id,
      sizeBytes,
      names: names.slice(0, maxNamesPerResult),
      sources: sources.slice(0, maxSourcesPerContent),
      ...(folder !== undefined && { folder }),
    };
    const size = sizeOf(found);
    if (bytes > 0 && bytes + size > answerPageBytes) {
      pages.push([]);
      bytes = 0;
    }
    pages.at(-1)?.push(found);
    bytes += size;
  }
  return pages.map((page, at) => ({
    type: 'results',
    requestId,
    more: at < pages.length - 1,
    results: page,
    ...(at === pages.length - 1 && {
      ...(cursor !== undefined && { cursor }),
      ...(isPartial === true && { isPartial }),
      ...(suggestion !== undefined && { suggestion }),
    }),
  }));
}

export function sourcesReply(requestId: number, contents: readonly ContentSources[]): Sendable<TrackerReply> {
  return {
    type: 'sources',
    requestId,
    contents: contents.map(({ id, sizeBytes = 0, sources }) => ({ id, sizeBytes, sources })),
    ...partialIf(contents),
  };
}

/** Of each content no more sources of both kinds together than of one kind in other answers. */
export function joinedReply(
  requestId: number,
  contents: readonly ContentSources[],
  partial: readonly (readonly Source[])[],
): Sendable<TrackerReply> {
  const half = maxSourcesPerContent / 2;
  return {
    type: 'joined',
    requestId,
    contents: contents.map(({ id, sizeBytes = 0, sources }, at) => {
      const others = (partial[at] ?? []).slice(0, Math.max(half, maxSourcesPerContent - sources.length));
      return {
        id,
        sizeBytes,
        sources: sources.slice(0, maxSourcesPerContent - others.length),
        partial: others,
      };
    }),
    ...partialIf(contents),
  };
}

export function peersReply(
  requestId: number,
  { peers, cursor, isPartial }: PeerPage,
): Sendable<TrackerReply> {
  return { type: 'peers', requestId, peers: [...peers], cursor, ...(isPartial === true && { isPartial }) };
}

export function foundPeerReply(requestId: number, peer: PeerSummary | undefined): Sendable<TrackerReply> {
  return { type: 'found-peer', requestId, peers: peer === undefined ? [] : [peer] };
}

function partialIf(contents: readonly ContentSources[]): { readonly isPartial?: true } {
  return contents.some(({ isPartial }) => isPartial === true) ? { isPartial: true } : {};
}

/** An upper bound for what a result takes on the wire. */
function sizeOf({ names, sources, folder = '' }: FoundContent): number {
  const ofNames = [folder, ...names].reduce((sum, name) => sum + name.length * 3 + 3, 0);
  return 64 + ofNames + sources.reduce((sum, { name, host }) => sum + 48 + name.length * 3 + host.length, 0);
}

/** At most `maxBytes` of UTF-8. */
function cut(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  let kept = text.slice(0, maxBytes);
  while (byteLength(kept) > maxBytes - 3) kept = kept.slice(0, -1);
  return `${kept.toWellFormed()}…`;
}
