/**
 * How a session comes by its connection: it dials the peer, and calls it by way of the trackers where that does not
 * help; a peer of which the trackers say that nobody gets through to it is called first.
 * Invariant: each way is tried once, one after the other, until one has brought a connection or none is left.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Source } from '../../../core/catalogue.ts';
import { callAnswerMs, callAskTimeoutMs } from '../../../core/limits/reach.ts';
import { isLoopbackHost, isPrivateHost } from '../../../core/host.ts';
import { calledPeer, noAnswerOf } from '../../../core/peer-words.ts';
import { fail, type Problem, type ProblemCode, type Result } from '../../../core/result.ts';
import { openChannel, type Calls as Remote, type Channel } from '../../../workers/channel.ts';
import type { Pool } from '../../../workers/pool.ts';
import type {
  Ended,
  FetchControl,
  FetchHost,
  Introduction,
  TransferJobs,
} from '../../../workers/transfer-contract.ts';
import type { ActorContext, ActorRef, AskFailure, Outcome } from '../../runtime/index.ts';
import type { Call, Calls } from './calls.ts';
import type { Reached } from './reached.ts';
import type { CallAnswer, TrackerQuestion } from '../trackers/trackers-messages.ts';

export type LineMessage =
  /** The trackers have passed on a call, or not. */
  | { readonly type: 'passed-on'; readonly outcome: Outcome<Result<CallAnswer>, AskFailure> }
  /** Who was called has not come. */
  | { readonly type: 'unanswered' }
  | { readonly type: 'over'; readonly way: Way; readonly outcome: Outcome<Ended> };

export interface LineArgs {
  readonly source: Source;
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  /** The words of the engine's `EngineRates`. */
  readonly rates: SharedArrayBuffer;
  readonly calls: Calls;
  readonly trackers: ActorRef<TrackerQuestion>;
  /** Where peers were reached. */
  readonly reached: Reached;
}

type Way = 'dial' | 'call';

/** Why a line is at its end; with the `fault` when it is one of ours. */
export interface LineEnd {
  readonly problem: Problem;
  readonly fault?: unknown;
}

export class SessionLine {
  readonly #ctx: ActorContext<LineMessage>;
  readonly #args: LineArgs;
  readonly #host: FetchHost;
  readonly #ways: Way[];
  readonly #problems = new Map<Way, Problem>();
  #way: Way | undefined;
  #channel: Channel<FetchControl> | undefined;
  #call: Call | undefined;
  #isConnected = false;
  /** Whether others get through to us, as a tracker that passed on the call says. */
  #areWeReachable: boolean | undefined;

  /** `host` is told what happens, whatever way the connection came. */
  constructor(ctx: ActorContext<LineMessage>, args: LineArgs, host: FetchHost) {
    this.#ctx = ctx;
    this.#args = args;
    this.#host = host;
    this.#ways = args.source.reachable === false ? ['call', 'dial'] : ['dial', 'call'];
  }

