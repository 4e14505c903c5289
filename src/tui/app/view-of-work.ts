/** Where to look at first: at what is under way. Pure. */
import { hasEnded } from '../../core/engine/engine-api.ts';
import type { ScreenName } from '../keys/places.ts';
import type { EngineModel } from '../model/engine-model.ts';

/** Downloads that have not ended come before peers that get something of us; undefined: nothing is under way. */
export function viewOfWork({ transfers }: EngineModel): ScreenName | undefined {
  for (const download of transfers.views())
    if (!hasEnded(download) && download.state !== 'paused') return 'downloads';
  for (const upload of transfers.uploadViews()) if (upload.state === 'uploading') return 'uploads';
  return undefined;
}
