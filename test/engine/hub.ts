/** A hub with time and turns of the event loop in the test's hand, and clients that take when they are told to. */
import { ManualClock } from '../../src/actors/runtime/testing.ts';
import type { EngineAnswer } from '../../src/core/engine/engine-answers.ts';
import type { EngineCommand, EngineEvent, EngineSnapshot } from '../../src/core/engine/engine-api.ts';
import { ClientEnd } from '../../src/engine/client-end.ts';
import { EventHub, type Joined } from '../../src/engine/event-hub.ts';
import { packFrame, readTrusted } from '../../src/engine/link-frames.ts';
import { engineSnapshot } from '../helpers/views.ts';

export class TestHub {
  readonly clock = new ManualClock();
  /** What reached the engine. */
  readonly commands: EngineCommand[] = [];
  readonly hub: EventHub;
  /** Answers snapshots with this; undefined leaves them open. */
  snapshot: EngineSnapshot | undefined = engineSnapshot();
  #deferred: (() => void)[] = [];

  constructor() {
    this.hub = new EventHub({
      clock: this.clock,
      defer: (callback) => void this.#deferred.push(callback),
      deliver: (command) => this.#deliver(command),
    });
  }

  publish(...events: readonly EngineEvent[]): void {
    for (const event of events) this.hub.publish(event);
    this.turn();
  }

  /** Lets the event loop have its turn. */
  turn(): void {
    while (this.#deferred.length > 0) for (const callback of this.#deferred.splice(0)) callback();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.turn();
  }

  /** The last command of a type, as the engine got it. */
  lastRequest(type: EngineCommand['type']): number {
    const command = this.commands.findLast((one) => one.type === type);
    if (command === undefined || !('requestId' in command)) throw new Error(`No ${type} was asked`);
    return command.requestId;
  }

  answer(answer: EngineAnswer): void {
    this.publish(answer);
  }

  #deliver(command: EngineCommand): void {
    this.commands.push(command);
    if (command.type !== 'snapshot' || this.snapshot === undefined) return;
    const { requestId } = command;
    this.hub.publish({ type: 'answer-snapshot', requestId, answer: { ok: true, value: this.snapshot } });
  }
}

/** A client that keeps what it hears; `isStalled`: it does not say that it has dealt with anything. */
export class TestClient {
  readonly heard: EngineEvent[] = [];
  readonly joined: Joined;
  bytes = 0;
  isStalled = false;
  #owedBytes = 0;
  readonly #test: TestHub;

  constructor(test: TestHub, maxBacklog = 1_000) {
    this.#test = test;
    const end = new ClientEnd(() => undefined);
    end.subscribe((event) => this.heard.push(event));
    this.joined = test.hub.join((body) => {
      const frame = readTrusted(body);
      if (frame === undefined) throw new Error('That was no frame');
      this.bytes += body.length;
      end.receive(frame, body.length);
      if (this.isStalled) this.#owedBytes += body.length;
      else this.joined.took(body.length);
    }, maxBacklog);
  }

  send(command: EngineCommand): void {
    const frame = readTrusted(packFrame({ kind: 'commands', commands: [command] }));
    if (frame?.kind === 'commands') for (const one of frame.commands) this.joined.receive(one);
    this.#test.turn();
  }

  /** Goes on, and deals with all there is. */
  wake(): void {
    this.isStalled = false;
    this.joined.took(this.#owedBytes);
    this.#owedBytes = 0;
    this.#test.turn();
  }

  of<Type extends EngineEvent['type']>(type: Type): readonly Extract<EngineEvent, { type: Type }>[] {
    return this.heard.filter((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
  }
}
