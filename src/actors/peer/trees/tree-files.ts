/**
 * The files of one tree while it is downloaded: which are open, how many have ended and how.
 * Invariant: every file listed is open, done or failed, and counted as exactly one of them; what is remembered of
 * those that have ended is bounded, whatever the size of the tree.
 */
import type { DownloadView, TreeFile } from '../../../core/engine/engine-api.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import { maxTreeCopies, maxTreeDetails } from '../../../core/limits/trees.ts';
import { dropOldest } from '../../../core/drop-oldest.ts';
import type { Problem } from '../../../core/result.ts';
import type { ListedFile } from './tree-list.ts';

/** A file that has not ended. */
export interface OpenFile extends ListedFile {
  readonly file: number;
  /**
   * `looking`: whether it is on the disk. `wanted`: asked for among other small ones. `content`: a download of its
   * own. `copying`, `following`: the same as another file, which is here, or is still to come.
   */
  stage: 'looking' | 'wanted' | 'content' | 'copying' | 'following';
  /** Verified and on the disk. */
  doneBytes: number;
  /** Payload that came for it in this run. */
  fetchedBytes: number;
  /** Distinct peers that it came from in this run. */
  sources: number;
  /** How long it was a download of its own; undefined while it has not been one. */
  tookMs?: number;
  /** Why it does not come from where it was asked for. */
  refusal: Problem | undefined;
  /** Who was asked for it, while it is wanted; undefined: nobody. */
  from: PeerId | undefined;
  /** Others who have it, as the trackers said; undefined: they were not asked. */
  holders: readonly PeerId[] | undefined;
}

/** Where a content is, or that it is on its way and who waits for it. */
interface Content {
  readonly path: string | undefined;
  /** Who is to be fetched for all: told again, it does not wait for itself. */
  readonly leader: number;
  /** Most contents have none, and then no set either. Looked at anew, each is here once. */
  followers: Set<OpenFile> | undefined;
}

const none: readonly never[] = [];

export class TreeFiles {
  readonly #open = new Map<number, OpenFile>();
  readonly #contents = new Map<ContentId, Content>();
  readonly #failed: TreeFile[] = [];
  #ended: TreeFile[] = [];
  #total = 0;
  #done = 0;
  #failures = 0;
  #firstProblem: Problem | undefined;
  sizeBytes = 0;
  doneBytes = 0;

  /** What room is asked for; what is still being looked at may be here as a whole. */
  get room(): { readonly sizeBytes: number; readonly wholeBytes: number } {
    let wholeBytes = this.doneBytes;
    for (const { stage, sizeBytes } of this.#open.values()) if (stage === 'looking') wholeBytes += sizeBytes;
    return { sizeBytes: this.sizeBytes, wholeBytes };
  }

  get openCount(): number {
    return this.#open.size;
  }

  get counts(): NonNullable<DownloadView['files']> {
    return { total: this.#total, done: this.#done, failed: this.#failures };
  }

  /** Why the first file that failed did. */
  get firstProblem(): Problem | undefined {
    return this.#firstProblem;
  }

  get open(): Iterable<OpenFile> {
    return this.#open.values();
  }

  get(file: number): OpenFile | undefined {
    return this.#open.get(file);
  }

  add(listed: ListedFile): OpenFile {
    const open: OpenFile = {
      ...listed,
      file: this.#total++,
      stage: 'looking',
      doneBytes: 0,
      fetchedBytes: 0,
      sources: 0,
      refusal: undefined,
      from: undefined,
      holders: undefined,
    };
    this.#open.set(open.file, open);
    this.sizeBytes += listed.sizeBytes;
    return open;
  }

  /**
   * Whether this file is the one of its content that is to be fetched. If not: where its content lies already, or
   * undefined, and then it is told as a follower when that is known.
   */
  lead(
    open: OpenFile,
  ): { readonly leads: true } | { readonly leads: false; readonly path: string | undefined } {
    const known = this.#contents.get(open.id);
    if (!known) {
      this.#contents.set(open.id, { path: undefined, leader: open.file, followers: undefined });
      return { leads: true };
    }
    if (known.path === undefined && known.leader === open.file) return { leads: true };
    if (known.path === undefined) (known.followers ??= new Set()).add(open);
    return { leads: false, path: known.path };
  }

  /** It lies at `path`. Returns the files that waited for its content. */
  done(open: OpenFile, path: string): readonly OpenFile[] {
    if (!this.#open.delete(open.file)) return [];
    this.#done++;
    this.doneBytes += open.sizeBytes;
    this.#end(open, 'done', path, undefined);
    const content = this.#contents.get(open.id);
    this.#contents.delete(open.id);
    this.#contents.set(open.id, { path, leader: open.file, followers: undefined });
    // Whoever is still to come is not forgotten: those are open, and bounded as such.
    dropOldest(this.#contents, maxTreeCopies, ({ path: known }) => known !== undefined);
    return content?.followers ? [...content.followers] : none;
  }

  /** It will not come. Returns the files that waited for its content: the first of them leads from now on. */
  fail(open: OpenFile, problem: Problem): readonly OpenFile[] {
    if (!this.#open.delete(open.file)) return [];
    this.#failures++;
    this.#firstProblem ??= problem;
    this.#end(open, 'failed', undefined, problem);
    const followers = this.forget(open);
    return followers;
  }

  /** Where its content was said to be, or to come from, is nothing any more. Returns those who waited for it. */
  forget({ id }: OpenFile): readonly OpenFile[] {
    const content = this.#contents.get(id);
    this.#contents.delete(id);
    return content?.followers ? [...content.followers] : none;
  }

  /** The files that have ended since the last time. */
  takeEnded(): readonly TreeFile[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** Files that are not done, those that failed first. */
  details(): readonly TreeFile[] {
    const files = [...this.#failed];
    for (const open of this.#open.values()) {
      if (files.length >= maxTreeDetails) break;
      files.push(treeFileOf(open, 'open', undefined, open.refusal));
    }
    return files;
  }

  #end(
    open: OpenFile,
    outcome: 'done' | 'failed',
    path: string | undefined,
    problem: Problem | undefined,
  ): void {
    const ended = treeFileOf(open, outcome, path, problem);
    this.#ended.push(ended);
    if (outcome === 'failed' && this.#failed.length < maxTreeDetails) this.#failed.push(ended);
  }
}

function treeFileOf(
  { id, path, sizeBytes, doneBytes, fetchedBytes, sources, tookMs, stage }: OpenFile,
  outcome: TreeFile['outcome'],
  filePath: string | undefined,
  problem: Problem | undefined,
): TreeFile {
  const have = outcome === 'done' ? sizeBytes : doneBytes;
  const file = { id, path, sizeBytes, outcome, filePath, doneBytes: have, fetchedBytes, sources, problem };
  const isCopy = outcome === 'done' && stage === 'copying';
  return { ...file, ...(tookMs !== undefined && { tookMs }), ...(isCopy && { isCopy }) };
}
