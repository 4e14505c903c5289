/**
 * Everything about one download, asked of the engine again and again while it is shown. Invariant: one question
 * at a time, one download at a time; what is held is of the download that is followed, or nothing.
 */
import type { DownloadDetails, DownloadView, SourceView, TreeFile } from '../../../core/engine/engine-api.ts';
import { detailsEveryMs } from '../../../core/limits/screen.ts';
import type { Problem } from '../../../core/result.ts';
import { ask, type Effect } from '../../model/effects.ts';
import { Table } from '../../model/table.ts';

export interface SourceRow {
  readonly source: SourceView;
  /** Of the content: what `havePieces` is a part of. */
  readonly pieces: number | undefined;
}

export interface FileRow {
  readonly file: TreeFile;
}

const atWork: ReadonlySet<DownloadView['state']> = new Set([
  'finding',
  'waiting',
  'downloading',
  'finishing',
]);

const isAtWork = (download: DownloadView | undefined): boolean =>
  download !== undefined && atWork.has(download.state);

export class DetailsFeed {
  readonly sources = new Table<SourceRow>();
  readonly files = new Table<FileRow>();
  #followed: DownloadView | undefined;
  #answered: { readonly of: DownloadView; readonly details: DownloadDetails } | undefined;
  #problem: Problem | undefined;
  #asking = false;
  #askedMs = -Infinity;
  #askedOf: DownloadView | undefined;

  /** The number of the download that is followed. */
  get transfer(): number | undefined {
    return this.#followed?.transfer;
  }

  /** What the engine said last of the download that is followed; undefined: nothing yet. */
  get details(): DownloadDetails | undefined {
    return this.#answered?.details;
  }

  /** Why the engine gave no details. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  follow(download: DownloadView | undefined): void {
    if (download?.transfer !== this.#followed?.transfer) this.#forget();
    // Who delivered a moment ago does not any more, whatever the last answer says.
    else if (isAtWork(this.#followed) && !isAtWork(download)) this.#stand();
    this.#followed = download;
  }

  /** The question that is due, if one is. */
  poll(nowMs: number): readonly Effect[] {
    const download = this.#followed;
    if (download === undefined || this.#asking || !this.#due(download, nowMs)) return [];
    this.#asking = true;
    this.#askedMs = nowMs;
    this.#askedOf = download;
    const { transfer } = download;
    return [
      ask(
        { type: 'details', transfer },
        ({ answer }) => {
          this.#asking = false;
          if (this.#followed?.transfer !== transfer) return [];
          this.#problem = answer.ok ? undefined : answer.problem;
          if (answer.ok) this.#take(download, answer.value);
          return [];
        },
        () => {
          this.#asking = false;
          return [];
        },
      ),
    ];
  }

  /** Whether it goes on to ask, so that the screen is to be polled again. */
  get lives(): boolean {
    return this.#followed !== undefined && (this.#askedOf !== this.#followed || isAtWork(this.#followed));
  }

  #due(download: DownloadView, nowMs: number): boolean {
    if (this.#askedOf?.transfer !== download.transfer) return true;
    if (isAtWork(this.#askedOf) !== isAtWork(download)) return true;
    if (nowMs - this.#askedMs < detailsEveryMs) return false;
    return this.#askedOf !== download || isAtWork(download);
  }

  #take(of: DownloadView, details: DownloadDetails): void {
    this.#answered = { of, details };
    refill(this.sources, details.sources, ({ peer }) => peer, (source, last) =>
      last !== undefined && last.pieces === details.pieces && sameSource(last.source, source) ? last : { source, pieces: details.pieces },
    ); // prettier-ignore
    refill(this.files, details.openFiles, ({ path }) => path, (file, last) =>
      last !== undefined && sameFile(last.file, file) ? last : { file },
    ); // prettier-ignore
  }

  /** What is known of its pieces stays; of its sources it is asked anew. */
  #stand(): void {
    const answered = this.#answered;
    if (answered !== undefined)
      this.#answered = { ...answered, details: { ...answered.details, sources: [] } };
    this.sources.clear();
  }

  #forget(): void {
    this.#answered = undefined;
    this.#problem = undefined;
    this.sources.clear();
    this.files.clear();
  }
}

/** Makes a table hold these items and no others; rows that would look the same stay the same objects. */
function refill<Item, Row extends object>(
  table: Table<Row>,
  items: readonly Item[],
  idOf: (item: Item) => string,
  rowOf: (item: Item, last: Row | undefined) => Row,
): void {
  const ids = new Set(items.map(idOf));
  for (const id of [...table.ids()]) if (!ids.has(String(id))) table.delete(id);
  for (const item of items) table.set(idOf(item), rowOf(item, table.get(idOf(item))));
}

const sameSource = (one: SourceView, other: SourceView): boolean =>
  one.state === other.state &&
  one.name === other.name &&
  one.havePieces === other.havePieces &&
  one.receivedBytes === other.receivedBytes &&
  one.bytesPerSecond === other.bytesPerSecond &&
  one.queuePosition === other.queuePosition &&
  one.problem?.message === other.problem?.message &&
  // Its words count the seconds down.
  one.nextAttemptMs === undefined &&
  other.nextAttemptMs === undefined;

const sameFile = (one: TreeFile, other: TreeFile): boolean =>
  one.outcome === other.outcome &&
  one.fetchedBytes === other.fetchedBytes &&
  one.doneBytes === other.doneBytes &&
  one.problem?.message === other.problem?.message;
