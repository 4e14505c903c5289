/**
 * What of the network is here already: shared, downloaded or on its way. Invariant: an answer about a content is
 * never older than the last event about it; of names only so many are kept as the limits say.
 */
import type { SearchResult, SharedFile } from '../../../core/catalogue.ts';
import { hereBytes, type DownloadView, type EngineEvent } from '../../../core/engine/engine-api.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxKnownCopies } from '../../../core/limits/screen.ts';
import { nameOf } from '../../../core/share/virtual-path.ts';

/** `differs`: something else of that name is here. */
export type LocalState =
  | { readonly kind: 'none' | 'have' | 'differs' }
  | { readonly kind: 'coming'; readonly percent: number; readonly state: DownloadView['state'] };

const nothingHere: LocalState = { kind: 'none' };
const have: LocalState = { kind: 'have' };
const differs: LocalState = { kind: 'differs' };

export class LocalCopies {
  readonly #downloads = new Map<ContentId, DownloadView>();
  readonly #transfers = new Map<number, ContentId>();
  readonly #shared = new Map<ContentId, number>();
  readonly #names = new Map<string, ContentId>();
  #changed: Set<ContentId> | 'all' = 'all';

  /** The contents about which an answer may be another one than when this was asked last. */
  takeChanged(): ReadonlySet<ContentId> | 'all' {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  stateOf({ id, name }: Pick<SearchResult, 'id' | 'name'>): LocalState {
    if ((this.#shared.get(id) ?? 0) > 0) return have;
    const download = this.#downloads.get(id);
    if (download?.state === 'done') return have;
    if (download !== undefined && download.state !== 'cancelled')
      return { kind: 'coming', percent: percentOf(download), state: download.state };
    const same = this.#names.get(name.toLowerCase());
    return same === undefined || same === id ? nothingHere : differs;
  }

  /** All that is shared, as the engine has just said. */
  takeShare(files: readonly SharedFile[]): void {
    this.#shared.clear();
    for (const file of files.slice(0, maxKnownCopies)) this.#share(file);
    this.#changed = 'all';
  }

  noteDownload(download: DownloadView): void {
    const { id, transfer } = download;
    if (id === undefined) return;
    this.#downloads.set(id, download);
    this.#transfers.set(transfer, id);
    if (this.#changed !== 'all') this.#changed.add(id);
    if (download.state !== 'done') return;
    this.#names.set(download.name.toLowerCase(), id);
    this.#changed = 'all';
  }

  /** Takes in what an event says of local copies. */
  receive(event: EngineEvent): void {
    switch (event.type) {
      case 'download':
        return this.noteDownload(event.download);
      case 'answer-snapshot':
        if (event.answer.ok) this.#takeDownloads(event.answer.value.downloads);
        return;
      case 'resync':
        return this.#takeDownloads(event.snapshot.downloads);
      case 'removed':
        for (const transfer of event.transfers) this.#forget(transfer);
        return;
      case 'shared':
        for (const file of event.files) if (this.#shared.size < maxKnownCopies) this.#share(file);
        this.#changed = 'all';
        return;
      case 'unshared':
        for (const file of event.files) this.#unshare(file);
        this.#changed = 'all';
        return;
      default:
        return;
    }
  }

  #takeDownloads(downloads: readonly DownloadView[]): void {
    this.#downloads.clear();
    this.#transfers.clear();
    for (const download of downloads) this.noteDownload(download);
    this.#changed = 'all';
  }

  #share({ id, path }: SharedFile): void {
    this.#shared.set(id, (this.#shared.get(id) ?? 0) + 1);
    this.#names.set(nameOf(path).toLowerCase(), id);
  }

  #unshare({ id }: SharedFile): void {
    const left = (this.#shared.get(id) ?? 0) - 1;
    if (left > 0) this.#shared.set(id, left);
    else this.#shared.delete(id);
  }

  #forget(transfer: number): void {
    const id = this.#transfers.get(transfer);
    this.#transfers.delete(transfer);
    if (id !== undefined && this.#downloads.get(id)?.transfer === transfer) this.#downloads.delete(id);
    this.#changed = 'all';
  }
}

export function sameState(one: LocalState, other: LocalState): boolean {
  if (one.kind !== 'coming' || other.kind !== 'coming') return one.kind === other.kind;
  return one.percent === other.percent && one.state === other.state;
}

const percentOf = (view: DownloadView): number => {
  const { sizeBytes } = view;
  return sizeBytes === undefined || sizeBytes === 0
    ? 0
    : Math.min(99, Math.floor((hereBytes(view) * 100) / sizeBytes));
};
