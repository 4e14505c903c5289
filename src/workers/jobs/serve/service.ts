/**
 * What one visitor is given: has it authorised, answers what it asks. What is shared is asked of the actor that started the
 * job; files are read and sent here.
 */
import type { Socket } from 'node:net';
import type { ContentId } from '../../../core/ids.ts';
import { serveReportMs } from '../../../core/limits/tracker.ts';
import { maxWaitingAnswers, visitorIdleMs } from '../../../core/limits/uploads.ts';
import { ok, type Problem } from '../../../core/result.ts';
import type { Revocations } from '../../../core/uploads/revocations.ts';
import { SentParts } from '../../../core/uploads/sent-parts.ts';
import { LaterRate, SharedRate, type Rate } from '../../../core/rates/shared-rate.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import type { Calls } from '../../channel.ts';
import type { RemotePeer, ServeHost } from '../../transfer-contract.ts';
import { Answers, type Answer } from './answers.ts';
import type { Connection, PeerEvent } from '../connection.ts';
import { ServedFiles } from './served-files.ts';
import { Uploader } from './uploader.ts';
import { Watches } from './watches.ts';

export class Service {
  readonly connection: Connection;
  readonly #host: Calls<ServeHost>;
  readonly #files: ServedFiles;
  readonly #uploader: Uploader;
  readonly #watches: Watches;
  readonly #wire: Socket;
  readonly #answers: Answers;
  /** What the visitor has said before it was let in; undefined since then. */
  #early: (() => void)[] | undefined = [];
  #position = 0;
  /** The limit for this visitor, beside that of all. */
  readonly #ownRate = new LaterRate();
  readonly #parts = new SentParts();
  #sentBytes = 0;
  #sending: ContentId | undefined;
  #reportTimer: NodeJS.Timeout | undefined;
  #hasAsked = false;
  /** What had been taken off our hands when it was last looked. */
  #takenBytes = 0;
  readonly #idleTimer = setInterval(() => this.#showOutIfIdle(), visitorIdleMs);

