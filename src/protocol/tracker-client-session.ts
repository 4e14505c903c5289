/**
 * A peer's side of its conversation with a tracker. The hello is in the output from the start; requests may be
 * sent from the `welcome` event on. `error` with request id 0 before it means that we were refused.
 */
import {
  heartbeatJitter,
  heartbeatMs,
  helloTimeoutMs,
  leaseMs,
  maxHeartbeatMs,
  maxTrackerRequests,
} from '../core/limits/wire.ts';
import { createCodec } from './codec.ts';
import { RemoteProtocolError } from './errors.ts';
import type { AnyMessage, OpenRequest } from './requests.ts';
import { Session } from './session.ts';
import {
  trackerMessages,
  type TrackerMessageNamed,
  type TrackerReply,
  type TrackerRequest,
  type TrackerTable,
} from './tracker-messages.ts';
import {
  calling,
  comparing,
  features,
  finding,
  maxVersion,
  minVersion,
  moving,
  swarming,
} from './version.ts';

export interface TrackerClientOptions {
  /** Empty for a guest. */
  readonly name: string;
  /** Where we listen for peers; 0 for a guest. */
  readonly port: number;
  readonly agent: string;
  readonly nowMs: number;
  /** From 0 up to 1; spreads heartbeats. */
  readonly random?: () => number;
}

const codec = createCodec(trackerMessages);

export class TrackerClientSession extends Session<TrackerTable, TrackerReply, TrackerRequest> {
  readonly #random: () => number;
  #hasJoined = false;

  constructor({ name, port, agent, nowMs, random = Math.random }: TrackerClientOptions) {
    super(codec, {
      side: 'client',
      maxRequests: maxTrackerRequests,
      keepAlive: { pingEveryMs: heartbeatMs, silenceMs: leaseMs },
      nowMs,
    });
    this.#random = random;
    this.queue({ type: 'hello', minVersion, maxVersion, features, name, port, agent });
  }

  /** Whether the tracker brings those together who download the same. */
  get isSwarming(): boolean {
    return ((this.agreed?.features ?? 0) & swarming) !== 0;
  }

  /** Whether the tracker may send us to another. */
  get isMoving(): boolean {
    return ((this.agreed?.features ?? 0) & moving) !== 0;
  }

  /** How often we say something to it. */
  get pingEveryMs(): number {
    return this.live.keepAlive.pingEveryMs ?? heartbeatMs;
  }

  /** Whether the tracker passes on calls, and tells who can be reached. */
  get isCalling(): boolean {
    return ((this.agreed?.features ?? 0) & calling) !== 0;
  }

  /** Whether the tracker may tell us to compare our share. */
  get isComparing(): boolean {
    return ((this.agreed?.features ?? 0) & comparing) !== 0;
  }

  /** Whether the tracker finds many contents by their ids at once. */
  get isFinding(): boolean {
    return ((this.agreed?.features ?? 0) & finding) !== 0;
  }

  protected override encode(message: TrackerRequest): Uint8Array {
    if (message.type === 'join') this.#hasJoined = true;
    return super.encode(message);
  }

  /** Newcomers may cross with our leaving. */
  protected override onNotice({ type }: TrackerReply): void {
    if (type === 'newcomers' && !this.#hasJoined)
      throw new RemoteProtocolError('unsolicited', 'Nobody asked for newcomers');
    if ((type === 'trackers' || type === 'redirect') && !this.isMoving)
      throw new RemoteProtocolError('unsolicited', 'We did not agree on being sent elsewhere');
    if ((type === 'reach' || type === 'called') && !this.isCalling)
      throw new RemoteProtocolError('unsolicited', 'We did not agree on being called');
    if (type === 'compare' && !this.isComparing)
      throw new RemoteProtocolError('unsolicited', 'We did not agree on being told to compare');
  }

  /** Pages of results come to an end, and to no more results than were asked for. */
  protected override isInOrder(request: OpenRequest, message: TrackerReply | TrackerRequest): boolean {
    if (message.type !== 'results' || !isSearch(request.message)) return super.isInOrder(request, message);
    request.results += message.results.length;
    return request.results <= mostOf(request.message) && (message.results.length > 0 || !message.more);
  }

  protected override onGreeting(message: TrackerReply): void {
    if (message.type !== 'welcome') return;
    if (message.version < minVersion || message.version > maxVersion)
      throw new RemoteProtocolError('version', `Version ${message.version} was not offered`);
    // A tracker cannot make us ping without pause, nor give up at the first late pong, nor wait for it for days.
    const jitter = 1 + heartbeatJitter * (2 * this.#random() - 1);
    const pingEveryMs = Math.min(maxHeartbeatMs, Math.max(1_000, message.heartbeatMs * jitter));
    const silenceMs = Math.max(Math.min(message.leaseMs, 3 * maxHeartbeatMs), pingEveryMs + helloTimeoutMs);
    this.live.keepAlive = { pingEveryMs, silenceMs };
    this.agree({ version: message.version, features: (message.features & features) >>> 0 });
  }
}

type Named<Name extends TrackerRequest['type']> = Name extends unknown ? TrackerMessageNamed<Name> : never;
type Search = Named<'search' | 'find-name' | 'find-contents'>;

function isSearch(message: AnyMessage): message is Search {
  return message.type === 'search' || message.type === 'find-name' || message.type === 'find-contents';
}

/** Results that there may be. */
const mostOf = (search: Search): number =>
  search.type === 'find-contents' ? search.ids.length : search.limit;
