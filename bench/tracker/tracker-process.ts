/** A tracker under measurement: a process of its own, so that who asks does not share a thread with who answers. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TrackerConfig, TrackerLimits } from '../../src/core/tracker/tracker-api.ts';
import { residentMiB, usageOf } from '../harness/processes.ts';
import type { Scene } from '../harness/scene.ts';
import { until } from '../harness/until.ts';
import type { ServeCommand, ServeEvent } from './serve.ts';

const ticksPerSecond = 100;

export interface TrackerOptions {
  readonly dataDir: string;
  readonly store: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly limits?: Partial<TrackerLimits>;
  /** The core it is held to; default: all of them. Linux only. */
  readonly core?: number;
}

type Actors = Extract<ServeEvent, { readonly type: 'actors' }>['actors'];

export class TrackerProcess {
  readonly child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
  }

  static async start(scene: Scene, options: TrackerOptions): Promise<TrackerProcess> {
    const { dataDir, store, port = 0, limits = {}, core } = options;
    const log = { level: 'warn', file: path.join(dataDir, 'tracker.log') } as const;
    const config: TrackerConfig = { host: '127.0.0.1', port, dataDir, store, limits, log };
    const child = scene.keep(
      fork(path.join(import.meta.dirname, 'serve.ts'), [JSON.stringify(config)], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      }),
    );
    const [event] = (await once(child, 'message')) as [ServeEvent];
    if (event.type !== 'listening') throw new Error(`The tracker did not start: ${JSON.stringify(event)}`);
    if (core !== undefined) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(child.pid)]);
    return new TrackerProcess(child, event.port);
  }

  get cpuSeconds(): number {
    return usageOf(this.child.pid).cpuSeconds;
  }

  get residentMiB(): number {
    return residentMiB(this.child.pid);
  }

  /** Processor time of each of its threads, the busiest first. */
  threadSeconds(): readonly number[] {
    const tasks = `/proc/${this.child.pid}/task`;
    return readdirSync(tasks)
      .map(
        (task) =>
          readFileSync(path.join(tasks, task, 'stat'), 'utf8')
            .split(') ')[1]
            ?.split(' ') ?? [],
      )
      .map((fields) => (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond)
      .sort((a, b) => b - a);
  }

  /** Ends the thread of an actor as a fault would. False when it has none. */
  async kill(actor: string): Promise<boolean> {
    const [answer] = await this.#ask({ type: 'kill', path: actor }, 'killed');
    return answer.isDone;
  }

  async actors(): Promise<Actors> {
    const [answer] = await this.#ask({ type: 'actors' }, 'actors');
    return answer.actors;
  }

  /** Ends it as a power cut would. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await until('the tracker is gone', () => this.child.exitCode !== null || this.child.signalCode !== null);
  }

  async #ask<Type extends ServeEvent['type']>(
    command: ServeCommand,
    type: Type,
  ): Promise<[Extract<ServeEvent, { readonly type: Type }>]> {
    this.child.send(command);
    for (;;) {
      const [event] = (await once(this.child, 'message')) as [ServeEvent];
      if (event.type === type) return [event as Extract<ServeEvent, { readonly type: Type }>];
    }
  }
}
