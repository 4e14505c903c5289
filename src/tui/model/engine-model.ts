/**
 * What the UI knows of its engine: filled by a snapshot, kept by events. Invariant: what is not asked for here is
 * what the engine said last; nothing is guessed.
 */
import type {
  BlockedPeer,
  DiskView,
  EngineEvent,
  EngineLimits,
  EngineSnapshot,
  LogLine,
  ShareView,
  TrackerView,
} from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { maxShownLogLines } from '../../core/limits/screen.ts';
import type { Problem } from '../../core/result.ts';
import { Table } from './table.ts';
import { Transfers } from './transfers.ts';

export interface EngineStatus {
  readonly peer: PeerId | undefined;
  readonly name: string;
  readonly port: number | undefined;
  readonly trackers: readonly TrackerView[];
  readonly shares: readonly ShareView[];
  readonly limits: EngineLimits | undefined;
  readonly blocked: readonly BlockedPeer[];
  readonly disk: DiskView | undefined;
  readonly startedMs: number | undefined;
  readonly stopsWhenIdle: boolean;
  /** Whether the first snapshot has come. */
  readonly known: boolean;
  /** Why the engine ended, when it did. */
  readonly fault: Problem | undefined;
  readonly stopped: boolean;
}

export interface LogRow {
  readonly number: number;
  readonly line: LogLine;
}

const nothingKnown: EngineStatus = {
  peer: undefined,
  name: '',
  port: undefined,
  trackers: [],
  shares: [],
  limits: undefined,
  blocked: [],
  disk: undefined,
  startedMs: undefined,
  stopsWhenIdle: false,
  known: false,
  fault: undefined,
  stopped: false,
};

export class EngineModel {
  readonly transfers = new Transfers();
  /** By number; the oldest go when there are more than `maxShownLogLines`. */
  readonly log = new Table<LogRow>();
  #status: EngineStatus = nothingKnown;
  #firstLog = 0;
  #nextLog = 0;

  /** Another object when anything in it has changed. */
  get status(): EngineStatus {
    return this.#status;
  }

  /** Downloads at work now and those that wait, and slots that upload. */
  counts(): { readonly active: number; readonly waiting: number; readonly uploading: number } {
    const { byState, uploadsByState } = this.transfers;
    const active = byState.of('downloading') + byState.of('finishing');
    const waiting = byState.of('queued') + byState.of('finding') + byState.of('waiting');
    return { active, waiting, uploading: uploadsByState.of('uploading') };
  }

  /** Takes an event in. Returns whether it was one that the model keeps something of. */
  receive(event: EngineEvent): boolean {
    switch (event.type) {
      case 'ready':
        return this.#set({ peer: event.peer, name: event.name });
      case 'listening':
        return this.#set({ port: event.port });
      case 'tracker':
        return this.#set({ trackers: withTracker(this.#status.trackers, event.tracker) });
      case 'upload':
        this.transfers.noteUpload(event.upload);
        return true;
      case 'download':
        this.transfers.noteDownload(event.download);
        return true;
      case 'removed':
        this.transfers.remove(event.transfers);
        return true;
      case 'shares':
        return this.#set({ shares: event.shares });
      case 'limits':
        return this.#set({ limits: event.limits });
      case 'blocked':
        return this.#set({ blocked: event.blocked });
      case 'disk':
        return this.#set({ disk: event.disk });
      case 'log':
        this.#addLog(event.line);
        return true;
      case 'stops-when-idle':
        return this.#set({ stopsWhenIdle: event.stopsWhenIdle });
      case 'fault':
        return this.#set({ fault: event.problem });
      case 'stopped':
        return this.#set({ stopped: true });
      case 'answer-snapshot':
        if (event.answer.ok) this.#takeSnapshot(event.answer.value);
        return event.answer.ok;
      case 'resync':
        this.#takeSnapshot(event.snapshot);
        return true;
      case 'registered':
      case 'shared':
      case 'unshared':
      case 'skipped':
      case 'sent-files':
      case 'tree-files':
      case 'answer-search':
      case 'answer-find-name':
      case 'answer-find-contents':
      case 'answer-peers':
      case 'answer-find-peer':
      case 'answer-browse':
      case 'answer-shared':
      case 'answer-share-entries':
      case 'answer-add-share':
      case 'answer-remove-share':
      case 'answer-download':
      case 'answer-details':
        return false;
    }
  }

  #takeSnapshot(snapshot: EngineSnapshot): void {
    const { peer, name, port, trackers, shares, limits, blocked, disk, startedMs, stopsWhenIdle } = snapshot;
    this.#set({
      peer,
      name,
      port,
      trackers,
      shares,
      limits,
      blocked,
      disk,
      startedMs,
      stopsWhenIdle,
      known: true,
    });
    this.transfers.clear();
    for (const download of snapshot.downloads) this.transfers.noteDownload(download);
    for (const upload of snapshot.uploads) this.transfers.noteUpload(upload);
    this.log.clear();
    for (const line of snapshot.log) this.#addLog(line);
  }

  #addLog(line: LogLine): void {
    const number = this.#nextLog++;
    this.log.set(number, { number, line });
    if (this.log.size > maxShownLogLines) this.log.delete(this.#oldestLog());
  }

  #oldestLog(): number {
    while (this.log.get(this.#firstLog) === undefined) this.#firstLog += 1;
    return this.#firstLog;
  }

  #set(change: Partial<EngineStatus>): true {
    this.#status = { ...this.#status, ...change };
    return true;
  }
}

function withTracker(trackers: readonly TrackerView[], changed: TrackerView): readonly TrackerView[] {
  const isIt = ({ host, port }: TrackerView): boolean => host === changed.host && port === changed.port;
  return trackers.some(isIt)
    ? trackers.map((tracker) => (isIt(tracker) ? changed : tracker))
    : [...trackers, changed];
}
