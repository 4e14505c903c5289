/**
 * The disk's side of one tree: the lock that makes it ours, and the job that puts its files there.
 * Invariant: once stopped, all that had come has its name or was reported as failed, and nothing hidden is left.
 */
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { blake3 } from '../../../content/hash.ts';
import type { TreeTarget } from '../../../core/engine/engine-api.ts';
import { encodeId, type ContentId } from '../../../core/ids.ts';
import { ok, type Result } from '../../../core/result.ts';
import { discardLeft } from '../../../profile/left-partial.ts';
import { clearStaging, openStaging, type Staging } from '../../../profile/staging.ts';
import { settleFolder } from '../../../profile/target-folder.ts';
import { handOver, openChannel, type Channel } from '../../../workers/channel.ts';
import { discardPartial, onceLetGo } from '../downloads/download-disk.ts';
import type { LocalCopies } from '../downloads/local-copies.ts';
import type { TransferRecord } from '../downloads/transfer-record.ts';
import type { TreeArgs } from './tree-messages.ts';
import type {
  PlacedFile,
  TreePage,
  TreePrepared,
  TreeWriterControl,
  TreeWriterHost,
  WriterReport,
} from '../../../workers/tree-contract.ts';

export interface TreeDiskOptions {
  readonly args: Pick<TreeArgs, 'transfers' | 'record' | 'library' | 'copies'>;
  /** What the disk was used through before, to be closed first. */
  readonly earlier: TreeDisk | undefined;
  readonly report: (report: WriterReport) => void;
}

export interface PreparedFiles extends TreePrepared {
  /** Those that have not come to their end. */
  readonly missing: ReadonlySet<number>;
  /** Where what is missing may be copied from. */
  readonly elsewhere: ReadonlyMap<ContentId, string>;
}

const nothing: ReadonlyMap<ContentId, string> = new Map();

export class TreeDisk {
  /** Settles when the job has ended; rejects when it died. */
  readonly over: Promise<void>;
  readonly #staging: Staging;
  readonly #outDir: string;
  readonly #channel: Channel<TreeWriterControl>;
  readonly #copies: LocalCopies | undefined;
  /** Contents that were begun in this folder by who had it open before, and of which something is left. */
  readonly #leftovers: Set<ContentId>;
  /** Settles when nothing is left of those of them that have come by other ways. */
  #discarded: Promise<void> = Promise.resolve();
  #settled: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #handedOver: Promise<void> | undefined;

  private constructor(staging: Staging, leftovers: readonly ContentId[], options: TreeDiskOptions) {
    const { args, report } = options;
    const { transfers, record, library, copies } = args;
    this.#copies = copies;
    const { outDir } = record.request;
    const { port1, port2 } = new MessageChannel();
    this.#staging = staging;
    this.#outDir = outDir;
    this.#leftovers = new Set(leftovers);
    this.#channel = openChannel<TreeWriterControl>(port1, { report } satisfies TreeWriterHost);
    this.over = transfers.run(
      'writeTree',
      { link: port2, outDir, staging: staging.path, adopts: library !== undefined },
      { transferList: [port2] },
    );
    // Its thread may be gone before anybody has been given this, and a rejection that nobody hears ends the program.
    this.over.catch(() => undefined);
  }

  /** Problems: `busy` when the same tree is being downloaded here already, and what the disk says. */
  static async open(options: TreeDiskOptions): Promise<Result<TreeDisk>> {
    const { earlier } = options;
    const { outDir, target } = options.args.record.request;
    await earlier?.handOver();
    const opened = await TreeDisk.#open(options);
    if (!opened.ok && earlier) await clearStaging(outDir, keyOf(target));
    return opened;
  }

  static async #open(options: TreeDiskOptions): Promise<Result<TreeDisk>> {
    const { record } = options.args;
    const { outDir, target } = record.request;
    const settled = await settleFolder(outDir, record.folder);
    if (!settled.ok) return settled;
    record.folder = settled.value;
    const staging = await openStaging(outDir, keyOf(target));
    return staging.ok ? ok(new TreeDisk(staging.value, await staging.value.leftovers(), options)) : staging;
  }

  /** Makes the folders, and looks at what of the files is here already, or should lie elsewhere on this machine. */
  async prepare(folders: TreePage['folders'], files: readonly PlacedFile[]): Promise<PreparedFiles> {
    const prepared = await this.#channel.remote.prepare({ folders, files: files.map(placedOf) });
    const ended = new Set([...prepared.written, ...prepared.failed].map(({ file }) => file));
    const missing = files.filter(({ file }) => !ended.has(file));
    const elsewhere = (await this.#copies?.find(missing.map(({ id }) => id))) ?? nothing;
    return { ...prepared, missing: new Set(missing.map(({ file }) => file)), elsewhere };
  }

  /** A port for a connection to hand files over; its other end goes to the job. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#channel.remote.connect(handOver(port2, [port2])).catch(() => port1.close());
    return port1;
  }

  copy(file: number, from: string): void {
    // When the job is gone its end says so.
    this.#channel.remote.copy(file, from).catch(() => undefined);
  }

  /** A content is downloaded into the same folder. */
  begun(id: ContentId): void {
    this.#staging.begun(id);
  }

  /** It was copied: what this folder has had of it is of no use any more. What others have of it here is theirs. */
  copied(id: ContentId): void {
    if (!this.#leftovers.delete(id)) return;
    const discard = async (): Promise<void> => void (await discardLeft(this.#outDir, id));
    // What cannot be removed stays, and stays on the list.
    this.#discarded = this.#discarded.then(discard).catch(() => undefined);
  }

  /** They are not asked for together with the others. */
  setAside(files: readonly number[]): void {
    this.#channel.remote.setAside(files).catch(() => undefined);
  }

  /** They will not come. */
  forget(files: readonly number[]): void {
    this.#channel.remote.forget(files).catch(() => undefined);
  }

  /** What has come gets its names and is reported, and no more is taken. The folder stays ours. */
  settle(): Promise<void> {
    return (this.#settled ??= this.#end());
  }

  /** Settles, and lets go of the folder. To be called once no content that was begun has its partial file open. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.settle().then(() => this.#staging.close()));
  }

  /** Settles, for another that is opened at once: contents are still at work. */
  handOver(): Promise<void> {
    return (this.#handedOver ??= this.settle().then(() => this.#staging.release()));
  }

  async #end(): Promise<void> {
    this.#channel.remote.stop().catch(() => undefined);
    await this.over.catch(() => undefined);
    this.#channel.close();
    await this.#discarded;
  }
}

/** What of a file matters to the disk. */
function placedOf({ file, id, sizeBytes, folders, name }: PlacedFile): PlacedFile {
  return { file, id, sizeBytes, folders, name };
}

/** Where the top folder of the tree comes to lie. */
export function rootOf(outDir: string, root: readonly string[]): string {
  return join(outDir, ...root);
}

/** Finished files stay: who knows what else has been put beside them. */
export async function discardTree(record: TransferRecord<TreeTarget>): Promise<void> {
  const { outDir, target } = record.request;
  const staging = await onceLetGo(() => openStaging(outDir, keyOf(target)));
  if (!staging.ok) return;
  for (const id of await staging.value.leftovers()) await discardPartial(outDir, id);
  await staging.value.close();
}

/** What tells one folder's files below an output folder from those of another. */
export function keyOf({ source, path }: TreeTarget): string {
  return encodeId(blake3.hash(new TextEncoder().encode(`${source.peer}\0${path}`))).slice(0, 26);
}
