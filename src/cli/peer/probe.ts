/** Short looks at this machine's network: does something answer there, may we listen there. */
import { createServer, connect } from 'node:net';
import type { TrackerAddress } from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { probeTimeoutMs } from '../../core/limits/cli.ts';
import { fail, ok, type Result } from '../../core/result.ts';

/** Whether something accepts connections at an address. */
export function answers({ host, port }: TrackerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: probeTimeoutMs });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

/** Whether we may listen at an address: `bad-request` says in plain words why not. */
export function canListen(address: TrackerAddress): Promise<Result<void>> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        fail(
          'bad-request',
          `cannot listen at ${hostPort(address)}: ${reasons[error.code ?? ''] ?? error.message}`,
        ),
      );
    });
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(ok(undefined))));
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; choose another with --port, or 0 for a free one',
  EACCES: 'not permitted; ports below 1024 are the system’s, choose another with --port',
  EADDRNOTAVAIL: 'this machine does not have that address; choose another with --host',
  ENOTFOUND: 'no such host; choose another with --host',
  EAI_AGAIN: 'the host name cannot be looked up; choose another with --host',
};

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
