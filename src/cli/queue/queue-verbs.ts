/**
 * What can be done to downloads of a queue: the command for the engine, for which it makes sense, and how to see
 * from what the engine says afterwards whether it was done. Pure.
 */
import {
  hasEnded,
  type DownloadState,
  type DownloadView,
  type PieceOrder,
  type Priority,
  type TransferCommand,
} from '../../core/engine/engine-api.ts';
import { formatSize } from '../../core/quantity.ts';

export interface Verb {
  /** Its name, for scripts. */
  readonly action: string;
  command(transfers: readonly number[]): TransferCommand;
  /** Why it makes no sense for this one, to follow its name; undefined where it does. */
  refusal(view: DownloadView): string | undefined;
  /** Whether there is nothing to do, as it is so already. */
  isSo(view: DownloadView): boolean;
  /** Whether it is so now. `after` is undefined once it is forgotten. */
  isDone(after: DownloadView | undefined): boolean;
  /** Where only this tells: whether it was so before, too. */
  isUnchanged?(after: DownloadView | undefined, before: DownloadView): boolean;
  /** Why it was so before, where that shows among all downloads as they are now. */
  whyUnchanged?(view: DownloadView, all: readonly DownloadView[]): string | undefined;
  /** What was done, to be followed by which. */
  readonly told: string;
  /** The same of a folder, where other words are true of one. */
  readonly toldOfFolder?: string;
  /** Said where it was so already. */
  readonly already: string;
  /** Whether its place in the queue is worth saying afterwards. */
  readonly tellsPlace?: boolean;
}

const endedWords = { done: 'is finished', failed: 'has failed', cancelled: 'was cancelled' } as const;

/** Of one that has ended: how, and what therefore is not to be done. */
function ended({ state }: DownloadView, nothing: string): string | undefined {
  return state === 'done' || state === 'failed' || state === 'cancelled'
    ? `${endedWords[state]}: ${nothing}`
    : undefined;
}

function notGoing(view: DownloadView, action: string): string | undefined {
  const nothing = `nothing to ${action}`;
  return ended(view, nothing) ?? (view.state === 'finishing' ? `is all here already: ${nothing}` : undefined);
}

const isOpen = (view: DownloadView | undefined): view is DownloadView =>
  view !== undefined && !hasEnded(view);

export const pause: Verb = {
  action: 'pause',
  command: (transfers) => ({ type: 'pause', transfers }),
  refusal: (view) => notGoing(view, 'pause'),
  isSo: ({ state }) => state === 'paused',
  isDone: (after) => after?.state === 'paused',
  told: 'Paused:',
  already: 'Paused already:',
};

export const resume: Verb = {
  action: 'resume',
  command: (transfers) => ({ type: 'resume', transfers }),
  refusal: (view) =>
    ended(view, view.state === 'done' ? 'nothing to resume' : 'shoal queue retry takes it up again'),
  isSo: (view) => isOpen(view) && view.state !== 'paused',
  isDone: (after) => isOpen(after) && after.state !== 'paused',
  told: 'Resumed:',
  already: 'Not paused:',
};

export const cancel: Verb = {
  action: 'cancel',
  command: (transfers) => ({ type: 'cancel', transfers }),
  refusal: (view) => (view.state === 'cancelled' ? undefined : notGoing(view, 'cancel')),
  isSo: ({ state }) => state === 'cancelled',
  isDone: (after) => after?.state === 'cancelled',
  told: 'Cancelled; what is on the disk stays:',
  already: 'Cancelled already:',
};

const retried: ReadonlySet<DownloadState> = new Set(['waiting', 'failed', 'cancelled']);

export const retry: Verb = {
  action: 'retry',
  command: (transfers) => ({ type: 'retry', transfers }),
  refusal: (view) => {
    if (view.state === 'done') return ended(view, 'nothing to try again');
    return view.state === 'paused' ? 'is paused: shoal queue resume lets it go on' : undefined;
  },
  isSo: ({ state }) => !retried.has(state),
  isDone: isOpen,
  told: 'Trying again:',
  already: 'It goes on, nothing to try again:',
};

export const remove = (deletesData: boolean): Verb => ({
  action: 'remove',
  command: (transfers) => ({ type: 'remove', transfers, deletesData }),
  refusal: () => undefined,
  isSo: () => false,
  isDone: (after) => after === undefined,
  // The disk is seen to once whoever is at work on it has let go.
  told: deletesData
    ? 'Removed; what it wrote is being deleted:'
    : 'Removed from the list; what is on the disk stays:',
  ...(deletesData && {
    toldOfFolder: 'Removed; its unfinished files are being deleted, finished ones stay:',
  }),
  already: '',
});

export const moves = ['top', 'up', 'down', 'bottom'] as const;

const moved = {
  top: 'Moved to the top',
  up: 'Moved up',
  down: 'Moved down',
  bottom: 'Moved to the bottom',
} as const;

export const move = (to: (typeof moves)[number]): Verb => ({
  action: to,
  command: (transfers) => ({ type: 'move', transfers, to }),
  refusal: (view) => ended(view, 'it has no place to move from'),
  isSo: () => false,
  isDone: isOpen,
  isUnchanged: (after, { queueIndex }) => after?.queueIndex === queueIndex,
  whyUnchanged: ({ queueIndex = 0, priority }, all) => {
    const isUpwards = to === 'top' || to === 'up';
    const isBeyond = ({ queueIndex: place }: DownloadView): boolean =>
      place !== undefined && (isUpwards ? place < queueIndex : place > queueIndex);
    // One of several that were moved at once may stay behind another of them.
    if (all.some((other) => other.priority === priority && isOpen(other) && isBeyond(other)))
      return undefined;
    return `${isUpwards ? 'first' : 'last'} of priority ${priority}; priority comes before place`;
  },
  told: `${moved[to]}:`,
  already: 'Stays where it is:',
  tellsPlace: true,
});

export const prioritise = (priority: Priority): Verb => ({
  action: 'priority',
  command: (transfers) => ({ type: 'prioritise', transfers, priority }),
  refusal: (view) => ended(view, 'priority makes no difference'),
  isSo: (view) => view.priority === priority,
  isDone: (after) => after?.priority === priority,
  told: `Priority ${priority}:`,
  already: `Priority ${priority} already:`,
  tellsPlace: true,
});

export const limit = (bytesPerSecond: number): Verb => {
  const words = bytesPerSecond === 0 ? 'No limit' : `At most ${formatSize(bytesPerSecond)}/s`;
  return {
    action: 'limit',
    command: (transfers) => ({ type: 'limit', transfers, bytesPerSecond }),
    refusal: (view) => ended(view, 'nothing to limit'),
    isSo: (view) => view.limitBytesPerSecond === bytesPerSecond,
    isDone: (after) => after?.limitBytesPerSecond === bytesPerSecond,
    told: `${words}:`,
    already: `${words} already:`,
  };
};

export const orderPieces = (order: PieceOrder): Verb => {
  const words = order === 'sequential' ? 'From the front' : 'Rarest pieces first';
  return {
    action: 'sequential',
    command: (transfers) => ({ type: 'order-pieces', transfers, order }),
    refusal: (view) => ended(view, 'no pieces left to order'),
    isSo: (view) => view.order === order,
    isDone: (after) => after?.order === order,
    told: `${words}:`,
    already: `${words} already:`,
  };
};
