/** Downloads in a process of their own, which is killed (SIGKILL) before they are over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Source } from '../../src/core/catalogue.ts';
import { cleanConnection, FaultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';
import type { TestContent } from './transfer.ts';

const peers = new URL('peers.ts', import.meta.url).href;
const script = `
  import { TestPeer } from ${JSON.stringify(peers)};
  const peer = await TestPeer.start();
  const [what, out, source, bytesPerSecond] = JSON.parse(process.argv[1]);
  const options = { bytesPerSecond };
  const transfer = what.folder
    ? await peer.downloadTree(source, what.folder, out, options)
    : await peer.download(what, out, [source], options);
  setInterval(() => {
    const { doneBytes = 0, fetchedBytes = 0 } = peer.views.get(transfer) ?? {};
    console.log(doneBytes, fetchedBytes);
  }, 20);
`;

/** How much was there and verified, and how much had come, as it last said. */
export interface Killed {
  readonly doneBytes: number;
  readonly fetchedBytes: number;
}

async function killWhen(
  what: { readonly id: string } | { readonly folder: string },
  [out, source, bytesPerSecond]: readonly [string, Source, number],
  isTime: (done: number) => boolean,
): Promise<Killed> {
  const args = JSON.stringify([what, out, source, bytesPerSecond]);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = once(child, 'exit');
  let [doneBytes, fetchedBytes] = [0, 0];
  child.stdout.on('data', (said: Buffer) => {
    const last = said.toString().trim().split('\n').at(-1)?.split(' ').map(Number);
    [doneBytes = 0, fetchedBytes = 0] = last ?? [];
  });
  try {
    await until('so much is there', () => isTime(doneBytes) || hasEnded());
    if (hasEnded()) throw new Error('It ended before anybody killed it');
    return { doneBytes, fetchedBytes };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Gives how many bytes were there. The rest does not come before the end, however late that is. */
export async function killHalfWay(
  content: TestContent,
  out: string,
  source: Source,
  bytesPerSecond: number,
): Promise<number> {
  const size = content.bytes.length;
  const fault = { kind: 'stall', direction: 'down', atBytes: Math.floor(size * 0.8) } as const;
  const stalling = { ...cleanConnection, faults: [fault] };
  await using proxy = await FaultProxy.start({ connections: [], afterwards: stalling }, source);
  const where = [out, proxy.source, bytesPerSecond] as const;
  const { doneBytes } = await killWhen({ id: content.id }, where, (done) => done >= size / 2);
  return doneBytes;
}

/** A folder, killed when so much of it is there, while more and more comes. */
export function killFolder(
  folder: string,
  [out, source, bytesPerSecond]: readonly [string, Source, number],
  atBytes: number,
): Promise<Killed> {
  return killWhen({ folder }, [out, source, bytesPerSecond], (done) => done >= atBytes);
}
