/**
 * A call as one tracker leaves it for another of its catalogue. Invariant: what is read was written by a tracker of this
 * kind, or is nothing: whoever else gets at the store must not make us send what no message may hold.
 */
import { isIP } from 'node:net';
import { isId, type PeerId } from '../../core/ids.ts';
import { callTokenBytes } from '../../core/limits/reach.ts';
import { maxHostBytes, maxNameBytes } from '../../core/limits/wire.ts';
import { byteLength } from '../../core/safe-name.ts';
import type { Calling } from './calls.ts';

export function writeLetter({ caller, peer, token }: Calling): string {
  return JSON.stringify({ ...caller, called: peer, token: Buffer.from(token).toString('base64') });
}

/** Undefined: that is no call. */
export function readLetter(text: string): Calling | undefined {
  const { peer, name, host, port, reachable, called, token } = fieldsOf(text);
  if (typeof peer !== 'string' || !isId(peer) || typeof called !== 'string' || !isId(called))
    return undefined;
  if (typeof name !== 'string' || !name.isWellFormed() || byteLength(name) > maxNameBytes) return undefined;
  if (typeof host !== 'string' || isIP(host) === 0 || host.length > maxHostBytes) return undefined;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  if (reachable !== undefined && typeof reachable !== 'boolean') return undefined;
  if (typeof token !== 'string') return undefined;
  const bytes = new Uint8Array(Buffer.from(token, 'base64'));
  if (bytes.length !== callTokenBytes) return undefined;
  const caller = { peer: peer as PeerId, name, host, port, ...(reachable !== undefined && { reachable }) };
  return { caller, peer: called as PeerId, token: bytes };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
