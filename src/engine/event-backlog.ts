/**
 * The events that wait for one client, in order. Views of a transfer pass at most once in each interval, the
 * latest, and its end at once. Invariant: it is bounded; when that bound is met everything is let go of but the
 * questions, which are answered with a refusal.
 */
import { hasEnded, type EngineEvent } from '../core/engine/engine-api.ts';
import { isAnswer, type EngineAnswer } from '../core/engine/engine-answers.ts';
import { viewIntervalMs } from '../core/limits/engine.ts';
import type { ViewEvent } from './view-deltas.ts';

export class EventBacklog {
  readonly #waiting: EngineEvent[] = [];
  /** Views that wait for the end of the interval, the latest of each transfer. */
  readonly #paced = new Map<string, ViewEvent>();
  /** Whose views have passed in this interval. */
  readonly #passed = new Set<string>();
  readonly #after: (ms: number, callback: () => void) => unknown;
  readonly #onReady: () => void;
  #isPacing = false;

  /** `onReady` is called whenever there may be something to take. */
  constructor(after: (ms: number, callback: () => void) => unknown, onReady: () => void) {
    this.#after = after;
    this.#onReady = onReady;
  }

  get size(): number {
    return this.#waiting.length + this.#paced.size;
  }

  add(event: EngineEvent): void {
    if (event.type === 'download' || event.type === 'upload') return this.#addView(event);
    if (event.type === 'removed')
      for (const transfer of event.transfers) this.#paced.delete(keyOf('download', transfer));
    // What a snapshot says is newer than any view that still waits.
    if (event.type === 'answer-snapshot' || event.type === 'resync') this.#releaseAll();
    this.#push(event);
  }

  /** The next events, until they tell of so much; at least one. */
  take(amount: number): readonly EngineEvent[] {
    let count = 0;
    for (let told = 0; told < amount && count < this.#waiting.length; count++)
      told += amountOf(this.#waiting[count]);
    return this.#waiting.splice(0, count);
  }

  /** Lets go of everything; the answers that were among it, each question once. */
  clear(): readonly EngineAnswer[] {
    this.#paced.clear();
    const answers = this.#waiting.splice(0).filter(isAnswer);
    return [...new Map(answers.map((answer) => [answer.requestId, answer])).values()];
  }

  #addView(event: ViewEvent): void {
    const key =
      event.type === 'download'
        ? keyOf('download', event.download.transfer)
        : keyOf('upload', event.upload.upload);
    const isOver = event.type === 'download' ? hasEnded(event.download) : event.upload.state === 'done';
    if (isOver) {
      this.#paced.delete(key);
      this.#push(event);
    } else if (this.#passed.has(key)) this.#paced.set(key, event);
    else this.#pass(key, event);
  }

  #pass(key: string, event: ViewEvent): void {
    this.#passed.add(key);
    this.#push(event);
    if (this.#isPacing) return;
    this.#isPacing = true;
    this.#after(viewIntervalMs, () => this.#nextInterval());
  }

  #nextInterval(): void {
    this.#isPacing = false;
    this.#passed.clear();
    this.#releaseAll();
  }

  #releaseAll(): void {
    const paced = [...this.#paced];
    this.#paced.clear();
    for (const [key, event] of paced) this.#pass(key, event);
  }

  #push(event: EngineEvent): void {
    this.#waiting.push(event);
    this.#onReady();
  }
}

/** An event about many files is as much as one about each of them. */
function amountOf(event: EngineEvent | undefined): number {
  if (event?.type === 'sent-files') return event.ids.length;
  const isOfFiles = event?.type === 'shared' || event?.type === 'unshared' || event?.type === 'tree-files';
  return isOfFiles ? event.files.length : 1;
}

const keyOf = (what: 'download' | 'upload', transfer: number): string => `${what} ${transfer}`;
