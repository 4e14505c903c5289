/** The names of one parent's children: free of living actors', numbered when they repeat. */
import type { ActorPath } from './actor.ts';

export class ChildNames {
  readonly #parent: string;
  readonly #taken: ReadonlyMap<ActorPath, unknown>;
  readonly #last = new Map<string, number>();

  /** `parent` is empty for roots. */
  constructor(parent: string, taken: ReadonlyMap<ActorPath, unknown>) {
    this.#parent = parent;
    this.#taken = taken;
  }

  /** The path of the next child; throws when a name was asked for that a living actor has. */
  pathFor(definitionName: string, asked: string | undefined): ActorPath {
    const first = `${this.#parent}/${asked ?? definitionName}`;
    if (!this.#taken.has(first)) return first;
    if (asked !== undefined) throw new Error(`${first} exists already`);
    let number = this.#last.get(definitionName) ?? 1;
    do number += 1;
    while (this.#taken.has(`${first}-${number}`));
    this.#last.set(definitionName, number);
    return `${first}-${number}`;
  }
}
