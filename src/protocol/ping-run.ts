/**
 * The pings at the beginning of a chunk, answered where they lie: a pong differs from its ping in one byte. Knows no
 * session: to be asked only where a message may begin, of who may send pings. Invariant: what is not a whole ping in
 * the form in which pings are written is left as it is, for the session to judge.
 */
import { commonMessages } from './common-messages.ts';
import { prefixBytes } from './frames.ts';

const { ping, pong } = commonMessages;
/** An array of the code and the token. */
const header = 0x92;
/** Of a ping whose token takes one byte. */
const shortest = prefixBytes + 3;

export interface PingRun {
  /** Pings that were turned into pongs. */
  count: number;
  /** Where the last of them ends. */
  end: number;
}

/** Turns the pings that the chunk begins with into their pongs. `run` is overwritten: it can be the same each time. */
export function answerPings(chunk: Uint8Array, run: PingRun): void {
  let at = 0;
  let count = 0;
  while (chunk.length - at >= shortest) {
    const tokenBytes = widthOf(chunk[at + 6] ?? 0);
    const isPing =
      chunk[at] === 0 &&
      chunk[at + 1] === 0 &&
      chunk[at + 2] === 0 &&
      chunk[at + 3] === 2 + tokenBytes &&
      chunk[at + 4] === header &&
      chunk[at + 5] === ping.code;
    const end = at + prefixBytes + 2 + tokenBytes;
    if (!isPing || tokenBytes === 0 || end > chunk.length) break;
    chunk[at + 5] = pong.code;
    at = end;
    count += 1;
  }
  run.count = count;
  run.end = at;
}

/** Bytes of an unsigned number of 32 bits that begins so; 0: it is none, or written as something longer. */
function widthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first === 0xcc) return 2;
  if (first === 0xcd) return 3;
  return first === 0xce ? 5 : 0;
}
