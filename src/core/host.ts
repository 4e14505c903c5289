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
