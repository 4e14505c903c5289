/** An rsync daemon that offers one folder as the module `share`, without a log. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import type { Scene } from './scene.ts';

export interface RsyncDaemon {
  readonly child: ChildProcess;
  /** Of the folder, without a slash at its end. */
  readonly url: string;
}

export async function startRsync(scene: Scene, root: string): Promise<RsyncDaemon> {
  const port = await freePort();
  const config = scene.path('rsyncd.conf');
  const asRoot = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
  writeFileSync(
    config,
    `use chroot = no\n${asRoot}log file = /dev/null\n[share]\npath = ${root}\nread only = yes\n`,
  );
  const flags = [
    '--daemon',
    '--no-detach',
    '--config',
    config,
    '--port',
    String(port),
    '--address',
    '127.0.0.1',
  ];
  const child = scene.keep(spawn('rsync', flags, { stdio: 'ignore' }));
  for (let left = 100; left > 0; left--) {
    if (await answers(port)) return { child, url: `rsync://127.0.0.1:${port}/share` };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the rsync daemon did not start');
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