  constructor(
    host: Calls<ServeHost>,
    wire: Socket,
    connection: Connection,
    rate: Rate,
    revocations: Revocations,
    visitor: RemotePeer,
  ) {
    this.#host = host;
    this.#wire = wire;
    this.connection = connection;
    connection.handTo((event) => this.#hear(event));
    this.#answers = new Answers(this.connection, rate, () => this.#stopped());
    this.#files = new ServedFiles((id) => host.open(id), revocations);
    this.#watches = new Watches(this.connection);
    this.#uploader = new Uploader(this.connection, this.#files, [this.#ownRate, rate], revocations, {
      wantSlot: (wants) => this.#tell(host.wantSlot(wants)),
      sent: (id, bytes) => this.#sent(id, bytes),
      stale: (id, { message }) => this.#tell(host.stale(id, message)),
      findAll: (ids) => host.openAll(ids),
    });
    this.#tell(this.#admit(visitor));
  }

  /** 0: send; n: wait, n-th in the queue. The visitor is told when that is news. */
  place(position: number, hasMinislot: boolean): void {
    if (!this.connection.isOpen) return;
    if (position !== this.#position) this.connection.send({ type: 'queue', position });
    this.#position = position;
    this.#uploader.grant(position === 0, hasMinislot);
  }

  async end(): Promise<void> {
    clearTimeout(this.#reportTimer);
    clearInterval(this.#idleTimer);
    this.#files.closeAll();
    await this.#report().catch(() => undefined);
  }

  #hear(event: PeerEvent): void {
    switch (event.type) {
      case 'get-pieces':
      case 'get-files':
        this.#whenAdmitted(() => this.#uploader.add(event));
        return;
      case 'cancel':
        this.#whenAdmitted(() => this.#uploader.cancel(event.requestId));
        return;
      case 'get-manifest':
        this.#whenAdmitted(() => this.#answers.ask(() => this.#manifest(event)));
        return;
      case 'list':
        this.#whenAdmitted(() => this.#answers.ask(() => this.#list(event)));
        return;
      case 'watch':
        this.#whenAdmitted(() => this.#answers.ask(() => this.#watch(event)));
        return;
      case 'unwatch':
        this.#whenAdmitted(() => this.#answers.ask(() => this.#unwatch(event)));
        return;
      case 'spoiled':
        this.#whenAdmitted(() => this.#answers.ask(() => this.#spoiled(event)));
        return;
      case 'hello':
      case 'error':
      case 'bye':
      case 'queue':
      case 'manifest':
      case 'block':
      case 'files':
      case 'list-page':
      case 'bitfield':
      case 'have':
      case 'data':
      case 'data-end':
        // Came before, or only who asks hears them: the session refuses them before they get here.
        return;
    }
  }

  async #admit(remote: RemotePeer): Promise<void> {
    const admission = await this.#host.authorize(remote);
    if (!admission.ok) return this.connection.refuse(admission.problem);
    if (admission.value) this.#ownRate.follow(new SharedRate(admission.value));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const step of early) if (this.connection.isOpen) step();
  }

  #whenAdmitted(step: () => void): void {
    this.#hasAsked = true;
    if (!this.#early) return step();
    if (this.#early.length < maxWaitingAnswers) this.#early.push(step);
    else this.connection.refuse({ code: 'limit', message: 'Too many questions at once' });
  }

  async #manifest({ requestId, id }: PeerMessageNamed<'get-manifest'>): Promise<Answer> {
    const found = await this.#host.manifest(id);
    if (!found.ok) return refusal(requestId, found.problem);
    const { sizeBytes, pieceLength, leaves: data } = found.value;
    return {
      message: { type: 'manifest', requestId, sizeBytes, pieceLength, dataLength: data.length },
      data,
    };
  }

  async #list(request: PeerMessageNamed<'list'>): Promise<Answer> {
    const { requestId, path, recursive, cursor, limit } = request;
    const page = await this.#host.list({ path, recursive, cursor, limit });
    if (!page.ok) return refusal(requestId, page.problem);
    return { message: { type: 'list-page', requestId, ...page.value } };
  }

  async #watch({ requestId, id }: PeerMessageNamed<'watch'>): Promise<Answer> {
    const found = await this.#files.offerOf(id);
    if (!found.ok) return refusal(requestId, found.problem);
    const offer = found.value;
    const begun = offer ? this.#watches.begin(id, offer) : ok(undefined);
    if (!begun.ok) return refusal(requestId, begun.problem);
    return { message: { type: 'bitfield', requestId, bitfield: begun.value } };
  }

  /** In line, as it is about a `watch` before it. */
  async #unwatch({ id }: PeerMessageNamed<'unwatch'>): Promise<undefined> {
    this.#watches.end(id);
  }

  /** In line, so that nobody floods the engine with it. */
  async #spoiled({ id, piece }: PeerMessageNamed<'spoiled'>): Promise<undefined> {
    await this.#host.spoiled(id, piece);
  }

  /** Who waits in the queue or is being sent to is not idle, unless nothing of it is taken. */
  #showOutIfIdle(): void {
    const isIdle = !this.#hasAsked && this.connection.session.owedCount === 0;
    this.#hasAsked = false;
    const unreadBytes = this.#wire.writableLength;
    const takenBytes = this.#wire.bytesWritten - unreadBytes;
    const isStuck = unreadBytes > 0 && takenBytes === this.#takenBytes;
    this.#takenBytes = takenBytes;
    if (isStuck) this.connection.end({ code: 'timeout', message: 'Nothing was read for a while' });
    else if (isIdle) this.connection.end({ code: 'timeout', message: 'Nothing was asked for a while' });
  }

  #sent(id: ContentId, bytes: number): void {
    this.#sentBytes += bytes;
    this.#sending = id;
    this.#parts.add(id, bytes);
    if (this.#parts.isFull) return this.#tell(this.#report());
    this.#reportTimer ??= setTimeout(() => {
      this.#reportTimer = undefined;
      this.#tell(this.#report());
    }, serveReportMs);
  }

  #report(): Promise<void> {
    return this.#host.report({
      sentBytes: this.#sentBytes,
      id: this.#sending,
      parts: this.#parts.take(),
    });
  }

  #tell(call: Promise<void>): void {
    call.catch(() => this.#stopped());
  }

  /** A call that fails means that the actor is gone, and with it the reason to go on. */
  #stopped(): void {
    this.connection.end({ code: 'closed', message: 'Stopped' });
  }
}

function refusal(requestId: number, { code, message }: Problem): Answer {
  return { message: { type: 'error', requestId, code, message, detail: '' } };
}
