/**
 * What the engine as a whole is in, beside its actors: since when it runs, whether it stops when it is idle, and
 * the last lines of its log, for those who come later. Invariant: every event of the actors passes here once on
 * its way to the clients, and the log is bounded.
 */
import type { EngineCommand, EngineEvent, EngineSnapshot, LogLine } from '../core/engine/engine-api.ts';
import { maxLogLines } from '../core/limits/engine.ts';
import { EventHub, type HubOptions } from './event-hub.ts';
import { EventLog } from './event-log.ts';
import { IdleStop } from './idle-stop.ts';

export interface EngineLifeOptions extends HubOptions {
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly stop: () => void;
  /** Writes a line to the engine's log, which gives it back to `publish` where it is one for people. */
  readonly say: (line: Pick<LogLine, 'level' | 'source' | 'text'>) => void;
}

export class EngineLife {
  readonly hub: EventHub;
  readonly startedMs: number;
  readonly #log: LogLine[] = [];
  readonly #eventLog: EventLog;
  readonly #idleStop: IdleStop;
  readonly #stop: () => void;

  constructor(options: EngineLifeOptions) {
    this.hub = new EventHub({ ...options, deliver: (command) => this.#route(command, options.deliver) });
    this.startedMs = options.wallMs();
    this.#stop = options.stop;
    this.#eventLog = new EventLog(options.say);
    this.#idleStop = new IdleStop({
      snapshot: (take) => this.hub.snapshot(take),
      publish: (event) => this.publish(event),
      stop: options.stop,
    });
  }

  /** The last lines, oldest first. */
  get log(): EngineSnapshot['log'] {
    return [...this.#log];
  }

  get stopsWhenIdle(): boolean {
    return this.#idleStop.isArmed;
  }

  publish(event: EngineEvent): void {
    if (event.type === 'log') this.#keep(event.line);
    else this.#eventLog.receive(event);
    this.#idleStop.receive(event);
    this.hub.publish(event);
  }

  halt(when: 'now' | 'idle'): void {
    if (when === 'idle') this.#idleStop.arm();
    else this.#stop();
  }

  #route(command: EngineCommand, deliver: (command: EngineCommand) => void): void {
    if (command.type === 'stop') this.halt(command.when);
    else if (command.type === 'stay') this.#idleStop.disarm();
    else deliver(command);
  }

  #keep(line: LogLine): void {
    this.#log.push(line);
    if (this.#log.length > maxLogLines) this.#log.shift();
  }
}
