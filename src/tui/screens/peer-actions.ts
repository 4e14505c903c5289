/** What keys do to the peers behind transfers: browse, block, disconnect. */
import type { Source } from '../../core/catalogue.ts';
import type { DownloadDetails } from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { confirmation } from '../model/dialog.ts';
import { ask, hint, open, send, toast, type Effect } from '../model/effects.ts';
import { showName } from '../text/names.ts';

type Named = Pick<Source, 'peer' | 'name'>;

export const browsePeer = ({ peer, name }: Named): Effect =>
  open('browse', { kind: 'peer', peer, name, path: '/' });

/** Asks for the sources of a download and browses the one that gives most. */
export function browseSourceOf(transfer: number): Effect {
  return ask({ type: 'details', transfer }, ({ answer }) => {
    if (!answer.ok) return [toast(showName(answer.problem.message).text, 'warning')];
    const best = bestSource(answer.value);
    return best === undefined ? [hint('No source of it is known yet.')] : [browsePeer(best)];
  });
}

/** A blocked peer gets nothing of us: asked about, as it is not undone by the next key. */
export function blockPeer(peer: PeerId, name: string): Effect {
  const shown = showName(name).text;
  return {
    type: 'dialog',
    dialog: confirmation(
      'Block?',
      () => [
        [{ text: `Block ${shown}?`, bold: true }],
        [],
        [{ text: 'It gets nothing of you and is asked for nothing, until you unblock it (4, then ]).' }],
        [],
      ],
      { label: 'Block', effects: () => [send({ type: 'block', peer, name }), toast(`Blocked: ${shown}`)] },
    ),
  };
}

export const disconnectPeer = (peer: PeerId, name: string): readonly Effect[] => [
  send({ type: 'disconnect', peer }),
  toast(`Connection ended: ${showName(name).text}; it may come back`),
];

function bestSource({ sources }: DownloadDetails): Source | undefined {
  return sources.toSorted(
    (one, other) => other.bytesPerSecond - one.bytesPerSecond || other.receivedBytes - one.receivedBytes,
  )[0];
}
