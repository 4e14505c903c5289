/**
 * Where peers were reached by dialling them in this run: who does not answer there now is not behind a router.
 * Invariant: bounded; what has been known the longest is forgotten first.
 */
import type { Source } from '../../../core/catalogue.ts';
import { hostPort } from '../../../core/host.ts';
import { maxReachedPlaces } from '../../../core/limits/reach.ts';

type Place = Pick<Source, 'peer' | 'host' | 'port'>;

export class Reached {
  readonly #places = new Set<string>();

  note(place: Place): void {
    const key = keyOf(place);
    this.#places.delete(key);
    this.#places.add(key);
    for (const oldest of this.#places) {
      if (this.#places.size <= maxReachedPlaces) break;
      this.#places.delete(oldest);
    }
  }

  has(place: Place): boolean {
    return this.#places.has(keyOf(place));
  }
}

const keyOf = ({ peer, host, port }: Place): string => `${peer} ${hostPort({ host, port })}`;
