/** A download in a process of its own, which is killed half way: the rest does not come before that, however late it is. */
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
  const [id, out, source, bytesPerSecond] = JSON.parse(process.argv[1]);
  const transfer = await peer.download({ id }, out, [source], { bytesPerSecond });
  setInterval(() => console.log(peer.views.get(transfer)?.doneBytes ?? 0), 20);
`;

/** Gives how many bytes were there and verified, as it last said. */
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
  const args = JSON.stringify([content.id, out, proxy.source, bytesPerSecond]);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = once(child, 'exit');
  let done = 0;
  child.stdout.on('data', (said: Buffer) => (done = Number(said.toString().trim().split('\n').at(-1))));
  await until('half is there', () => done >= size / 2 || hasEnded());
  if (hasEnded()) throw new Error('It ended before anybody killed it');
  child.kill('SIGKILL');
  await ended;
  return done;
}
