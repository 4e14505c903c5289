/**
 * Tells who keeps the log what a thread waits for that opens the catalogue: at the start nobody else is there yet, but
 * one that starts again waits as well. Invariant: a reason is told when it is another one, however long it lasts.
 */
import type { StorePatience } from '../../store/catalog-store.ts';
import type { ActorRef } from '../runtime/index.ts';

/** Plain data: it crosses threads. */
export interface CatalogueWait {
  readonly type: 'waiting';
  /** The actor that cannot begin. */
  readonly who: string;
  readonly reason: string;
}

/** How an actor waits that tells of it. */
export function tellingPatience(
  who: string,
  waits: ActorRef<CatalogueWait> | undefined,
): Pick<StorePatience, 'onWait'> {
  let told: string | undefined;
  return {
    onWait(reason) {
      if (reason === told) return;
      told = reason;
      waits?.tell({ type: 'waiting', who, reason });
    },
  };
}
