/**
 * Why a peer does not send what it is asked for. Whoever asked reads it too: the words are true on both ends, and
 * name neither of them as "here".
 */
import { fail, type Problem, type Result } from '../result.ts';

/** Nothing is shared under that id or path, or not any more. */
export const notShared = fail('not-shared', 'The peer that was asked does not share it');
/** What lies at its place is not what was shared, or nothing does. */
export const staleProblem: Problem = {
  code: 'stale',
  message: 'The file has changed or gone since it was shared',
};
export const staleFile: Result<never> = { ok: false, problem: staleProblem };
/** Nor does a download that is under way have it to give. */
export const notDownloaded = fail('not-shared', 'The peer that was asked does not download it any more');
