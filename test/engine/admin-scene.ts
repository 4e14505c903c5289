/** A tracker's admin door with a made-up tracker behind it, and ways to ask at it. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { ActorSystem } from '../../src/actors/runtime/index.ts';
import { ok } from '../../src/core/result.ts';
import { TrackerCounters } from '../../src/core/tracker/tracker-counters.ts';
import {
  countedOf,
  threadsOf,
  trackerStatsFormat,
  type TrackerStats,
} from '../../src/core/tracker/tracker-stats.ts';
import { defaultTrackerLimits } from '../../src/actors/tracker/tracker.ts';
import type { AdminPorts } from '../../src/engine/admin-requests.ts';
import { adminSocket, startAdmin } from '../../src/engine/admin.ts';
import { createLog } from '../../src/engine/log.ts';

/** What a tracker that has done nothing tells; `counters` may have been written to. */
export function trackerStats(counters: TrackerCounters, changes: Partial<TrackerStats> = {}): TrackerStats {
  return {
    format: trackerStatsFormat,
    atMs: 1_000_000,
    tracker: {
      id: 'a'.repeat(52),
      host: '127.0.0.1',
      port: 5_000,
      agent: 'shoal/1.2.3',
      store: 'sqlite',
      startedMs: 400_000,
    },
    process: { pid: 1, rssBytes: 100_000_000, cpuSeconds: 12.5, openFiles: 40, maxOpenFiles: 1_024 },
    limits: defaultTrackerLimits,
    ...countedOf(counters),
    threads: threadsOf(counters),
    actors: [],
    store: { peersOnline: 3, peersKnown: 5, files: 70, shares: 90, bytes: 8_192, walBytes: 0 },
    warnings: [],
    ...changes,
  };
}

export class AdminScene implements AsyncDisposable {
  readonly system = new ActorSystem();
  readonly home: string;
  readonly asked: unknown[] = [];
  reasons: string[] = [];
  notes: string[] = [];
  counters = new TrackerCounters(['tracker', 'listener-1']);
  fails: Error | undefined;
  port = 0;

  private constructor(home: string) {
    this.home = home;
  }

  static async open(home: string, port: number | 'none' = 0): Promise<AdminScene> {
    const scene = new AdminScene(home);
    const ports: AdminPorts = {
      async stats() {
        if (scene.fails !== undefined) throw scene.fails;
        return trackerStats(scene.counters);
      },
      health: async () => ({ reasons: scene.reasons, notes: scene.notes }),
      async reload() {
        scene.asked.push('reload');
        return ok({ file: '/t/tracker.json', changed: ['leaseMs'], denied: 2 });
      },
      async backup(path, force) {
        scene.asked.push({ path, force });
        return ok({ path, sizeBytes: 5, tookMs: 7 });
      },
    };
    const log = createLog('test', { level: 'silent', file: undefined });
    const opened = await startAdmin(scene.system, {
      dataDir: home,
      port: port === 'none' ? undefined : port,
      ports,
      log,
    });
    if (!opened.ok) throw new Error(opened.problem.message);
    scene.port = opened.value ?? 0;
    return scene;
  }

  get socket(): string {
    return adminSocket(this.home);
  }

  /** Asks over the socket, or over the port with these headers. */
  ask(
    method: string,
    path: string,
    { headers, body = '' }: { readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<{
    readonly status: number;
    readonly body: string;
    readonly headers: NodeJS.Dict<string | string[]>;
  }> {
    const where =
      headers === undefined ? { socketPath: this.socket } : { host: '127.0.0.1', port: this.port };
    return new Promise((resolve, reject) => {
      const sent = request({ ...where, method, path, headers: headers ?? {}, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Sends bytes to the port and gives all that comes back until it is closed. */
  raw(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.system.stop();
  }
}
