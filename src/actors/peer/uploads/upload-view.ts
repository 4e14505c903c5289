/** How a connection of a visitor is shown when it has just come. */
import type { UploadView } from '../../../core/engine/engine-api.ts';
import type { RemotePeer } from '../../../workers/transfer-contract.ts';

/** It has asked for nothing yet. `limitBytesPerSecond`: of all its connections, as of now. */
export function arrivedView(
  upload: number,
  { peer, name }: RemotePeer,
  limitBytesPerSecond: number,
): UploadView {
  const nothing = { id: undefined, name: undefined, sizeBytes: undefined, queuePosition: undefined };
  const shown = { upload, peer, peerName: name, ...nothing };
  return { ...shown, state: 'idle', sentBytes: 0, limitBytesPerSecond, sinceMs: Date.now() };
}
