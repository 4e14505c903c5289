/**
 * When a conversation must have moved on: greeting, unfinished messages, silence, our own keep-alive. Knows no
 * clock: the time comes with each call.
 */
import { frameTimeoutMs, helloTimeoutMs } from '../core/limits/wire.ts';
import { RemoteProtocolError } from './errors.ts';

export interface KeepAlive {
  /** We say something at least this often; undefined leaves it to the other side. */
  readonly pingEveryMs: number | undefined;
  /** The remote is gone when nothing was heard for this long. */
  readonly silenceMs: number;
}

export class Liveness {
  keepAlive: KeepAlive;
  /** When a whole message, or raw data, last came. */
  heardMs: number;
  #saidMs: number;
  #frameSinceMs: number | undefined;
  #helloByMs: number;

  constructor(keepAlive: KeepAlive, nowMs: number) {
    this.keepAlive = keepAlive;
    this.heardMs = nowMs;
    this.#saidMs = nowMs;
    this.#helloByMs = nowMs + helloTimeoutMs;
  }

  /** When the remote is gone, unless something comes before. */
  get silentAtMs(): number {
    return this.heardMs + this.keepAlive.silenceMs;
  }

  heard(nowMs: number): void {
    this.heardMs = nowMs;
    this.#frameSinceMs = undefined;
  }

  said(nowMs: number): void {
    this.#saidMs = nowMs;
  }

  greeted(): void {
    this.#helloByMs = Infinity;
  }

  /** A message has begun and is not complete: trickling bytes do not extend its time. */
  began(nowMs: number): void {
    this.#frameSinceMs ??= nowMs;
  }

  deadlineMs(isReady: boolean): number {
    return Math.min(
      this.#helloByMs,
      this.silentAtMs,
      this.#frameByMs(),
      isReady ? this.#pingAtMs() : Infinity,
    );
  }

  /** Throws a RemoteProtocolError `timeout` when the remote took too long for something. */
  check(nowMs: number): void {
    if (nowMs >= this.#helloByMs) late('The greeting did not come in time');
    if (nowMs >= this.silentAtMs) late(`Nothing was heard for ${this.keepAlive.silenceMs / 1_000} s`);
    if (nowMs >= this.#frameByMs()) late('A message was begun and not finished in time');
  }

  isPingDue(nowMs: number): boolean {
    return nowMs >= this.#pingAtMs();
  }

  #frameByMs(): number {
    return this.#frameSinceMs === undefined ? Infinity : this.#frameSinceMs + frameTimeoutMs;
  }

  #pingAtMs(): number {
    const { pingEveryMs } = this.keepAlive;
    return pingEveryMs === undefined ? Infinity : this.#saidMs + pingEveryMs;
  }
}

function late(message: string): never {
  throw new RemoteProtocolError('timeout', message);
}
