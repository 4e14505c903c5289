/**
 * Ports that are free and stay so until they are taken: below those that the system gives to outgoing connections, of
 * which a busy suite makes hundreds in a second, and where no Redis Cluster of a test has its own.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 10_100;
const last = 11_900;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await isFree(port)) return port;
  }
}

/** Whether nobody listens at `port` of this machine's loopback. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
