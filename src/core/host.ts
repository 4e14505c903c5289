/** Addresses of hosts as text, in the one form in which we compare and show them. */

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 address mapped into IPv6 (`::ffff:127.0.0.1`) as plain IPv4; anything else as it is. */
export function plainHost(address: string): string {
  return mapped.exec(address)?.[1] ?? address;
}

/** `host:port`, with brackets where the host is an IPv6 address. */
export function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether it stands for all addresses of a machine, so that nobody else can dial it. */
export const isAnyHost = (host: string): boolean => /^(?:0\.0\.0\.0|::|\*|)$/.test(host);

/** Whether it is this machine, as only this machine names it. */
export function isLoopbackHost(address: string): boolean {
  const host = plainHost(address);
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** RFC 1918, RFC 3927 (link-local), RFC 4193 (unique local) and their like. */
const privateV4 = /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)/;
const privateV6 = /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i;

/**
 * Whether an address is of a private network, near enough that no limit of a line to the internet concerns it.
 * This machine's own is none: what only one machine can try out could not be tried out otherwise.
 */
export function isPrivateHost(address: string): boolean {
  const host = plainHost(address);
  return privateV4.test(host) || privateV6.test(host);
}

/**
 * What one customer of a network has, so that nobody counts as many: an IPv4 address, or the /64 of an IPv6 one. In a
 * private network all have the same /64, and each address counts.
 */
export function networkOf(address: string): string {
  return !address.includes(':') || isPrivateHost(address) ? address : firstGroups(address, 4);
}

/** What one provider hands out together, so that nobody counts as many: the /24 of an IPv4 address, the /48 of an IPv6 one. */
export function neighbourhoodOf(address: string): string {
  const host = plainHost(address);
  if (!host.includes(':')) return host.split('.').slice(0, 3).join('.');
  return firstGroups(host, 3);
}

/** The first groups of an IPv6 address, written out. */
function firstGroups(address: string, groups: number): string {
  const [front = '', back] = (address.split('%')[0] ?? '').split('::');
  const first = front === '' ? [] : front.split(':');
  if (back === undefined) return first.slice(0, groups).join(':');
  const last = back === '' ? [] : back.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return [...first, ...zeros, ...last].slice(0, groups).join(':');
}
