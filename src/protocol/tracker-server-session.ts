/**
 * A tracker's side of its conversation with a peer. After the `hello` event answer with `accept`, or refuse by
 * sending an `error` with request id 0 and closing.
 */
import { FileEntries } from '../core/share/file-entries.ts';
import { leaseMs, maxTrackerRequests } from '../core/limits/wire.ts';
import { readAddedFiles } from './added-files.ts';
import { createCodec } from './codec.ts';
import { LocalProtocolError, RemoteProtocolError } from './errors.ts';
import { codeAt } from './linter.ts';
import { Session } from './session.ts';
import {
  trackerMessages,
  type TrackerMessageNamed,
  type TrackerReply,
  type TrackerRequest,
  type TrackerTable,
} from './tracker-messages.ts';
import { type Agreement, agreeOn, calling, comparing, moving } from './version.ts';

export interface TrackerServerOptions {
  readonly nowMs: number;
  /** How long a silent peer is kept; also told to it. */
  readonly leaseMs?: number;
  /** After which silence `tick` gives the peer up; default `leaseMs`, Infinity when somebody else sees to that. */
  readonly silenceMs?: number;
}

/** What a peer may say: the files that it adds are not made objects of. */
export type TrackerServerRequest =
  Exclude<TrackerRequest, { readonly type: 'add' }> | { readonly type: 'add'; readonly files: FileEntries };

export type Welcome = Omit<TrackerMessageNamed<'welcome'>, 'type' | 'version' | 'features' | 'leaseMs'>;

const codec = createCodec(trackerMessages);

export class TrackerServerSession extends Session<TrackerTable, TrackerServerRequest, TrackerReply> {
  readonly #leaseMs: number;
  #offered: Agreement | undefined;

  constructor(options: TrackerServerOptions) {
    const lease = options.leaseMs ?? leaseMs;
    super(codec, {
      side: 'server',
      maxRequests: maxTrackerRequests,
      keepAlive: { pingEveryMs: undefined, silenceMs: options.silenceMs ?? lease },
      nowMs: options.nowMs,
    });
    this.#leaseMs = lease;
  }

  /** Whether the peer is told who can be reached, and may call and be called. */
  get isCalling(): boolean {
    return this.isReady && ((this.agreed?.features ?? 0) & calling) !== 0;
  }

  /** The frame that lets the peer in. */
  accept(welcome: Welcome): Uint8Array {
    if (!this.#offered || this.isReady) throw new LocalProtocolError('There is no hello to be answered');
    const frame = this.encode({ type: 'welcome', ...this.#offered, leaseMs: this.#leaseMs, ...welcome });
    this.agree(this.#offered);
    return frame;
  }

  /** Whether the peer can be sent to another tracker. */
  get isMoving(): boolean {
    return this.isReady && ((this.agreed?.features ?? 0) & moving) !== 0;
  }

  /** Whether the peer can be told to compare its share. */
  get isComparing(): boolean {
    return this.isReady && ((this.agreed?.features ?? 0) & comparing) !== 0;
  }

  protected override read(source: Uint8Array, start: number, end: number): TrackerServerRequest | undefined {
    if (codeAt(source, start, end) === trackerMessages.add.code) {
      const files = readAddedFiles(source, start, end);
      if (files !== undefined) return { type: 'add', files };
    }
    const message = this.decode(source, start, end) as TrackerRequest | undefined;
    return message?.type === 'add' ? { type: 'add', files: FileEntries.of(message.files) } : message;
  }

  protected override onGreeting(message: TrackerServerRequest): void {
    if (message.type !== 'hello') return;
    if (this.#offered) throw new RemoteProtocolError('unexpected', 'A second hello');
    this.#offered = agreeOn(message);
  }
}
