/**
 * Downloads and uploads as rows, with the speeds that are reckoned here. Events are only noted; rows are made
 * when the screen is about to be drawn. Invariant: a row becomes another object only when something of it that
 * is shown has changed: its state at once, its bar as it moves, its figures twice a second. The total speeds are
 * the sums of what the rows show.
 */
import { hasEnded, hereBytes, type DownloadView, type UploadView } from '../../core/engine/engine-api.ts';
import { barSteps, rateAverageMs } from '../../core/limits/screen.ts';
import { Rate } from './rates.ts';
import { Table } from './table.ts';
import { Tally } from './tally.ts';

/** What is shown as figures, as it was when they changed last. */
export interface TransferFigures {
  /** Verified, and received of pieces on their way. */
  readonly hereBytes: number;
  readonly downPerSecond: number;
  readonly upPerSecond: number;
  /** Undefined while there is no speed to reckon with. */
  readonly secondsLeft: number | undefined;
}

export interface DownloadRow {
  readonly download: DownloadView;
  readonly figures: TransferFigures;
  /** What is here of it, from 0 to 1, for the bar: never 1 before it is done. */
  readonly fraction: number;
  /** Grows by one each second while the row shows a time that goes by. */
  readonly second: number;
}

export interface UploadRow {
  readonly upload: UploadView;
  readonly perSecond: number;
  readonly sentBytes: number;
}

/** How fast a download comes and is sent on, over the last minutes. */
export interface Meter {
  readonly down: Rate;
  readonly up: Rate;
  readonly sinceMs: number;
}

export class Transfers {
  readonly downloads = new Table<DownloadRow>();
  readonly uploads = new Table<UploadRow>();
  readonly byState = new Tally(this.downloads, ({ download }) => download.state);
  readonly uploadsByState = new Tally(this.uploads, ({ upload }) => upload.state);
  readonly #newDownloads = new Map<number, DownloadView>();
  readonly #newUploads = new Map<number, UploadView>();
  readonly #meters = new Map<number, Meter>();
  readonly #uploadRates = new Map<number, Rate>();
  /** Views that are newer than their rows, in nothing but counters. */
  readonly #latest = new Map<number, DownloadView>();

