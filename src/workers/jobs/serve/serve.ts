/**
 * The job behind one connection to somebody who may want something of us: shakes hands and finds out who is to ask
 * whom. A visitor is served; one that we called, and that shows the token, has what we want, and is fetched from.
 */
import type { Socket } from 'node:net';
import { EngineRates } from '../../../core/engine/engine-rates.ts';
import type { PeerId } from '../../../core/ids.ts';
import { maxUnreadBytes } from '../../../core/limits/uploads.ts';
import { ok, type Problem } from '../../../core/result.ts';
import { Revocations } from '../../../core/uploads/revocations.ts';
import { PeerSession } from '../../../protocol/peer-session.ts';
import { openChannel, type Calls } from '../../channel.ts';
import type { Ended, RemotePeer, ServeControl, ServeHost, ServeInput } from '../../transfer-contract.ts';
import { Connection, nowMs, type PeerEvent } from '../connection.ts';
import { fetchOver } from '../fetch/fetch.ts';
import { accept, dial } from '../greeting.ts';
import { Intake, type Taker } from '../fetch/intake.ts';
import { Service } from './service.ts';

/** Ends when either side leaves or the channel closes; what the other side does never makes it throw. */
export async function serve(input: ServeInput): Promise<Ended> {
  let wire: Socket | undefined;
  let visit: Visit | undefined;
  const control: ServeControl = {
    place: (position, hasMinislot) => visit?.service?.place(position, hasMinislot),
    stop(reason) {
      // Nobody knows yet who is there: there is nobody to give a reason to.
      if (!visit) wire?.destroy();
      else if (reason) visit.connection.refuse(reason);
      else visit.connection.end({ code: 'closed', message: 'Stopped' });
    },
  };
  const channel = openChannel<ServeHost>(input.link, control);
  const host = 'socket' in input ? (input.socket.remoteAddress ?? '') : input.caller.host;
  const intake = 'socket' in input ? undefined : new Intake();
  try {
    const { socket, remote } = begin(input, intake);
    wire = socket;
    void channel.closed.then(() => socket.destroy());
    const proved = await remote;
    if (!proved.ok) return proved;
    visit = new Visit(channel.remote, input, { socket, host, peer: proved.value });
    visit.read(intake);
    return { problem: await visit.over() };
  } finally {
    channel.close();
  }
}

function begin(input: ServeInput, intake = new Intake()): ReturnType<typeof accept> {
  const { me } = input;
  return 'socket' in input ? accept(input.socket, me) : dial({ ...input.caller, me }, intake);
}

/** Who is there, at what address. */
interface Line {
  readonly socket: Socket;
  readonly host: string;
  readonly peer: PeerId;
}

type Hello = PeerEvent & { readonly type: 'hello' };

class Visit {
  readonly connection: Connection;
  service: Service | undefined;
  readonly #host: Calls<ServeHost>;
  readonly #input: ServeInput;
  readonly #line: Line;
  /** Who is given what is read. */
  #taker: Pick<Taker, 'receive' | 'mayRead'>;
  #fetching: Promise<void> | undefined;

  constructor(host: Calls<ServeHost>, input: ServeInput, line: Line) {
    this.#host = host;
    this.#input = input;
    this.#line = line;
    const { name, agent } = input.me;
    const terms = { name, agent, nowMs: nowMs() };
    const session = new PeerSession(
      'socket' in input
        ? { role: 'listener', ...terms }
        : { role: 'called', ...terms, token: input.caller.token },
    );
    const connection = new Connection(line.socket, session, (event) => this.#greeted(event));
    this.connection = connection;
    this.#taker = {
      receive: (bytes) => connection.receive(bytes),
      // Who does not read what was asked for may not ask for more.
      get mayRead() {
        return line.socket.writableLength <= maxUnreadBytes;
      },
    };
  }

  /** Takes in what comes; by way of `intake` what that has read. */
  read(intake: Intake | undefined): void {
    const { socket } = this.#line;
    const mayRead = (): boolean => this.#taker.mayRead;
    if (intake) {
      intake.attach({
        landing: () => undefined,
        landed: () => false,
        receive: (bytes) => this.#taker.receive(bytes),
        get mayRead() {
          return mayRead();
        },
        expectsHeader: false,
      });
      socket.resume();
    } else
      socket.on('data', (bytes: Buffer) => {
        this.#taker.receive(bytes);
        if (!mayRead()) socket.pause();
      });
    socket.on('drain', () => {
      if (mayRead()) socket.resume();
    });
  }

  /** Resolves once all is at its end, with why. */
  async over(): Promise<Problem> {
    const problem = await this.connection.ended;
    await this.service?.end();
    await this.#fetching;
    return this.connection.unlessAtFault(problem);
  }

  /** The first event is always the hello, and the next is heard by whoever takes over. */
  #greeted(event: PeerEvent): void {
    if (event.type !== 'hello') return;
    const { peer, host, socket } = this.#line;
    const visitor = { peer, name: event.name, agent: event.agent };
    const { connection } = this;
    if (event.token && connection.session.remote === 'server') {
      this.#fetching = this.#fetchFrom(visitor, event, event.token);
      return;
    }
    const { rates, revocations } = this.#input;
    const rate = new EngineRates(rates).uploadTo(host);
    this.service = new Service(this.#host, socket, connection, rate, new Revocations(revocations), visitor);
  }

  /** It is we who ask, on behalf of whoever called. */
  async #fetchFrom(visitor: RemotePeer, hello: Hello, token: Uint8Array): Promise<void> {
    const { connection } = this;
    const { socket, host, peer } = this.#line;
    const claimed = await this.#host.claim(visitor, token).catch(() => undefined);
    if (!claimed) return connection.end({ code: 'closed', message: 'Stopped' });
    if (!claimed.ok) return connection.refuse(claimed.problem);
    const { rates } = this.#input;
    await fetchOver({ peer, link: claimed.value.link, rates }, async (closed) => {
      void closed.then(() => socket.destroy());
      let hear: (event: PeerEvent) => void;
      return ok({
        host,
        connect(onEvent) {
          hear = onEvent;
          connection.handTo(onEvent);
          return connection;
        },
        attach: (taker) => {
          this.#taker = taker;
          hear(hello);
        },
        resume: () => socket.resume(),
      });
    });
  }
}
