/**
 * The two limits of a whole engine, up and down, as all its threads see them. Peers in private networks are
 * exempt unless `limitsLan` is set. Invariant: a change holds at once, for connections that are under way too.
 */
import type { EngineLimits } from './engine-api.ts';
import { isPrivateHost } from '../host.ts';
import { SharedRate, sharedRateBytes, type Rate } from '../rates/shared-rate.ts';

type RateLimits = Pick<EngineLimits, 'uploadBytesPerSecond' | 'downloadBytesPerSecond' | 'limitsLan'>;

const upOffset = 0;
const downOffset = sharedRateBytes;
const lanOffset = 2 * sharedRateBytes;

export class EngineRates {
  /** What other threads are given; they make their own `EngineRates` of it. */
  readonly shared: SharedArrayBuffer;
  readonly #up: SharedRate;
  readonly #down: SharedRate;
  readonly #limitsLan: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(lanOffset + 8)) {
    this.shared = shared;
    this.#up = new SharedRate(shared, upOffset);
    this.#down = new SharedRate(shared, downOffset);
    this.#limitsLan = new Int32Array(shared, lanOffset, 1);
  }

  set({ uploadBytesPerSecond, downloadBytesPerSecond, limitsLan }: RateLimits): void {
    this.#up.setRate(uploadBytesPerSecond);
    this.#down.setRate(downloadBytesPerSecond);
    Atomics.store(this.#limitsLan, 0, limitsLan ? 1 : 0);
  }

  /** The limit for what is sent to a host. */
  uploadTo(host: string): Rate {
    return this.#for(host, this.#up);
  }

  /** The limit for what comes from a host. */
  downloadFrom(host: string): Rate {
    return this.#for(host, this.#down);
  }

  #for(host: string, rate: SharedRate): Rate {
    return isPrivateHost(host) ? new LanRate(rate, () => Atomics.load(this.#limitsLan, 0) === 1) : rate;
  }
}

/** A rate that holds only while peers nearby are limited as well. */
class LanRate implements Rate {
  readonly #rate: Rate;
  readonly #isLimited: () => boolean;

  constructor(rate: Rate, isLimited: () => boolean) {
    this.#rate = rate;
    this.#isLimited = isLimited;
  }

  get bytesPerSecond(): number {
    return this.#isLimited() ? this.#rate.bytesPerSecond : 0;
  }

  book(bytes: number, nowUs: number): number {
    return this.#isLimited() ? this.#rate.book(bytes, nowUs) : nowUs;
  }
}
