/** nginx as plain as it gets: one folder, sendfile, everything it writes in the bench's own folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { freePort } from './free-port.ts';
import type { Scene } from './scene.ts';

export interface Nginx {
  readonly child: ChildProcess;
  readonly url: string;
  /** One line a request: the bytes of its answer. */
  readonly log: string;
}

export interface NginxOptions {
  /** For each connection, in bytes a second. */
  readonly limitRate?: number;
  readonly name?: string;
}

export async function startNginx(
  scene: Scene,
  root: string,
  { limitRate, name = 'nginx' }: NginxOptions = {},
): Promise<Nginx> {
  const port = await freePort();
  const folder = scene.makeFolder(name);
  const at = (file: string): string => `${folder}/${file}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${at(kind)};`,
  );
  const limit = limitRate === undefined ? '' : `limit_rate ${limitRate};`;
  writeFileSync(
    at('nginx.conf'),
    // The bench's folder is ours alone; as root, nginx would give up the right to read it.
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes auto; pid ${at('pid')}; error_log ${at('errors')};
    events { worker_connections 64; }
    http { log_format bytes $body_bytes_sent; access_log ${at('log')} bytes; sendfile on; tcp_nopush on;
      ${temporary.join(' ')}
      server { listen 127.0.0.1:${port}; root ${root}; ${limit} } }`,
  );
  const child = spawn('nginx', ['-c', at('nginx.conf'), '-e', at('errors')], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  scene.keep(child);
  const url = `http://127.0.0.1:${port}`;
  for (let left = 100; left > 0; left--) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return { child, url, log: at('log') };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start');
}
