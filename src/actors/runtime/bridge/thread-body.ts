/**
 * An incarnation on a thread of its own. The cell, its mailbox and its place under supervision stay here; the
 * thread gets as many messages as may be in flight, and its death is a failure of the actor.
 */
import { Worker, type MessagePort } from 'node:worker_threads';
import type { ActorPath, ActorSnapshot, SnapshotOf, StopReason } from '../actor.ts';
import type { Body, Cell, ThreadControls } from '../cell.ts';
import { settlesWithin } from '../deadline.ts';
import { Delivery, QuestionEnvelope } from '../envelope.ts';
import { toError } from '../errors.ts';
import { threadGraceMs, threadSnapshotMs } from '../limits.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Frame } from './codec.ts';
import { connect } from './connect.ts';
import { Link } from './link.ts';
import type { RemoteRef } from './remote-ref.ts';
import type { Control, ThreadSpec } from './wire.ts';

/** Runs unbuilt and built: the entry has the extension that this file has. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
  import.meta.url,
);

export class ThreadBody implements Body, ThreadControls {
  readonly controls = this;
  readonly thread: number;
  readonly #cell: Cell;
  readonly #worker: Worker;
  readonly #link: Link;
  readonly #ref: RemoteRef;
  readonly #up = Promise.withResolvers<void>();
  /** True when the thread has said goodbye: then what is in flight was not touched. */
  readonly #ended = Promise.withResolvers<boolean>();
  readonly #snapshots = new Map<number, (actors: readonly ActorSnapshot[]) => void>();
  #lastRequest = 0;
  #fault: Error | undefined;

  constructor(cell: Cell) {
    const { definition, options } = cell.spec;
    const { module } = definition.options;
    if (module === undefined)
      throw new TypeError(`${cell.path} cannot be placed on a thread: its definition names no module`);
    this.#cell = cell;
    this.#up.promise.catch(() => {});
    const workerData: ThreadSpec = {
      path: cell.path,
      module,
      name: definition.name,
      shutdownMs: cell.shutdownMs,
    };
    this.#worker = new Worker(entry, {
      workerData,
      name: cell.path,
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    });
    this.thread = this.#worker.threadId;
    this.#link = new Link(cell.kernel, cell.path, this.#worker, (control) => this.#operate(control));
    this.#ref = this.#link.refs.importRoot(cell.ref, cell.ref.window);
    this.#ref.onTaken = (count) => {
      cell.handled += count;
      cell.wake();
    };
    this.#worker.on('message', (frame: Frame) => this.#link.receive(frame));
    this.#worker.on('error', (error) => (this.#fault ??= toError(error)));
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  /** Handles and questions that cross to and from the thread; for tests of leaks. */
  get held(): Link['held'] {
    return this.#link.held;
  }

  get inFlight(): number {
    return this.#ref.inFlight;
  }

  async start(): Promise<void> {
    const { args } = this.#cell.spec;
    this.#link.check(args);
    this.#link.send({ type: 'start', args });
    await this.#up.promise;
  }

  run(mailbox: Mailbox, max: number): number {
    let taken = 0;
    for (; taken < max && mailbox.size > 0 && this.#ref.room > 0; taken += 1) {
      const next = mailbox.take();
      if (next instanceof Delivery || (next instanceof QuestionEnvelope && next.reply.settled)) continue;
      this.#ref.offer(next);
    }
    return taken;
  }

  halt(error = new Error(`${this.#cell.path} was told to end while starting`)): void {
    this.#up.reject(error);
    this.#link.send({ type: 'halt' });
  }

  async end(reason: StopReason): Promise<void> {
    const { kernel, path, shutdownMs, mailbox } = this.#cell;
    this.halt();
    this.#link.send({ type: 'stop', reason });
    const deadlineMs = shutdownMs + threadGraceMs;
    if (!(await settlesWithin(kernel.clock, deadlineMs, this.#ended.promise)))
      kernel.failed(path, new Error(`The thread of ${path} did not end within ${deadlineMs} ms`));
    else if (await this.#ended.promise) mailbox.putBack(this.#link.takeBack(this.#ref));
    await this.#worker.terminate();
  }

  connect(port: MessagePort): void {
    this.#link.send({ type: 'connect', to: this.#cell.ref, port });
  }

  crash(path: ActorPath, error: Error): void {
    this.#link.send({ type: 'crash', path, error });
  }

  kill(path: ActorPath): void {
    if (path === this.#cell.path) void this.#worker.terminate();
    else this.#link.send({ type: 'kill', path });
  }

  async actors(only: SnapshotOf): Promise<readonly ActorSnapshot[]> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const answer = new Promise<readonly ActorSnapshot[]>((resolve) => this.#snapshots.set(request, resolve));
    this.#link.send({ type: 'snapshot', request, only });
    const either = Promise.race([answer, this.#ended.promise.then(() => [])]);
    const answered = await settlesWithin(this.#cell.kernel.clock, threadSnapshotMs, either);
    this.#snapshots.delete(request);
    return answered ? either : [];
  }

  #operate(control: Control): void {
    const cell = this.#cell;
    switch (control.type) {
      case 'up':
        return this.#up.resolve();
      case 'not-up':
        return this.#up.reject(control.error);
      case 'failed':
        return cell.fail(control.error);
      case 'finished':
        return cell.finish();
      case 'ended':
        return this.#ended.resolve(true);
      case 'actors':
        return this.#snapshots.get(control.request)?.(control.actors);
      case 'failure':
        return cell.kernel.failed(control.path, control.error);
      case 'dead-letter':
        return cell.kernel.deadLetters.add(control.to, control.message, control.why);
      case 'connect':
        return connect(control.to, control.port);
      case 'start':
      case 'halt':
      case 'stop':
      case 'crash':
      case 'kill':
      case 'snapshot':
        throw new Error(`A thread cannot command its parent: ${control.type}`);
    }
  }

  #exited(code: number): void {
    const error = this.#fault ?? new Error(`The thread of ${this.#cell.path} ended with code ${code}`);
    this.#link.close(error);
    this.#up.reject(error);
    this.#ended.resolve(false);
    if (this.#cell.status === 'running') this.#cell.fail(error);
  }
}
