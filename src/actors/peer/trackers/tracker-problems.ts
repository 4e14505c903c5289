/** The problems that a link to one tracker has of its own, in words for people. */
import type { TrackerAddress } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import type { Problem } from '../../../core/result.ts';
import { displayName } from '../../../core/safe-name.ts';
import type { Acknowledged } from './tracker-share.ts';

/** Another peer has come with our key. */
export const replaced: Problem = {
  code: 'closed',
  message:
    'This profile was started a second time and has taken our place at the tracker: stop one of the two, ' +
    'or give each a home of its own (--home)',
};

/** To what was asked of the tracker that we leave: it is asked of the next. */
export const moving: Problem = { code: 'closed', message: 'We are moving to another tracker' };

/** Why not all of our share is known there, with one file that is not; undefined when all is. */
export function withheld({ withheldFiles, firstWithheld: first }: Acknowledged): Problem | undefined {
  if (withheldFiles === 0) return undefined;
  const which = first === undefined ? '' : `, such as ${displayName(first.path)}: ${reasonOf(first.code)}`;
  return { code: 'limit', message: `The tracker did not take ${withheldFiles} of our files${which}` };
}

/**
 * That our share is larger than it would like, though all of it is known there. The same text however many files there
 * are, so that who tells people what is new says it once and not while the share grows.
 */
export function crowded({ files, usualFiles = Infinity }: Acknowledged): Problem | undefined {
  if (files <= usualFiles) return undefined;
  const message =
    `The tracker lists all of our files, but would rather have no more than ${usualFiles} of one peer: ` +
    'share fewer, or archives in place of many small files';
  return { code: 'limit', message };
}

function reasonOf(code: string): string {
  if (code === 'unauthorised') return 'its operator does not let this be listed';
  if (code === 'bad-name') return 'its name or folder cannot be listed';
  if (code === 'limit') return 'it lists no more files of one peer';
  return displayName(code);
}

/** The connection has ended, by what the tracker said last or without a word. */
export function gone(address: TrackerAddress, reason = 'it closed the connection'): Problem {
  const message = `The tracker at ${hostPort(address)} is gone: ${displayName(reason)}`;
  return { code: 'unreachable', message };
}

export const noCalls: Problem = {
  code: 'version',
  message: 'The tracker cannot pass on calls now',
};

export function late(address: TrackerAddress): Problem {
  const message = `The tracker at ${hostPort(address)} did not answer in time; try again later`;
  return { code: 'timeout', message };
}
