/**
 * IP addresses and networks as numbers: reading them, and telling whether one lies in another. Invariant: IPv4 and
 * IPv6 stay apart, except that an IPv4 address mapped into IPv6 is the IPv4 address.
 */

/** An address: 32 or 128 bits. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** All addresses that begin with the same `prefix` bits. */
export interface Network extends Address {
  readonly prefix: number;
}

const mappedFront = 0xff_ffn;

/** Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1` and `fe80::1%eth0`; undefined for anything else. */
export function parseIp(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = parseV4(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = parseV6(text.split('%', 1)[0] ?? '');
  if (value === undefined) return undefined;
  return value >> 32n === mappedFront ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

/** Reads an address, or a network as `192.0.2.0/24` or `2001:db8::/32`; bits after the prefix are ignored. */
export function parseNetwork(text: string): Network | undefined {
  const [front = '', length, ...more] = text.split('/');
  const address = parseIp(front);
  if (address === undefined || more.length > 0) return undefined;
  if (length === undefined) return { ...address, prefix: address.bits };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  // The length counts bits of what was written.
  const inside = prefix - (front.includes(':') && address.bits === 32 ? 96 : 0);
  if (inside < 0 || inside > address.bits) return undefined;
  return {
    bits: address.bits,
    value: frontOf(address, inside) << BigInt(address.bits - inside),
    prefix: inside,
  };
}

/** A set of networks that tells quickly whether an address is in one of them, however many they are. */
export class NetworkSet {
  /** By the number of bits of addresses and of prefixes: the prefixes. */
  readonly #prefixes = new Map<Address['bits'], Map<number, Set<bigint>>>();

  constructor(networks: Iterable<Network>) {
    for (const network of networks) {
      const lengths = this.#prefixes.get(network.bits) ?? new Map<number, Set<bigint>>();
      this.#prefixes.set(network.bits, lengths);
      const fronts = lengths.get(network.prefix) ?? new Set<bigint>();
      lengths.set(network.prefix, fronts);
      fronts.add(frontOf(network, network.prefix));
    }
  }

  /** Whether an address, as text, is in one of the networks. What is no address is in none. */
  has(text: string): boolean {
    if (this.#prefixes.size === 0) return false;
    const address = parseIp(text);
    if (address === undefined) return false;
    for (const [prefix, fronts] of this.#prefixes.get(address.bits) ?? [])
      if (fronts.has(frontOf(address, prefix))) return true;
    return false;
  }
}

function frontOf({ bits, value }: Address, prefix: number): bigint {
  return value >> BigInt(bits - prefix);
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    // A leading zero means octal to some readers, and nothing good to the rest.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (front === undefined || (halves.length === 2 && back === undefined)) return undefined;
  const missing = 8 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => 0n), ...(back ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** Groups of 16 bits; the last one of an address may be an IPv4 address, which is two of them. */
function groupsOf(half: string, isLast: boolean): readonly bigint[] | undefined {
  if (half === '') return [];
  const groups: bigint[] = [];
  const parts = half.split(':');
  for (const [at, part] of parts.entries()) {
    if (isLast && at === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
