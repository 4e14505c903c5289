/**
 * Which of the trackers that a person has named are of one catalogue, so that we are at one of them only. Pure.
 * Invariant: each named tracker is in exactly one catalogue; catalogues only ever grow together, and only where each
 * tells of the other: none can take us from another by what it says alone.
 */
import type { TrackerAddress } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import type { PeerId } from '../../../core/ids.ts';
import type { NeighbourTracker } from '../../../core/tracker/neighbours.ts';
import type { KnownNeighbours } from '../../../identity/known-neighbours.ts';

/** A tracker of a catalogue that nobody tells of any more. */
export interface FormerNeighbour extends NeighbourTracker {
  /** When it is tried no longer, by the clock of the links. */
  readonly untilMs: number;
}

/** What is known of a catalogue's trackers; kept outside the link to it, so that it survives that. */
export interface KnownCatalogue {
  /** Those that a person has named, the first first: its address is what the catalogue is called. */
  named: readonly [TrackerAddress, ...TrackerAddress[]];
  /** Those that one of them told of. */
  neighbours: readonly NeighbourTracker[];
  /** Those told of before and no longer: who restarts is known to nobody for a moment. They are tried last. */
  former?: readonly FormerNeighbour[];
}

export class TrackerCatalogues {
  readonly #all: KnownCatalogue[] = [];

  constructor(named: readonly TrackerAddress[], known: KnownNeighbours) {
    for (const address of named) {
      const neighbours = known.get(hostPort(address)) ?? [];
      const same = this.#all.find(
        (each) => names(each.neighbours, [address]) && names(neighbours, each.named),
      );
      if (same === undefined) this.#all.push({ named: [address], neighbours });
      else same.named = [...same.named, address];
    }
  }

  get all(): readonly KnownCatalogue[] {
    return this.#all;
  }

  /** The one that is called so. */
  of(first: TrackerAddress): KnownCatalogue | undefined {
    return this.#all.find(({ named }) => hostPort(named[0]) === hostPort(first));
  }

  /**
   * A tracker of a catalogue has told of others: takes in those catalogues that turn out to be the same, as theirs have
   * told of it, and gives them. `idAt`: whom the link to a catalogue has found there.
   */
  learn(
    catalogue: KnownCatalogue,
    neighbours: readonly NeighbourTracker[],
    idAt: (first: TrackerAddress) => PeerId | undefined,
  ): readonly KnownCatalogue[] {
    catalogue.neighbours = neighbours;
    const tellsOf = (teller: KnownCatalogue, { named }: KnownCatalogue): boolean =>
      names(teller.neighbours, named) || teller.neighbours.some(({ id }) => id === idAt(named[0]));
    const same = this.#all.filter(
      (other) => other !== catalogue && tellsOf(catalogue, other) && tellsOf(other, catalogue),
    );
    for (const other of same) {
      this.#all.splice(this.#all.indexOf(other), 1);
      catalogue.named = [...catalogue.named, ...other.named];
    }
    return same;
  }
}

/** Whether one of these is named. */
function names(neighbours: readonly NeighbourTracker[], named: readonly TrackerAddress[]): boolean {
  const told = new Set(neighbours.map(hostPort));
  return named.some((address) => told.has(hostPort(address)));
}
