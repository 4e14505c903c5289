/**
 * The secrets of a tracker's session tickets, in `<folder>/ticket_keys`, readable by its owner only: who comes back after
 * a restart resumes its session. Whoever has them can pass for any peer that has a ticket, so they are made anew when they
 * have served their time; a ticket of older ones costs a whole handshake, and nothing else.
 * Invariant: what is in use is 48 secret bytes, whether or not they can be kept.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ticketKeyLifeMs } from '../core/limits/connections.ts';

const keyBytes = 48;
/** Milliseconds since 1970 when they were made, then the keys. */
const fileBytes = 8 + keyBytes;
const othersMask = 0o077;

export class TicketKeys {
  readonly #path: string | undefined;
  #keys: Uint8Array;
  #madeMs: number;

  private constructor(path: string | undefined, keys: Uint8Array, madeMs: number) {
    this.#path = path;
    this.#keys = keys;
    this.#madeMs = madeMs;
  }

  /** Those kept in a folder, or new ones where there are none that are still good. Without a folder they are kept nowhere. */
  static load(folder: string | undefined, nowMs: number): TicketKeys {
    const path = folder && join(folder, 'ticket_keys');
    const kept = path && read(path);
    const keys = new TicketKeys(path, kept ? kept.keys : new Uint8Array(), kept ? kept.madeMs : 0);
    if (!kept || keys.leftMs(nowMs) === 0) keys.renew(nowMs);
    return keys;
  }

  get current(): Uint8Array {
    return this.#keys;
  }

  /** How long they may still be used; a clock that was put back ends them too. */
  leftMs(nowMs: number): number {
    const ageMs = nowMs - this.#madeMs;
    return ageMs < 0 ? 0 : Math.max(0, ticketKeyLifeMs - ageMs);
  }

  /** Others in their place. */
  renew(nowMs: number): void {
    this.#keys = new Uint8Array(randomBytes(keyBytes));
    this.#madeMs = nowMs;
    if (this.#path !== undefined) write(this.#path, this.#keys, nowMs);
  }
}

/** Undefined: there are none, they are not whole, or others may have read them. */
function read(path: string): { readonly keys: Uint8Array; readonly madeMs: number } | undefined {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & othersMask) !== 0) return undefined;
    const bytes = readFileSync(path);
    if (bytes.length !== fileBytes) return undefined;
    return { keys: new Uint8Array(bytes.subarray(8)), madeMs: Number(bytes.readBigUInt64BE()) };
  } catch {
    return undefined;
  }
}

/** Whole or not at all. Keys that cannot be kept serve until the end of this process. */
function write(path: string, keys: Uint8Array, madeMs: number): void {
  const bytes = Buffer.alloc(fileBytes);
  bytes.writeBigUInt64BE(BigInt(Math.floor(madeMs)));
  bytes.set(keys, 8);
  const temporary = `${path}.new`;
  try {
    rmSync(temporary, { force: true });
    writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
