/**
 * Questions to the engine and the answers to them, as far as the type of both goes: which commands want an
 * answer, which event is one and the last one, and what an answer that is nothing but a problem looks like.
 */
import type { EngineCommand, EngineEvent } from './engine-api.ts';
import type { Problem } from '../result.ts';

export type EngineRequest = Extract<EngineCommand, { readonly requestId: number }>;
export type EngineAnswer = Extract<EngineEvent, { readonly requestId: number }>;

export function isRequest(command: EngineCommand): command is EngineRequest {
  return 'requestId' in command;
}

export function isAnswer(event: EngineEvent): event is EngineAnswer {
  return 'requestId' in event;
}

/** Whether no more of this answer follows. */
export function isLastAnswer(answer: EngineAnswer): boolean {
  return !('last' in answer) || answer.last;
}

/** The answer to a request that comes to nothing. */
export function refusalOf(
  { type, requestId }: Pick<EngineRequest, 'type' | 'requestId'>,
  problem: Problem,
): EngineAnswer {
  const answer = { ok: false, problem } as const;
  switch (type) {
    case 'search':
      return { type: 'answer-search', requestId, answer, last: true, trackers: { asked: 0, answered: 0 } };
    case 'browse':
      return { type: 'answer-browse', requestId, answer, last: true };
    case 'find-name':
    case 'find-contents':
    case 'peers':
    case 'find-peer':
    case 'shared':
    case 'share-entries':
    case 'add-share':
    case 'remove-share':
    case 'download':
    case 'details':
    case 'snapshot':
      return { type: `answer-${type}`, requestId, answer };
  }
}
