/**
 * The downloads of this engine that others may have pieces of. Kept by who starts the tree, beside the actors:
 * downloads put in what they have open and take it out again, uploads look things up.
 * Invariant: what is in here may be read under its path, as far as its offer says.
 */
import type { ContentId } from '../../../core/ids.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { PartialOffer } from '../../../core/swarm/partial-offer.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import { Revocations } from '../../../core/uploads/revocations.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';

export interface Partial {
  readonly id: ContentId;
  /** What the download is called here. */
  readonly name: string;
  readonly filePath: string;
  readonly manifest: Manifest;
  readonly offer: PartialOffer;
}

export class Partials {
  /** Counts what is no longer served, of what is shared as well. */
  readonly revocations = new Revocations();
  readonly #partials = new Map<ContentId, Partial[]>();

  /** Lets others have what there is of it, until it is withdrawn. */
  offer(name: string, { id, path, manifest, have }: PartialFile): Partial {
    const offer = new PartialOffer(pieceCount(manifest.sizeBytes), have.memory);
    const partial = { id, name, filePath: path, manifest, offer };
    this.#partials.set(id, [...(this.#partials.get(id) ?? []), partial]);
    return partial;
  }

  /** Nobody new gets it. `isBroken`: nor do those who have it open; they may go on for a moment otherwise. */
  withdraw(partial: Partial, isBroken: boolean): void {
    if (isBroken) partial.offer.withdraw();
    const others = this.#partials.get(partial.id)?.filter((other) => other !== partial) ?? [];
    if (others.length > 0) this.#partials.set(partial.id, others);
    else this.#partials.delete(partial.id);
    this.revocations.revoke();
  }

  find(id: ContentId): Partial | undefined {
    return this.#partials.get(id)?.[0];
  }
}
