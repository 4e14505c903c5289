/**
 * The compact form of views on the way to a client: the first of each transfer whole, the next ones as what has
 * changed since. Invariant: writer and reader hold the same last view of each transfer, and none of those that
 * have ended.
 */
import {
  hasEnded,
  type DownloadView,
  type EngineEvent,
  type EngineSnapshot,
  type UploadView,
} from '../core/engine/engine-api.ts';

/** A whole view, or the fields that changed: kind, number of the transfer, then field and value in turn. */
export type PackedView = readonly [kind: number, transfer: number, ...values: unknown[]];
export type ViewEvent = Extract<EngineEvent, { readonly type: 'download' | 'upload' }>;

/** Every field of a view once, in the order in which they travel; the number of the transfer is none of them. */
type Fields<View> = readonly Exclude<keyof View, 'transfer' | 'upload'>[];
type Complete<View, Listed extends Fields<View>> =
  Exclude<keyof View, Listed[number] | 'transfer' | 'upload'> extends never ? Listed : never;
const complete =
  <View>() =>
  <const Listed extends Fields<View>>(listed: Complete<View, Listed>): Listed =>
    listed;

const downloadFields = complete<DownloadView>()([
  'id',
  'name',
  'outDir',
  'state',
  'priority',
  'order',
  'queueIndex',
  'limitBytesPerSecond',
  'sizeBytes',
  'doneBytes',
  'arrivingBytes',
  'fetchedBytes',
  'wastedBytes',
  'sentBytes',
  'files',
  'sources',
  'knownSources',
  'usedSources',
  'availability',
  'queuePosition',
  'path',
  'isCopy',
  'uncheckedBytes',
  'problem',
  'retry',
  'attempts',
  'nextAttemptMs',
  'addedMs',
  'endedMs',
]);

const uploadFields = complete<UploadView>()([
  'peer',
  'peerName',
  'id',
  'name',
  'sizeBytes',
  'state',
  'sentBytes',
  'limitBytesPerSecond',
  'queuePosition',
  'sinceMs',
]);

const wholeDownload = 0;
const changedDownload = 1;
const wholeUpload = 2;
const changedUpload = 3;

/** A snapshot with its thousands of downloads in the compact form, each whole. */
export type PackedSnapshot = Omit<EngineSnapshot, 'downloads'> & {
  readonly downloads: readonly PackedView[];
};

export function packSnapshot(snapshot: EngineSnapshot): PackedSnapshot {
  return { ...snapshot, downloads: snapshot.downloads.map(wholeDownloadOf) };
}

export function unpackSnapshot(snapshot: PackedSnapshot): EngineSnapshot {
  const downloads = snapshot.downloads.map(
    ([, transfer, ...values]) => ({ transfer, ...whole(downloadFields, values) }) as DownloadView,
  );
  return { ...snapshot, downloads };
}

function wholeDownloadOf(download: DownloadView): PackedView {
  return [wholeDownload, download.transfer, ...downloadFields.map((field) => download[field])];
}

/** The engine's end, one for each client. */
export class ViewWriter {
  readonly #downloads = new Map<number, DownloadView>();
  readonly #uploads = new Map<number, UploadView>();

  write(event: ViewEvent): PackedView {
    if (event.type === 'download') {
      const { download } = event;
      const { transfer } = download;
      const last = this.#downloads.get(transfer);
      remember(this.#downloads, transfer, download, hasEnded(download));
      return last === undefined
        ? wholeDownloadOf(download)
        : [changedDownload, transfer, ...changes(downloadFields, last, download)];
    }
    const { upload } = event;
    const last = this.#uploads.get(upload.upload);
    remember(this.#uploads, upload.upload, upload, upload.state === 'done');
    return last === undefined
      ? [wholeUpload, upload.upload, ...uploadFields.map((field) => upload[field])]
      : [changedUpload, upload.upload, ...changes(uploadFields, last, upload)];
  }

  /** What is not in a snapshot that makes up for missed events has ended unheard. */
  keepOnly(snapshot: EngineSnapshot): void {
    keepOnly(snapshot, this.#downloads, this.#uploads);
  }

  /** Nothing more will be said of these. */
  forget(transfers: readonly number[]): void {
    for (const transfer of transfers) this.#downloads.delete(transfer);
  }
}

/** The client's end. */
export class ViewReader {
  readonly #downloads = new Map<number, DownloadView>();
  readonly #uploads = new Map<number, UploadView>();

  /** As the writer at the same place. */
  keepOnly(snapshot: EngineSnapshot): void {
    keepOnly(snapshot, this.#downloads, this.#uploads);
  }

  /** The event that was written; undefined when it changes a view that never came. */
  read([kind, transfer, ...values]: PackedView): ViewEvent | undefined {
    if (kind === wholeDownload || kind === changedDownload) {
      const known = kind === wholeDownload ? {} : this.#downloads.get(transfer);
      if (known === undefined) return undefined;
      const filled = kind === wholeDownload ? whole(downloadFields, values) : changed(downloadFields, values);
      const download = { ...known, transfer, ...filled } as DownloadView;
      remember(this.#downloads, transfer, download, hasEnded(download));
      return { type: 'download', download };
    }
    const known = kind === wholeUpload ? {} : this.#uploads.get(transfer);
    if (known === undefined) return undefined;
    const filled = kind === wholeUpload ? whole(uploadFields, values) : changed(uploadFields, values);
    const upload = { ...known, upload: transfer, ...filled } as UploadView;
    remember(this.#uploads, transfer, upload, upload.state === 'done');
    return { type: 'upload', upload };
  }

  forget(transfers: readonly number[]): void {
    for (const transfer of transfers) this.#downloads.delete(transfer);
  }
}

function remember<View>(views: Map<number, View>, transfer: number, view: View, isLast: boolean): void {
  if (isLast) views.delete(transfer);
  else views.set(transfer, view);
}

function keepOnly(
  snapshot: EngineSnapshot,
  downloads: Map<number, DownloadView>,
  uploads: Map<number, UploadView>,
): void {
  const open = snapshot.downloads.filter((view) => !hasEnded(view));
  forgetOthers(downloads, new Set(open.map(({ transfer }) => transfer)));
  forgetOthers(uploads, new Set(snapshot.uploads.map(({ upload }) => upload)));
}

function forgetOthers(views: Map<number, unknown>, kept: ReadonlySet<number>): void {
  for (const transfer of views.keys()) if (!kept.has(transfer)) views.delete(transfer);
}

/** Only what differs by identity or value: problems and file counts are told again whenever they are new objects. */
function changes<View>(fields: readonly (keyof View)[], last: View, next: View): unknown[] {
  return fields.flatMap((field, at) => (Object.is(last[field], next[field]) ? [] : [at, next[field]]));
}

function whole(fields: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const [at, field] of fields.entries()) filled[field] = values[at];
  return filled;
}

function changed(fields: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (let at = 0; at + 1 < values.length; at += 2) {
    const field = fields[Number(values[at])];
    if (field !== undefined) filled[field] = values[at + 1];
  }
  return filled;
}
