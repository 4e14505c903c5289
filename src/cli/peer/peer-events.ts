/**
 * A peer's events as JSON lines. Transfers are told when their state changes, not for every byte.
 * Invariant: every file that is sent or downloaded is told of by its id when that is done, however many there are.
 */
import { hasEnded, type EngineEvent } from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { hostPort } from '../../core/host.ts';
import type { Output } from '../output.ts';
import { ReachNews } from './reach-news.ts';
import { TrackerTroubles } from '../tracker/tracker-trouble.ts';
import { Changes } from '../changes.ts';
import { standingOf } from '../get/wait-words.ts';

export class PeerEvents {
  readonly #output: Output;
  readonly #uploads = new Changes<number>();
  readonly #downloads = new Changes<number>();
  readonly #trackers = new TrackerTroubles();
  readonly #reach = new ReachNews();
  #peer: PeerId | undefined;
  #port: number | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  receive(event: EngineEvent): void {
    const output = this.#output;
    switch (event.type) {
      case 'ready':
        this.#peer = event.peer;
        return this.#listening();
      case 'listening':
        this.#port = event.port;
        return this.#listening();
      case 'registered':
        output.event({ event: 'registered', tracker: hostPort(event.tracker), files: event.files });
        return;
      case 'shared':
      case 'unshared':
        return output.events(fileLines(event));
      case 'upload': {
        const { upload, id, peer, state } = event.upload;
        // Who only looks around gets no file.
        if (id === undefined) return;
        // That a connection is over says nothing of a file.
        if (this.#uploads.isNew(upload, `${state} ${id}`, state === 'done') && state !== 'done')
          output.event({ event: 'upload', id, peer, state });
        return;
      }
      case 'sent-files':
        return output.events(sentLines(event));
      case 'download': {
        const { transfer, id = null, name, state, problem } = event.download;
        // Why it waits may change while it does.
        if (this.#downloads.isNew(transfer, `${state} ${problem?.message ?? ''}`, hasEnded({ state })))
          output.event({
            event: 'download',
            id,
            ...standingOf(event.download),
            ...(id === null && { name }),
          });
        return;
      }
      case 'tree-files':
        return output.events(treeLines(event));
      case 'skipped':
        output.note(`Not shared: ${event.path}: ${event.problem.message}`);
        return;
      case 'tracker':
        this.#reach.receive(event.tracker, output);
        return this.#trackers.receive(event.tracker, output);
      case 'fault':
      case 'removed':
      case 'shares':
      case 'limits':
      case 'blocked':
      case 'disk':
      case 'log':
      case 'stops-when-idle':
      case 'resync':
      case 'answer-share-entries':
      case 'answer-add-share':
      case 'answer-remove-share':
      case 'answer-details':
      case 'stopped':
      case 'answer-search':
      case 'answer-find-name':
      case 'answer-find-contents':
      case 'answer-peers':
      case 'answer-find-peer':
      case 'answer-browse':
      case 'answer-shared':
      case 'answer-download':
      case 'answer-snapshot':
    }
  }

  close(): void {}

  /** Says so once both are known, whichever comes first; again after the listener was restarted. */
  #listening(): void {
    if (this.#peer !== undefined && this.#port !== undefined)
      this.#output.event({ event: 'listening', port: this.#port, peer: this.#peer });
  }
}

function* fileLines({
  type,
  files,
}: Extract<EngineEvent, { readonly type: 'shared' | 'unshared' }>): Generator<object> {
  for (const { id, path, sizeBytes } of files) yield { event: type, id, path, size: sizeBytes };
}

function* sentLines({ peer, ids }: Extract<EngineEvent, { readonly type: 'sent-files' }>): Generator<object> {
  for (const id of ids) yield { event: 'upload', id, peer, state: 'done' };
}

/** Of a folder each file is told of when it is at its end; the folder itself has no id. */
function* treeLines({ files }: Extract<EngineEvent, { readonly type: 'tree-files' }>): Generator<object> {
  for (const { id, outcome } of files)
    if (outcome !== 'open') yield { event: 'download', id, state: outcome };
}
