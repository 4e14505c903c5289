/**
 * Peers that run what real ones run towards their tracker, with made-up shares. They reach it by relays, each from an
 * address of its own, as a tracker bounds what one address may change.
 */
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { SharedFile } from '../../src/core/catalogue.ts';
import type { TrackerAddress } from '../../src/core/engine/engine-api.ts';
import { TestLink } from '../../test/helpers/trackers.ts';
import { addressOf } from '../tracker/simulated-peer.ts';

const relays = 64;
/** Links that are coming in at the same time. */
const coming = 32;
const lookMs = 5;

export class Sharers implements AsyncDisposable {
  readonly links: TestLink[] = [];
  readonly #relays: readonly Server[];
  readonly #folder: string;
  readonly #name: string;

  private constructor(relayed: readonly Server[], folder: string, name: string) {
    this.#relays = relayed;
    this.#folder = folder;
    this.#name = name;
  }

  /** So many peers with these shares at the tracker at a port of this machine; resolves when all have registered. */
  static async of(
    count: number,
    shareOf: () => readonly SharedFile[],
    { folder, name, port }: { readonly folder: string; readonly name: string; readonly port: number },
  ): Promise<Sharers> {
    const sharers = new Sharers(await Promise.all(relaysTo(port)), folder, name);
    for (let from = 0; from < count; from += coming) {
      const some = Array.from({ length: Math.min(coming, count - from) }, (_, at) =>
        sharers.#start(from + at, shareOf()),
      );
      for (const link of await Promise.all(some)) sharers.links.push(link);
      // Later ones would only wait.
      for (const [at, link] of sharers.links.entries()) if (at >= from) await acknowledged(link);
    }
    return sharers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.links.map((link) => link.stop()));
    for (const relay of this.#relays) relay.close();
  }

  #start(at: number, share: readonly SharedFile[]): Promise<TestLink> {
    const relay = this.#relays[at % this.#relays.length]?.address() as AddressInfo;
    const address: TrackerAddress = { host: '127.0.0.1', port: relay.port };
    return TestLink.start(this.#folder, [address], { name: `${this.#name}-${at}`, share });
  }
}

/** Resolves when its tracker has acknowledged so many files; default: whatever it shares. */
export async function acknowledged(link: TestLink, files?: number): Promise<void> {
  const isIt = (): boolean =>
    files === undefined ? link.acknowledgedFiles !== undefined : link.acknowledgedFiles === files;
  while (!isIt()) await new Promise((resolve) => setTimeout(resolve, lookMs));
}

function relaysTo(port: number): readonly Promise<Server>[] {
  return Array.from({ length: relays }, async (_, at) => {
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: '127.0.0.1', port, localAddress: addressOf(at + 1), noDelay: true });
      for (const socket of [near, far]) {
        socket.on('error', () => socket.destroy());
        socket.on('close', () => void (near.destroy(), far.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  });
}
