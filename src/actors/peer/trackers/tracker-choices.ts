/**
 * Which tracker of one catalogue to dial next. Pure. Invariant: in one round each that is known is tried once, so
 * that none that is down keeps us from one that is up; and who loses a tracker does not begin with that one again.
 */
import type { TrackerAddress } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import type { PeerId } from '../../../core/ids.ts';
import { rendezvousOrder } from '../../../core/tracker/rendezvous.ts';
import type { KnownCatalogue } from './tracker-catalogues.ts';

/** A tracker to dial; one that another told us of, with the key that it must show. */
export interface TrackerChoice extends TrackerAddress {
  readonly id?: PeerId | undefined;
}

export interface ChoicesTerms {
  readonly own: PeerId;
  /** Looked at anew each time. */
  readonly catalogue: Readonly<KnownCatalogue>;
  /** Of who is at a tracker for a moment only: the named ones come first, as they are the likeliest to be there. */
  readonly isNamedFirst: boolean;
}

export class TrackerChoices {
  readonly #own: PeerId;
  readonly #isNamedFirst: boolean;
  readonly #catalogue: Readonly<KnownCatalogue>;
  readonly #tried = new Set<string>();

  constructor({ own, catalogue, isNamedFirst }: ChoicesTerms) {
    this.#own = own;
    this.#catalogue = catalogue;
    this.#isNamedFirst = isNamedFirst;
  }

  get hasUntried(): boolean {
    return this.#order().some((choice) => !this.#tried.has(hostPort(choice)));
  }

  /** The one to dial; a new round begins when all have been tried. */
  next(): TrackerChoice | undefined {
    const order = this.#order();
    const untried = order.find((choice) => !this.#tried.has(hostPort(choice)));
    if (untried !== undefined) return untried;
    this.#tried.clear();
    return order[0];
  }

  /** It cannot be had now. Whether there is one that has not been tried. */
  failed(choice: TrackerAddress): boolean {
    this.#tried.add(hostPort(choice));
    return this.hasUntried;
  }

  /** It was good until now: a new round, with that one last. Whether there is another. */
  left(choice: TrackerAddress): boolean {
    this.#tried.clear();
    return this.failed(choice);
  }

  #order(): readonly TrackerChoice[] {
    const { neighbours, former = [] } = this.#catalogue;
    const told = new Map<string, TrackerChoice>(neighbours.map((each) => [hostPort(each), each]));
    const named = this.#catalogue.named.map((each) => told.get(hostPort(each)) ?? each);
    for (const each of named) told.delete(hostPort(each));
    const present = new Set([...named, ...told.values()].map(hostPort));
    const last = this.#sort(former.filter((each) => !present.has(hostPort(each))));
    if (!this.#isNamedFirst) return [...this.#sort([...named, ...told.values()]), ...last];
    return [...this.#sort(named), ...this.#sort([...told.values()]), ...last];
  }

  #sort(choices: readonly TrackerChoice[]): readonly TrackerChoice[] {
    return rendezvousOrder(this.#own, choices, hostPort);
  }
}
