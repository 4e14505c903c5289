/**
 * Speeds from counters: the engine sends what has been received and sent so far, how fast that is we reckon
 * ourselves. A moving average for the figure, samples of two minutes for the picture. Invariant: memory for
 * samples is kept for what has moved within these two minutes only.
 */
import { maxSpeedSamples, rateAverageMs, rateSampleMs } from '../../core/limits/screen.ts';

export class Rate {
  #lastBytes: number;
  #lastMs: number;
  #movedMs = -Infinity;
  /** The average since `#startMs`, as if there had been nothing before: too low while that is not long ago. */
  #average = 0;
  #startMs: number;
  #samples: Float32Array | undefined;
  #sampleCount = 0;
  #nextSample = 0;
  #sampledMs: number;
  #sampledBytes: number;
  #peak = 0;

  constructor(bytes: number, nowMs: number) {
    this.#lastBytes = bytes;
    this.#lastMs = nowMs;
    this.#startMs = nowMs;
    this.#sampledMs = nowMs;
    this.#sampledBytes = bytes;
  }

  /** Right from the first bytes on: an average over so little as there has been. */
  get bytesPerSecond(): number {
    return this.#average === 0
      ? 0
      : this.#average / -Math.expm1((this.#startMs - this.#lastMs) / rateAverageMs);
  }

  get peakBytesPerSecond(): number {
    return this.#peak;
  }

  /** Oldest first, one for each second. */
  samples(): readonly number[] {
    const samples = this.#samples;
    if (samples === undefined) return [];
    return Array.from({ length: this.#sampleCount }, (_, at) => {
      return samples[(this.#nextSample - this.#sampleCount + at + maxSpeedSamples) % maxSpeedSamples] ?? 0;
    });
  }

  /** Takes in the counter as it is now. A counter that has become smaller starts anew. */
  update(bytes: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs <= 0) return;
    if (bytes < this.#lastBytes) {
      this.#lastBytes = bytes;
      this.#sampledBytes = bytes;
    }
    const current = ((bytes - this.#lastBytes) * 1000) / elapsedMs;
    const weight = 1 - Math.exp(-elapsedMs / rateAverageMs);
    this.#average += (current - this.#average) * weight;
    if (current > 0) this.#movedMs = nowMs;
    // An average of past speeds never gets to zero by itself; and what comes after nothing starts anew.
    if (nowMs - this.#movedMs >= 3 * rateAverageMs) {
      this.#average = 0;
      this.#startMs = nowMs;
    }
    this.#lastBytes = bytes;
    this.#lastMs = nowMs;
    this.#sample(bytes, nowMs);
  }

  /** Forgets how fast it was, but for the samples: what was silent meanwhile begins as a fresh one would. */
  restart(bytes: number, nowMs: number): void {
    this.#average = 0;
    this.#startMs = nowMs;
    this.#movedMs = -Infinity;
    this.#lastBytes = bytes;
    this.#lastMs = nowMs;
    this.#sampledBytes = bytes;
    this.#sampledMs = nowMs;
  }

  #sample(bytes: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#sampledMs;
    if (elapsedMs < rateSampleMs) return;
    const perSecond = ((bytes - this.#sampledBytes) * 1000) / elapsedMs;
    this.#sampledMs = nowMs;
    this.#sampledBytes = bytes;
    if (perSecond === 0 && this.#samples === undefined) return;
    this.#samples ??= new Float32Array(maxSpeedSamples);
    this.#samples[this.#nextSample] = perSecond;
    this.#nextSample = (this.#nextSample + 1) % maxSpeedSamples;
    this.#sampleCount = Math.min(maxSpeedSamples, this.#sampleCount + 1);
    this.#peak = Math.max(this.#peak, perSecond);
  }
}
