/** nginx as plain as it gets: one folder, sendfile, no log, everything it writes in the bench's own folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

export async function startNginx(
  folder: string,
  root: string,
): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const at = (name: string): string => path.join(folder, name);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${at(`nginx-${kind}`)};`,
  );
  const config = at('nginx.conf');
  writeFileSync(
    config,
    // The bench's folder is ours alone; as root, nginx would give up the right to read it.
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes auto; pid ${at('nginx.pid')}; error_log ${at('nginx.log')};
    events { worker_connections 64; }
    http { access_log off; sendfile on; tcp_nopush on; ${temporary.join(' ')}
      server { listen 127.0.0.1:${port}; root ${root}; } }`,
  );
  const child = spawn('nginx', ['-c', config, '-e', at('nginx.log')], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let left = 100; left > 0; left--) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return { child, url };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