  /** All downloads together. */
  get downPerSecond(): number {
    let sum = 0;
    for (const transfer of this.#meters.keys())
      sum += this.downloads.get(transfer)?.figures.downPerSecond ?? 0;
    return sum;
  }

  /** All uploads together. */
  get upPerSecond(): number {
    let sum = 0;
    for (const upload of this.#uploadRates.keys()) sum += this.uploads.get(upload)?.perSecond ?? 0;
    return sum;
  }

  /** Whether `settle` has something to do. */
  get changed(): boolean {
    return this.#newDownloads.size > 0 || this.#newUploads.size > 0;
  }

  /** Whether figures go on changing by themselves. */
  get moving(): boolean {
    return this.#meters.size > 0 || this.#uploadRates.size > 0;
  }

  download(transfer: number): DownloadView | undefined {
    return (
      this.#newDownloads.get(transfer) ?? this.#latest.get(transfer) ?? this.downloads.get(transfer)?.download
    );
  }

  /** A download as it was last told, with the figures that are shown of it. */
  latest(transfer: number): DownloadRow | undefined {
    const row = this.downloads.get(transfer);
    const download = this.download(transfer);
    return row === undefined || download === undefined ? undefined : { ...row, download };
  }

  /** Every download as it was last told, shown or not. */
  *views(): Generator<DownloadView> {
    for (const { download } of this.downloads.rows())
      if (!this.#newDownloads.has(download.transfer)) yield this.#latest.get(download.transfer) ?? download;
    yield* this.#newDownloads.values();
  }

  /** Every upload as it was last told, shown or not. */
  *uploadViews(): Generator<UploadView> {
    for (const { upload } of this.uploads.rows()) if (!this.#newUploads.has(upload.upload)) yield upload;
    yield* this.#newUploads.values();
  }

  /** The meters of a download that is or was at work in this run. */
  meter(transfer: number): Meter | undefined {
    return this.#meters.get(transfer);
  }

  noteDownload(view: DownloadView): void {
    this.#newDownloads.set(view.transfer, view);
  }

  noteUpload(view: UploadView): void {
    this.#newUploads.set(view.upload, view);
  }

  remove(transfers: readonly number[]): void {
    for (const transfer of transfers) {
      this.#newDownloads.delete(transfer);
      this.#latest.delete(transfer);
      this.#meters.delete(transfer);
      this.downloads.delete(transfer);
    }
  }

  clear(): void {
    this.remove([...this.#newDownloads.keys(), ...this.downloads.ids()].map(Number));
    this.#newUploads.clear();
    this.#uploadRates.clear();
    this.uploads.clear();
  }

  /** Makes rows of what was noted. `withFigures`: the time has come for figures to change. */
  settle(nowMs: number, withFigures: boolean): void {
    for (const [transfer, view] of this.#newDownloads) this.#settleDownload(transfer, view, nowMs);
    this.#newDownloads.clear();
    for (const [upload, view] of this.#newUploads) this.#settleUpload(upload, view, nowMs);
    this.#newUploads.clear();
    if (withFigures) this.#settleFigures(nowMs);
  }

  #settleDownload(transfer: number, view: DownloadView, nowMs: number): void {
    const row = this.downloads.get(transfer);
    const sends = row !== undefined && view.sentBytes > row.download.sentBytes;
    if ((isMoving(view) || sends) && !hasEnded(view) && !this.#meters.has(transfer)) {
      const last = row?.download ?? view;
      this.#meters.set(transfer, {
        down: new Rate(last.fetchedBytes, nowMs),
        up: new Rate(last.sentBytes, nowMs),
        sinceMs: nowMs,
      });
    } else if (row !== undefined && !isMoving(row.download) && isMoving(view)) {
      // How fast it was before it stood still says nothing of how fast it is now.
      this.#meters.get(transfer)?.down.restart(row.download.fetchedBytes, nowMs);
    }
    const fraction = fractionOf(view);
    const quiet = row !== undefined && fraction === row.fraction && sameButCounters(row.download, view);
    if (quiet && this.#meters.has(transfer)) {
      // Only counters have moved: they show when the figures change. The row keeps its look until then.
      this.#latest.set(transfer, view);
      return;
    }
    this.#latest.delete(transfer);
    const first = row === undefined || row.download.state !== view.state;
    const figures = first ? this.#figures(transfer, view) : row.figures;
    this.downloads.set(transfer, { download: view, figures, fraction, second: row?.second ?? 0 });
  }

  #settleUpload(upload: number, view: UploadView, nowMs: number): void {
    if (view.state === 'done') {
      this.#uploadRates.delete(upload);
      this.uploads.delete(upload);
      return;
    }
    const row = this.uploads.get(upload);
    if (view.state === 'uploading' && !this.#uploadRates.has(upload))
      this.#uploadRates.set(upload, new Rate((row?.upload ?? view).sentBytes, nowMs));
    const perSecond = view.state === 'uploading' ? (row?.perSecond ?? 0) : 0;
    const sentBytes = row?.upload.state === view.state ? row.sentBytes : view.sentBytes;
    this.uploads.set(upload, { upload: view, perSecond, sentBytes });
  }

  #settleFigures(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    for (const [transfer, { down, up, sinceMs }] of this.#meters) {
      const row = this.downloads.get(transfer);
      if (row === undefined) {
        this.#meters.delete(transfer);
        continue;
      }
      const view = this.#latest.get(transfer) ?? row.download;
      // The time of a pause is none in which it was slow.
      if (view.state === 'paused') down.restart(view.fetchedBytes, nowMs);
      else down.update(view.fetchedBytes, nowMs);
      up.update(view.sentBytes, nowMs);
      const figures = this.#figures(transfer, view);
      if (!sameFigures(figures, row.figures) || view !== row.download)
        this.downloads.set(transfer, { download: view, figures, fraction: fractionOf(view), second });
      // One that has just begun has not been looked at twice.
      const isOver = !isMoving(view) && nowMs - sinceMs >= rateAverageMs;
      if (isOver && figures.downPerSecond === 0 && figures.upPerSecond === 0) this.#meters.delete(transfer);
    }
    this.#latest.clear();
    for (const [upload, rate] of this.#uploadRates) {
      const row = this.uploads.get(upload);
      if (row === undefined) continue;
      rate.update(row.upload.sentBytes, nowMs);
      const perSecond = row.upload.state === 'uploading' ? rate.bytesPerSecond : 0;
      if (perSecond !== row.perSecond || row.sentBytes !== row.upload.sentBytes)
        this.uploads.set(upload, { upload: row.upload, perSecond, sentBytes: row.upload.sentBytes });
      if (perSecond === 0 && row.upload.state !== 'uploading') this.#uploadRates.delete(upload);
    }
  }

  #figures(transfer: number, view: DownloadView): TransferFigures {
    const meter = this.#meters.get(transfer);
    const downPerSecond = isMoving(view) ? (meter?.down.bytesPerSecond ?? 0) : 0;
    const left = view.sizeBytes === undefined ? undefined : Math.max(0, view.sizeBytes - hereBytes(view));
    return {
      hereBytes: hereBytes(view),
      downPerSecond,
      upPerSecond: meter?.up.bytesPerSecond ?? 0,
      secondsLeft: left === undefined || downPerSecond < 1024 ? undefined : left / downPerSecond,
    };
  }
}

/** Whether its figures may change at any time: what waits has none, for however long. */
const isMoving = ({ state }: DownloadView): boolean => state === 'downloading' || state === 'finishing';

/** In steps as fine as the widest bar can show. */
function fractionOf(view: DownloadView): number {
  const { state, sizeBytes } = view;
  if (state === 'done') return 1;
  if (sizeBytes === undefined || sizeBytes === 0) return 0;
  return Math.min(barSteps - 1, Math.floor((hereBytes(view) / sizeBytes) * barSteps)) / barSteps;
}

function sameButCounters(one: DownloadView, other: DownloadView): boolean {
  return (
    one.state === other.state &&
    one.sources === other.sources &&
    one.queueIndex === other.queueIndex &&
    one.priority === other.priority &&
    one.order === other.order &&
    one.name === other.name &&
    one.sizeBytes === other.sizeBytes &&
    one.knownSources === other.knownSources &&
    one.availability === other.availability &&
    one.queuePosition === other.queuePosition &&
    one.limitBytesPerSecond === other.limitBytesPerSecond &&
    one.problem?.message === other.problem?.message &&
    one.attempts === other.attempts &&
    one.nextAttemptMs === other.nextAttemptMs &&
    one.path === other.path &&
    one.files?.done === other.files?.done &&
    one.files?.failed === other.files?.failed &&
    one.files?.total === other.files?.total
  );
}

const sameFigures = (one: TransferFigures, other: TransferFigures): boolean =>
  one.hereBytes === other.hereBytes &&
  one.downPerSecond === other.downPerSecond &&
  one.upPerSecond === other.upPerSecond &&
  one.secondsLeft === other.secondsLeft;
