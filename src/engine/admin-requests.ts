/**
 * What can be asked of a running tracker by its operator, as HTTP has it. Invariant: knows no socket; looking changes
 * nothing, and what changes something is a POST.
 */
import path from 'node:path';
import type { Problem, ProblemCode, Result } from '../core/result.ts';
import type { TrackerStats } from '../core/tracker/tracker-stats.ts';
import type { AdminHandler, AdminReply, AdminRequest } from './admin-server.ts';
import { metricsText } from './tracker-metrics.ts';

/** A copy of the catalogue that has been made. */
export interface BackupReport {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tookMs: number;
}

/** What a reload has put into effect. */
export interface ReloadReport {
  readonly file: string;
  /** Limits that differ from before. */
  readonly changed: readonly string[];
  /** Entries of all deny-lists. */
  readonly denied: number;
}

/** The tracker, as its operator sees it. */
/** How a tracker is, in words. */
export interface Health {
  /** Why it is not well; none when it is. */
  readonly reasons: readonly string[];
  /** What is amiss elsewhere: another tracker would be no better. */
  readonly notes: readonly string[];
}

export interface AdminPorts {
  stats(): Promise<TrackerStats>;
  health(): Promise<Health>;
  reload(): Promise<Result<ReloadReport>>;
  /** `path` is absolute. `force` lets it replace a file. */
  backup(path: string, force: boolean): Promise<Result<BackupReport>>;
}

type Route = (ports: AdminPorts, request: AdminRequest) => Promise<AdminReply>;

const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/metrics': {
    GET: async (ports) => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await metricsText(await ports.stats()),
    }),
  },
  '/healthz': {
    async GET(ports) {
      const { reasons, notes } = await ports.health();
      const [status, lines] = reasons.length === 0 ? [200, ['ok', ...notes]] : [503, [...reasons, ...notes]];
      return { status, type: 'text/plain; charset=utf-8', body: `${lines.join('\n')}\n` };
    },
  },
  '/stats': { GET: async (ports) => json(200, await ports.stats()) },
  '/reload': { POST: async (ports) => outcome(await ports.reload()) },
  '/backup': {
    async POST(ports, { body }) {
      const wish = backupWish(body);
      if (wish === undefined)
        return problem({ code: 'bad-request', message: 'Expected {"path":"/absolute/file","force":false}' });
      return outcome(await ports.backup(wish.path, wish.force));
    },
  },
};

export function adminHandler(ports: AdminPorts): AdminHandler {
  return async (request) => {
    const methods = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
    if (methods === undefined)
      return problem({ code: 'not-found', message: `There are ${Object.keys(routes).join(', ')}` });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (route !== undefined) return route(ports, request);
    const allow = Object.keys(methods).join(', ');
    return { ...problem({ code: 'bad-request', message: `Use ${allow}` }), status: 405, allow };
  };
}

function backupWish(body: string): { readonly path: string; readonly force: boolean } | undefined {
  try {
    const wish: unknown = JSON.parse(body);
    if (typeof wish !== 'object' || wish === null || !('path' in wish)) return undefined;
    const force = 'force' in wish ? wish.force : false;
    if (typeof wish.path !== 'string' || typeof force !== 'boolean') return undefined;
    return path.isAbsolute(wish.path) && !wish.path.includes('\0') ? { path: wish.path, force } : undefined;
  } catch {
    return undefined;
  }
}

function outcome(result: Result<object>): AdminReply {
  return result.ok ? json(200, result.value) : problem(result.problem);
}

function problem({ code, message }: Problem): AdminReply {
  return json(statuses[code] ?? 500, { code, message });
}

const statuses: Partial<Record<ProblemCode, number>> = {
  'bad-request': 400,
  'not-found': 404,
  busy: 503,
  closed: 503,
  timeout: 504,
  'disk-full': 507,
};

const json = (status: number, value: object): AdminReply => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});
