/** An engine that says what a test tells it to, behind the socket at which the real program finds the real one. */
import { systemClock } from '../../src/actors/runtime/index.ts';
import type { EngineEvent } from '../../src/core/engine/engine-api.ts';
import { isRequest, refusalOf } from '../../src/core/engine/engine-answers.ts';
import { agentName } from '../../src/engine/agent.ts';
import { openEngineSocket, type EngineSocket } from '../../src/engine/engine-socket.ts';
import { EventHub } from '../../src/engine/event-hub.ts';
import { FakeEngine, type FakeEngineOptions } from '../tui/fake-engine.ts';

export class ScriptedEngine {
  readonly home: string;
  readonly engine: FakeEngine;
  readonly #socket: EngineSocket;

  private constructor(home: string, engine: FakeEngine, socket: EngineSocket) {
    this.home = home;
    this.engine = engine;
    this.#socket = socket;
  }

  /** In a folder of the test's own, of which it makes a profile. Questions without an answer are refused. */
  static async open(home: string, options: FakeEngineOptions): Promise<ScriptedEngine> {
    const engine = new FakeEngine(options);
    const hub = new EventHub({
      clock: systemClock,
      defer: (callback) => void setImmediate(callback),
      deliver(command) {
        const known = command.type === 'snapshot' || options.answers?.[command.type] !== undefined;
        if (isRequest(command) && !known)
          hub.publish(refusalOf(command, { code: 'not-found', message: 'Not in the script' }));
        engine.send(command);
      },
    });
    engine.subscribe((event) => hub.publish(event));
    const socket = await openEngineSocket({ home, hub, program: agentName(), halt: () => undefined });
    if (!socket.ok) throw new Error(socket.problem.message);
    return new ScriptedEngine(home, engine, socket.value);
  }

  emit(event: EngineEvent): void {
    this.engine.emit(event);
  }

  /** How the screen on it is opened. */
  get attach(): readonly string[] {
    return ['attach', '--home', this.home];
  }

  close(): Promise<void> {
    return this.#socket.close();
  }
}
