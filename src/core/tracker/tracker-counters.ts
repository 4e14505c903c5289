/**
 * What a tracker's threads count, in memory that they share: counting costs an addition and no message, and who
 * wants to know sums up. Invariant: each block is written by one thread only, so nothing is lost without locks. A
 * number is a double: whole up to 2^53, and written as one on all machines that Node runs on.
 */
import {
  countersByKind,
  durationBoundsMs,
  durations,
  gauges,
  plainCounters,
  type CounterFamily,
  type DurationName,
  type GaugeName,
  type KindOf,
  type PlainCounter,
} from './tracker-measures.ts';

/** Of each duration: one word a bucket, one for what took longer than the last bound, and the sum. */
const durationWords = durationBoundsMs.length + 2;

type Places<Name extends string> = Readonly<Record<Name, number>>;

let nextWord = 0;
const counterAt = places(plainCounters, 1);
const familyAt = Object.fromEntries(
  Object.entries(countersByKind).map(([family, kinds]) => [family, places<string>(kinds, 1)]),
) as Readonly<Record<CounterFamily, Places<string>>>;
const gaugeAt = places(gauges, 1);
const durationAt = places(durations, durationWords);
const blockWords = nextWord;
const blockBytes = blockWords * Float64Array.BYTES_PER_ELEMENT;

function places<Name extends string>(names: readonly Name[], wordsEach: number): Places<Name> {
  const found: Partial<Record<Name, number>> = {};
  for (const name of names) {
    found[name] = nextWord;
    nextWord += wordsEach;
  }
  return found as Places<Name>;
}

/** Where the counters of one thread are: plain data, which takes shared memory along to that thread. */
export interface CounterBlock {
  readonly memory: SharedArrayBuffer;
  readonly at: number;
}

/** The counters of one thread, to write. */
export class ThreadCounters {
  readonly #words: Float64Array;

  /** Without `words` they are its own, and nobody looks at them. */
  constructor(words: Float64Array = new Float64Array(blockWords)) {
    this.#words = words;
  }

  /** Those of a block; of none, nobody looks at them. */
  static in(block: CounterBlock | undefined): ThreadCounters {
    if (block === undefined) return new ThreadCounters();
    return new ThreadCounters(new Float64Array(block.memory, block.at * blockBytes, blockWords));
  }

  add(counter: PlainCounter, count = 1): void {
    this.#add(counterAt[counter], count);
  }

  addTo<F extends CounterFamily>(family: F, kind: KindOf<F>, count = 1): void {
    const at = familyAt[family][kind];
    if (at !== undefined) this.#add(at, count);
  }

  /** The same for a kind that need not be in the table: it counts as `other`. */
  addToOr(family: 'requests' | 'refusals' | 'filesRejected' | 'ended', kind: string, count = 1): void {
    const kinds = familyAt[family];
    this.#add((Object.hasOwn(kinds, kind) ? kinds[kind] : kinds['other']) ?? 0, count);
  }

  set(gauge: GaugeName, value: number): void {
    this.#words[gaugeAt[gauge]] = value;
  }

  /** Changes a gauge by so much. */
  shift(gauge: GaugeName, by: number): void {
    this.#add(gaugeAt[gauge], by);
  }

  /** Notes how long something took. */
  took(duration: DurationName, ms: number): void {
    const from = durationAt[duration];
    let bucket = 0;
    while (bucket < durationBoundsMs.length && ms > (durationBoundsMs[bucket] ?? Infinity)) bucket += 1;
    this.#add(from + bucket, 1);
    this.#add(from + durationWords - 1, ms);
  }

  /** Says that nothing is as it was: a thread that takes the place of another begins with this. */
  resetGauges(): void {
    for (const gauge of gauges) this.#words[gaugeAt[gauge]] = 0;
  }

  #add(at: number, count: number): void {
    this.#words[at] = (this.#words[at] ?? 0) + count;
  }
}

/** How long things took: `counts` by bucket (see `durationBoundsMs`), not summed up. */
export interface Durations {
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** The counters of all threads of a tracker, to read, and to hand out. */
export class TrackerCounters {
  /** What a thread needs to make the same of: `new TrackerCounters(threads, memory)`. */
  readonly memory: SharedArrayBuffer;
  readonly threads: readonly string[];

  /** `threads` names them in the order of their blocks. */
  constructor(threads: readonly string[], memory?: SharedArrayBuffer) {
    this.threads = threads;
    this.memory = memory ?? new SharedArrayBuffer(threads.length * blockBytes);
  }

  /** The counters of the thread of that name, which alone may write there; throws when there is none. */
  of(thread: string): ThreadCounters {
    return ThreadCounters.in(this.block(thread));
  }

  /** The same to be sent there. */
  block(thread: string): CounterBlock {
    const at = this.threads.indexOf(thread);
    if (at < 0)
      throw new RangeError(`No counters were made for ${thread}, only for ${this.threads.join(', ')}`);
    return { memory: this.memory, at };
  }

  total(counter: PlainCounter): number {
    return this.#sum(counterAt[counter]);
  }

  totalOf<F extends CounterFamily>(family: F, kind: KindOf<F>): number {
    return this.#sum(familyAt[family][kind] ?? 0);
  }

  gauge(gauge: GaugeName): number {
    return this.#sum(gaugeAt[gauge]);
  }

  /** The counter or gauge of each thread, in their order. */
  byThread(name: PlainCounter | GaugeName): readonly number[] {
    const at = name in counterAt ? counterAt[name as PlainCounter] : gaugeAt[name as GaugeName];
    return this.threads.map((_, thread) => this.#block(thread)[at] ?? 0);
  }

  durations(duration: DurationName): Durations {
    const from = durationAt[duration];
    const counts = Array.from({ length: durationWords - 1 }, (_, bucket) => this.#sum(from + bucket));
    return { counts, sumMs: this.#sum(from + durationWords - 1) };
  }

  #block(thread: number): Float64Array {
    return new Float64Array(this.memory, thread * blockBytes, blockWords);
  }

  #sum(at: number): number {
    let sum = 0;
    for (let thread = 0; thread < this.threads.length; thread++) sum += this.#block(thread)[at] ?? 0;
    return sum;
  }
}

/**
 * The duration below which `part` (0 to 1) of them stayed, in milliseconds, evenly spread within its bucket;
 * undefined when there were none. Beyond the last bound, that bound.
 */
export function quantileMs(counts: readonly number[], part: number): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return undefined;
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    const low = durationBoundsMs[bucket - 1] ?? 0;
    const high = durationBoundsMs[bucket] ?? low;
    if (count > 0 && before + count >= part * all)
      return low + ((part * all - before) / count) * (high - low);
    before += count;
  }
  return durationBoundsMs.at(-1);
}
