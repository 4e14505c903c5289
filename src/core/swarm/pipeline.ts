/**
 * How much to have asked for at a time over one connection: about three seconds of its measured speed, so that
 * neither distance nor small files leave it idle, within a bound in bytes. Invariant: what was asked for and
 * has neither come nor been given up is counted exactly once.
 */
import { maxPipelineBytes, minPipelineBytes, pipelineSeconds } from '../limits/pipelining.ts';
import { RateMeter } from '../rates/rate-meter.ts';

export class Pipeline {
  readonly #meter: RateMeter;
  #outstandingBytes = 0;

  constructor(nowMs: number) {
    this.#meter = new RateMeter(nowMs);
  }

  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  asked(bytes: number): void {
    this.#outstandingBytes += bytes;
  }

  /** Payload came, wanted or not: it says how fast the connection is. */
  came(bytes: number, nowMs: number): void {
    this.#meter.add(bytes, nowMs);
  }

  /** A request is over: answered in full, refused or given up. */
  settled(bytes: number): void {
    this.#outstandingBytes = Math.max(0, this.#outstandingBytes - bytes);
  }

  bytesPerSecond(nowMs: number): number {
    return this.#meter.bytesPerSecond(nowMs);
  }

  windowBytes(nowMs: number): number {
    const wanted = pipelineSeconds * this.bytesPerSecond(nowMs);
    return Math.min(Math.max(wanted, minPipelineBytes), maxPipelineBytes);
  }

  /** How many bytes more may be asked for now; 0 or less: none. */
  roomBytes(nowMs: number): number {
    return this.windowBytes(nowMs) - this.#outstandingBytes;
  }
}
