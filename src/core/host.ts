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
