/**
 * A tracker's admin door: a socket in its folder that only its owner gets to, and a port of this machine where one is
 * asked for. It has a tree of its own, beside the tracker's, so neither takes the other along. Invariant: nothing of it
 * is reachable from other machines.
 */
import type { Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import { actor, type ActorSystem, type Backoff } from '../actors/runtime/index.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { adminHandler, type AdminPorts } from './admin-requests.ts';
import { closeAdminServer, openAdminServer, portOf, type AdminServerOptions } from './admin-server.ts';
import { loadAdminToken } from './admin-token.ts';
import { isAnswered } from './connect-engine.ts';
import type { Logger } from './log.ts';
import { checkSocket, closeToOthers, makeSocketFolder, removeSocket, socketPath } from './socket-place.ts';

export interface AdminOptions {
  readonly dataDir: string;
  /** 0 takes a free one; undefined: the socket only. */
  readonly port: number | undefined;
  readonly ports: AdminPorts;
  readonly log: Logger;
}

/** Where the admin socket of the tracker with this folder is. */
export function adminSocket(dataDir: string): string {
  return socketPath(dataDir, process.platform, 'admin');
}

/** Opens the door; gives the port. Problems: `io` where a part of it cannot be had, `bad-request` for a taken port. */
export async function startAdmin(
  system: ActorSystem,
  { dataDir, port, ports, log }: AdminOptions,
): Promise<Result<number | undefined>> {
  const onFault = (error: unknown): void => log.error({ error }, 'an admin request failed');
  const common = { handle: adminHandler(ports), onFault };
  const doors: Door[] = [];
  const socket = adminSocket(dataDir);
  const way = await makeWay(socket);
  // Whose folder is open to others has a tracker all the same, only no commands for it.
  if (way.ok) doors.push({ ...common, listen: { path: socket }, token: undefined });
  else log.warn({ reason: way.problem.message }, 'no admin socket');
  const open: { port: number | undefined } = { port };
  if (port !== undefined) {
    const token = await loadAdminToken(dataDir);
    if (!token.ok) return token;
    doors.push({ ...common, listen: { host: '127.0.0.1' }, token: token.value, open });
  }
  const root = system.start(operationsActor, { doors });
  try {
    await root.ready;
    return ok(open.port);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('bad-request', `Cannot open the admin port ${port ?? ''}: ${reason}; choose another --admin`);
  }
}

interface Door extends AdminServerOptions {
  readonly listen: ListenOptions;
  /** The port, once it is open, so that a restart opens the same one. */
  readonly open?: { port: number | undefined };
}

interface DoorArgs {
  readonly doors: readonly Door[];
}

const operationsActor = actor<never, DoorArgs>(
  'operations',
  (ctx, args) => {
    ctx.spawn(adminActor, args, { backoff: restartBackoff });
    return { receive() {} };
  },
  { supervision: { strategy: 'one-for-one', maxRestarts: 10, withinMs: 60_000 } },
);

const restartBackoff: Backoff = { minMs: 100, maxMs: 10_000, jitter: 0.2, resetAfterMs: 60_000 };

interface Failed {
  readonly type: 'failed';
  readonly error: Error;
}

const adminActor = actor<Failed, DoorArgs>('admin', async (ctx, { doors }) => {
  const servers: Server[] = [];
  const close = (): Promise<unknown> => Promise.all(servers.map(closeAdminServer));
  try {
    for (const door of doors) servers.push(await openDoor(door));
  } catch (error) {
    await close();
    throw error;
  }
  for (const server of servers) server.on('error', (error) => ctx.self.tell({ type: 'failed', error }));
  return {
    receive({ error }) {
      throw error;
    },
    stopped: async () => void (await close()),
  };
});

async function openDoor(door: Door): Promise<Server> {
  const { listen, open } = door;
  if (listen.path !== undefined) removeSocket(listen.path);
  const server = await openAdminServer({
    ...door,
    listen: open === undefined ? listen : { ...listen, port: open.port ?? 0 },
  });
  if (listen.path !== undefined) closeToOthers(listen.path);
  if (open !== undefined) open.port = portOf(server);
  return server;
}

/** Removes what a killed tracker has left. */
async function makeWay(socket: string): Promise<Result<void>> {
  const folder = makeSocketFolder(socket);
  if (!folder.ok) return folder;
  const found = checkSocket(socket);
  if (!found.ok) return found.problem.code === 'not-found' ? ok(undefined) : found;
  if (await isAnswered(socket)) return fail('bad-request', `Another tracker answers at ${socket} already`);
  return removeSocket(socket);
}