  /** Tries the next way. */
  begin(): void {
    const { port1, port2 } = new MessageChannel();
    this.#channel = openChannel<FetchControl>(port1, this.#host);
    this.#way = this.#ways.shift();
    if (this.#way === 'call') this.#beginCall(port2);
    else this.#dial(port2);
  }

  /** There is a connection: gives the job at the other end of it. */
  connected(): Remote<FetchControl> | undefined {
    this.#isConnected = true;
    if (this.#way === 'dial') this.#args.reached.note(this.#args.source);
    this.#ctx.timers.cancel('call');
    return this.#channel?.remote;
  }

  /** Takes in what happened: undefined while there is a connection or a way to one. */
  receive(message: LineMessage): LineEnd | undefined {
    switch (message.type) {
      case 'passed-on': {
        if (this.#isConnected || this.#way !== 'call') return undefined;
        const answer = message.outcome.ok ? message.outcome.value : noAnswer;
        if (!answer.ok) return this.#failed(answer.problem);
        this.#areWeReachable = answer.value.isReachable;
        this.#ctx.timers.once('call', callAnswerMs, { type: 'unanswered' });
        return undefined;
      }
      case 'unanswered':
        return this.#isConnected || this.#way !== 'call' ? undefined : this.#failed(unanswered);
      case 'over': {
        const { way, outcome } = message;
        // Of a way that has been given up.
        if (way !== this.#way) return undefined;
        if (!outcome.ok) return { problem: threadDied, fault: outcome.error };
        const { problem } = outcome.value;
        if (!this.#isConnected) return this.#failed(problem);
        // In whatever way it fell silent.
        return {
          problem: problem.code === 'timeout' ? noAnswerOf(calledPeer(this.#args.source.name)) : problem,
        };
      }
    }
  }

  close(): void {
    this.#way = undefined;
    this.#ctx.timers.cancel('call');
    this.#call?.withdraw();
    this.#channel?.close();
  }

  #dial(link: MessagePort): void {
    const { source, me, transfers, rates } = this.#args;
    const { peer, name, host, port: tcpPort } = source;
    const input = { host, tcpPort, peer, name, link, me, rates };
    const job = transfers.run('fetch', input, { transferList: [link] });
    this.#ctx.pipe(job, (outcome) => ({ type: 'over', way: 'dial', outcome }));
  }

  #beginCall(link: MessagePort): void {
    const { source, calls, trackers } = this.#args;
    const { peer } = source;
    const call = (this.#call = calls.begin(peer, link));
    const over = call?.over ?? Promise.resolve({ problem: tooManyCalls });
    this.#ctx.pipe(over, (outcome) => ({ type: 'over', way: 'call', outcome }));
    if (!call) return link.close();
    const question = { type: 'call', peer, token: call.token } as const;
    this.#ctx.ask(trackers, question, callAskTimeoutMs, (outcome) => ({ type: 'passed-on', outcome }));
  }

  #failed(problem: Problem): LineEnd | undefined {
    const failed = this.#way;
    if (failed) this.#problems.set(failed, problem);
    this.close();
    const mayGoOn = failed === 'call' || mayBeClosedToUs.has(problem.code);
    if (this.#ways.length === 0 || !mayGoOn) return { problem: this.#verdict(problem) };
    this.begin();
    return undefined;
  }

  /** What people are told when nothing has helped. */
  #verdict(last: Problem): Problem {
    const { source, reached } = this.#args;
    const call = this.#problems.get('call');
    const them = calledPeer(source.name);
    const dial = this.#problems.get('dial');
    // Where it can be reached the way is not to blame.
    if (dial && (reached.has(source) || isOpen(source))) return dial;
    if (call === unanswered && this.#areWeReachable)
      return {
        code: 'unreachable',
        message: `Nobody gets through to ${them}, who does not answer calls either`,
      };
    if (call?.code === 'unreachable') return neither(them);
    // That it cannot be called says less than why it cannot be dialled.
    return dial ?? last;
  }
}

/** What may happen where a peer is behind a router: nobody is there, nobody answers, or somebody else does. */
const mayBeClosedToUs: ReadonlySet<ProblemCode> = new Set(['unreachable', 'timeout', 'unauthorised']);

const threadDied: Problem = { code: 'internal', message: 'The thread of the connection died' };
const unanswered: Problem = { code: 'unreachable', message: 'Who was called did not come' };
const tooManyCalls: Problem = { code: 'busy', message: 'Too many calls wait for an answer' };
const noAnswer = fail('timeout', 'No tracker passed on the call in time');

/** Whether it is known, or to be supposed, that nothing is in the way to its address. */
const isOpen = ({ host, reachable = isLoopbackHost(host) || isPrivateHost(host) }: Source): boolean =>
  reachable;

/** The problem of two peers of whom neither can be dialled. */
function neither(them: string): Problem {
  const message =
    `Neither you nor ${them} can be reached from outside: one of you has to open or forward a port; ` +
    'shoal doctor looks at yours';
  return { code: 'unreachable', message };
}
