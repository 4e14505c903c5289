/**
 * The server behind a tracker's admin door: HTTP on a Unix socket of ours alone, and on a port of this machine for
 * those who bring the token. Invariant: how many are inside, what they may send and how long they may take is
 * bounded, and nobody gets beyond the door without proof that he is the operator.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import {
  adminHeaderTimeoutMs,
  adminIdleMs,
  adminRequestTimeoutMs,
  maxAdminBodyBytes,
  maxAdminConnections,
  maxAdminHeaderBytes,
} from '../core/limits/operations.ts';

export interface AdminRequest {
  readonly method: string;
  /** Without what follows a question mark. */
  readonly path: string;
  readonly body: string;
}

export interface AdminReply {
  readonly status: number;
  readonly type:
    'text/plain; charset=utf-8' | 'text/plain; version=0.0.4; charset=utf-8' | 'application/json';
  readonly body: string;
  /** Which methods there are, when another one was tried. */
  readonly allow?: string;
}

/** Answers a request; rejects only by a fault of ours. */
export type AdminHandler = (request: AdminRequest) => Promise<AdminReply>;

export interface AdminServerOptions {
  readonly listen: ListenOptions;
  /** What must be brought along; undefined: whoever gets to the socket may come in. */
  readonly token: string | undefined;
  readonly handle: AdminHandler;
  readonly onFault: (error: unknown) => void;
}

/** Opens it; rejects with the system's error. */
export async function openAdminServer(options: AdminServerOptions): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: maxAdminHeaderBytes,
      headersTimeout: adminHeaderTimeoutMs,
      requestTimeout: adminRequestTimeoutMs,
      keepAliveTimeout: adminIdleMs,
      connectionsCheckingInterval: adminHeaderTimeoutMs / 2,
      insecureHTTPParser: false,
      noDelay: true,
    },
    (request, response) => void answer(request, response, options).catch(() => request.destroy()),
  );
  server.maxConnections = maxAdminConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Where a server that listens at a port does so; undefined for one on a socket. */
export function portOf(server: Server): number | undefined {
  const address = server.address() as AddressInfo | string | null;
  return typeof address === 'object' ? address?.port : undefined;
}

/** Takes no more requests, and lets those that are being answered go. */
export async function closeAdminServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { token, handle, onFault }: AdminServerOptions,
): Promise<void> {
  response.on('error', () => request.destroy());
  if (token !== undefined && !brings(request, token))
    return send(request, response, refusal(401, 'Bring the token: Authorization: Bearer <admin.token>'));
  const body = await readBody(request);
  if (body === undefined) return send(request, response, refusal(413, 'This is too long'));
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  try {
    send(request, response, await handle({ method: request.method ?? '', path, body }));
  } catch (error) {
    onFault(error);
    send(request, response, refusal(500, 'This is a fault of the tracker; its log says more'));
  }
}

function brings(request: IncomingMessage, token: string): boolean {
  const [, brought = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  // Hashes are equally long, and take equally long to compare.
  return timingSafeEqual(hashOf(brought), hashOf(token));
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The whole body; undefined when it is longer than may be. Rejects when the rest does not come. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxAdminBodyBytes) return void chunks.push(chunk);
      // The answer is still to go out, so the rest is left where it is.
      request.pause();
      return resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The request was broken off')));
  });
}

function refusal(status: number, message: string): AdminReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${message}\n` };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body, allow }: AdminReply,
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(allow === undefined ? {} : { allow }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    // What is still to come of a request that is refused is not waited for.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? '' : body);
}
