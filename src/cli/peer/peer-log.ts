/**
 * A peer's running log for people: who we are, what is shared, who gets what. Files that appear together are
 * told together, so that a large share does not flood the terminal.
 */
import type { SharedFile } from '../../core/catalogue.ts';
import {
  hasEnded,
  type DownloadView,
  type EngineConfig,
  type EngineEvent,
  type UploadView,
} from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { hostPort } from '../../core/host.ts';
import { maxLoggedPaths, shareLogEveryMs, shareLogFiles } from '../../core/limits/cli.ts';
import { formatSize } from '../../core/quantity.ts';
import { nameOf } from '../../core/share/virtual-path.ts';
import { downloadName } from '../../tui/transfer-text.ts';
import { Changes } from '../changes.ts';
import { WaitNews } from '../get/wait-news.ts';
import { isHeldUp, waitWords } from '../get/wait-words.ts';
import { counted } from '../words.ts';
import type { Output } from '../output.ts';
import { ReachNews } from './reach-news.ts';
import { TrackerTroubles } from '../tracker/tracker-trouble.ts';

type About = Pick<EngineConfig, 'name' | 'shares' | 'downloads'>;

export class PeerLog {
  readonly #output: Output;
  readonly #about: About;
  readonly #uploads = new Changes<number>();
  readonly #downloads = new Changes<number>();
  readonly #waits: WaitNews<number>;
  readonly #trackers = new TrackerTroubles();
  readonly #reach = new ReachNews();
  /** Paths by content, for naming what is sent; the first so many only. */
  readonly #paths = new Map<string, string>();
  readonly #news = { shared: [] as string[], unshared: [] as string[], sharedCount: 0, unsharedCount: 0 };
  #newsTimer: NodeJS.Timeout | undefined;
  #peer: PeerId | undefined;
  #address: string | undefined;
  #hinted = false;

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(output: Output, about: About, ownTracker: boolean, now = () => performance.now()) {
    this.#output = output;
    this.#about = about;
    this.#waits = new WaitNews(now, (view) => output.line(`${downloadName(view)} waits: ${waitWords(view)}`));
    if (ownTracker) output.line('A tracker runs in this process, as none answered at its address.');
  }

  receive(event: EngineEvent): void {
    switch (event.type) {
      case 'ready':
        this.#peer = event.peer;
        return this.#greet();
      case 'listening':
        this.#address = hostPort(event);
        return this.#greet();
      case 'registered':
        this.#tellNews();
        this.#output.line(`Registered at ${hostPort(event.tracker)}: ${counted(event.files, 'file')}`);
        return this.#hint();
      case 'shared':
      case 'unshared':
        return this.#files(event.type, event.files);
      case 'skipped':
        this.#output.note(`Not shared: ${event.path}: ${event.problem.message}`);
        return;
      case 'tracker':
        this.#reach.receive(event.tracker, this.#output);
        return this.#trackers.receive(event.tracker, this.#output);
      case 'upload':
        return this.#upload(event.upload);
      case 'download':
        return this.#download(event.download);
      case 'stops-when-idle':
        this.#output.line(
          event.stopsWhenIdle ? 'It stops when its downloads are done' : 'It goes on until it is stopped',
        );
        return;
      case 'removed':
        return event.transfers.forEach((transfer) => this.#waits.ended(transfer));
      case 'fault':
      case 'sent-files':
      case 'tree-files':
      case 'shares':
      case 'limits':
      case 'blocked':
      case 'disk':
      case 'log':
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

  /** Says what has not been said yet; nothing after it. */
  close(): void {
    this.#waits.close();
    this.#tellNews();
  }

  /** Says who and where we are once both are known, whichever comes first. */
  #greet(): void {
    if (this.#peer === undefined || this.#address === undefined) return;
    const { name, shares, downloads } = this.#about;
    this.#output.line(
      `This is ${name}, id ${this.#peer}`,
      `Listening at ${this.#address}`,
      ...shares.map((share) => `Sharing ${share}`),
      `Downloads go to ${downloads}`,
    );
  }

  #hint(): void {
    if (this.#hinted) return;
    this.#hinted = true;
    this.#output.line(
      'Find files with: shoal search WORDS    Get one with: shoal get NAME    Stop with Ctrl-C',
    );
  }

  #files(what: 'shared' | 'unshared', files: readonly SharedFile[]): void {
    const news = this.#news;
    news[`${what}Count`] += files.length;
    for (const { path, sizeBytes } of files.slice(0, shareLogFiles - news[what].length))
      news[what].push(`${path} (${formatSize(sizeBytes)})`);
    if (what === 'shared')
      for (const { id, path } of files) if (this.#paths.size < maxLoggedPaths) this.#paths.set(id, path);
    this.#newsTimer ??= setTimeout(() => this.#tellNews(), shareLogEveryMs).unref();
  }

  #tellNews(): void {
    clearTimeout(this.#newsTimer);
    this.#newsTimer = undefined;
    const { shared, unshared, sharedCount, unsharedCount } = this.#news;
    this.#tellFiles('Shared', shared, sharedCount);
    this.#tellFiles('No longer shared', unshared, unsharedCount);
    Object.assign(this.#news, { shared: [], unshared: [], sharedCount: 0, unsharedCount: 0 });
  }

  #tellFiles(what: string, named: readonly string[], count: number): void {
    if (count > named.length) this.#output.line(`${what}: ${counted(count, 'file')}`);
    else this.#output.line(...named.map((file) => `${what}: ${file}`));
  }

  #upload({ upload, peerName, id, name, state, queuePosition }: UploadView): void {
    if (!this.#uploads.isNew(upload, `${state} ${id}`, state === 'done')) return;
    const file = id === undefined ? undefined : (this.#paths.get(id) ?? name ?? id);
    if (state === 'uploading' && file !== undefined) this.#output.line(`Sending ${file} to ${peerName}`);
    if (state === 'queued')
      this.#output.line(`${peerName} waits for a slot, place ${queuePosition ?? 'unknown'}`);
    if (state === 'done') this.#output.line(`${peerName} has left`);
  }

  #download(view: DownloadView): void {
    const { transfer, id, state, path, problem } = view;
    const name = downloadName(view);
    if (isHeldUp(view)) this.#waits.waits(transfer, view);
    else if (hasEnded(view)) this.#waits.ended(transfer);
    // Between attempts it looks for sources, and waits for the same as before.
    else if (state !== 'finding') this.#waits.goesOn(transfer);
    if (!this.#downloads.isNew(transfer, state, hasEnded({ state }))) return;
    if (state === 'downloading') this.#output.line(`Getting ${name}`);
    if (state === 'done')
      this.#output.line(
        `Got ${path === undefined ? name : downloadName({ id, name: nameOf(path) })}, verified`,
      );
    if (state === 'failed')
      this.#output.line(`Could not get ${name}: ${problem?.message ?? 'no reason given'}`);
  }
}
