/** What this process has open, all its threads included. Only Linux tells; elsewhere nothing is seen. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const descriptors = '/proc/self/fd';

function targets(): string[] {
  if (!existsSync(descriptors)) return [];
  return readdirSync(descriptors).flatMap((descriptor) => {
    try {
      return [readlinkSync(`${descriptors}/${descriptor}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** Files below a folder that are open, those that have been removed included. */
export function openFilesBelow(folder: string): string[] {
  return targets().filter((target) => target.startsWith(`${folder}/`));
}

/** How many sockets are open from or to these ports of this machine. */
export function openSocketsOf(ports: ReadonlySet<number>): number {
  const own = new Set(
    targets().flatMap((target) => (target.startsWith('socket:[') ? [target.slice(8, -1)] : [])),
  );
  if (own.size === 0) return 0;
  const rows = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((table) =>
    existsSync(table) ? readFileSync(table, 'utf8').split('\n').slice(1) : [],
  );
  return rows.filter((row) => {
    const [, local = '', remote = '', , , , , , , inode = ''] = row.trim().split(/\s+/);
    return own.has(inode) && [local, remote].some((address) => ports.has(portOf(address)));
  }).length;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':').at(-1) ?? '', 16);
}
