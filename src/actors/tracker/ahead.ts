/**
 * What a peer has added that the registry has been given and has not answered: with what comes behind it, it ends up in
 * one transaction, and is prepared while the registry is at work. Invariant: it is bounded, by messages and by bytes,
 * but for the one message that was let in last; one is waited for at a time.
 */
import { maxBytesAhead, maxMessagesAhead } from '../../core/limits/tracker.ts';

export class Ahead {
  #messages = 0;
  #bytes = 0;
  #waiting: { readonly isMet: () => boolean; readonly go: () => void } | undefined;

  /** Messages of files. */
  get count(): number {
    return this.#messages;
  }

  began(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  ended(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    const waiting = this.#waiting;
    if (waiting?.isMet() !== true) return;
    this.#waiting = undefined;
    waiting.go();
  }

  /** Calls it as soon as one more may be added. */
  whenRoom(go: () => void): void {
    this.#when(() => this.#messages < maxMessagesAhead && this.#bytes < maxBytesAhead, go);
  }

  /** Calls it as soon as all is answered. */
  whenNone(go: () => void): void {
    this.#when(() => this.#messages === 0, go);
  }

  #when(isMet: () => boolean, go: () => void): void {
    if (isMet()) go();
    else this.#waiting = { isMet, go };
  }
}
