/** What the measures of a tracker have in common: types only, and the words for their options. */
import type { Goal } from '../harness/race.ts';
import type { Scene } from '../harness/scene.ts';

export interface PartOptions {
  /** Files in the catalogue where a part needs a large one. */
  readonly files: number;
  /** Peers where a part has a number of its own; undefined: that. */
  readonly peers: number | undefined;
  /** Connections held at once by the crowd. */
  readonly connections: number;
  /** How long a rate is measured. */
  readonly seconds: number;
}

/** A line of what was measured: its columns are the part's own. */
export type Figure = Readonly<Record<string, string | number>>;

export interface Findings {
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
}

export interface Part {
  readonly name: string;
  readonly what: string;
  run(scene: Scene, options: PartOptions): Promise<Findings>;
}

export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));
