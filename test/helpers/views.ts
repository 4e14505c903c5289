/** What an engine shows to its clients, filled with the most ordinary values; tests change what they are about. */
import { defaultLimits, unheardOf } from '../../src/core/engine/engine-api.ts';
import type {
  DownloadView,
  EngineSnapshot,
  TrackerView,
  UploadView,
} from '../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../src/core/ids.ts';

const id = (seed: number): string => encodeId(new Uint8Array(32).fill(seed));

export function downloadView(changes: Partial<DownloadView> = {}): DownloadView {
  return {
    transfer: 1,
    id: id(1) as ContentId,
    name: 'file-1',
    outDir: '/out',
    state: 'downloading',
    priority: 'normal',
    order: 'rarest',
    queueIndex: 1,
    limitBytesPerSecond: 0,
    sizeBytes: 1000,
    doneBytes: 0,
    arrivingBytes: 0,
    fetchedBytes: 0,
    wastedBytes: 0,
    sentBytes: 0,
    files: undefined,
    sources: 1,
    knownSources: 1,
    usedSources: 0,
    availability: undefined,
    queuePosition: undefined,
    path: undefined,
    isCopy: false,
    uncheckedBytes: 0,
    problem: undefined,
    retry: undefined,
    attempts: 0,
    nextAttemptMs: undefined,
    addedMs: 0,
    endedMs: undefined,
    ...changes,
  };
}

export function uploadView(changes: Partial<UploadView> = {}): UploadView {
  return {
    upload: 1,
    peer: id(3) as PeerId,
    peerName: 'bob',
    id: id(1) as ContentId,
    name: 'file-1',
    sizeBytes: 1000,
    state: 'uploading',
    sentBytes: 0,
    limitBytesPerSecond: 0,
    queuePosition: undefined,
    sinceMs: 0,
    ...changes,
  };
}

export function trackerView(changes: Partial<TrackerView> = {}): TrackerView {
  return {
    ...unheardOf,
    host: '127.0.0.1',
    port: 5000,
    state: 'registered',
    id: id(9) as PeerId,
    ...changes,
  };
}

export function engineSnapshot(changes: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return {
    peer: id(2) as PeerId,
    name: 'me',
    port: 4001,
    trackers: [],
    downloads: [],
    uploads: [],
    share: { files: 0, bytes: 0, hashing: { files: 0, bytes: 0 } },
    shares: [],
    limits: defaultLimits,
    blocked: [],
    disk: { folder: '/out', freeBytes: undefined },
    log: [],
    startedMs: 0,
    stopsWhenIdle: false,
    actors: [],
    ...changes,
  };
}
