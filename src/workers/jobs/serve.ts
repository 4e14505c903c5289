/**
 * The job behind one accepted connection: shakes hands, has the visitor authorised, answers what it asks.
 * What is shared is asked of the actor that started the job; files are read and sent here.
 */
import type { Socket } from 'node:net';
import { Allowance } from '../../core/allowance.ts';
import type { ContentId } from '../../core/ids.ts';
import {
  maxAnswersInTheMaking,
  maxUnreadBytes,
  serveReportMs,
  visitorIdleMs,
  visitorQuestions,
} from '../../core/limits.ts';
import { EngineRates } from '../../core/engine-rates.ts';
import { ok, type Problem } from '../../core/result.ts';
import { SentParts } from '../../core/sent-parts.ts';
import type { Rate } from '../../core/shared-rate.ts';
import type { PeerMessageNamed } from '../../protocol/peer-messages.ts';
import { PeerSession } from '../../protocol/peer-session.ts';
import { openChannel, type Calls } from '../channel.ts';
import type { Ended, RemotePeer, ServeControl, ServeHost, ServeInput } from '../transfer-contract.ts';
import { Connection, nowMs, type PeerEvent } from './connection.ts';
import { accept } from './greeting.ts';
import { ServedFiles } from './served-files.ts';
import { Uploader } from './uploader.ts';
import { Watches } from './watches.ts';

/** Ends when either side leaves or the channel closes; what the other side does never makes it throw. */
export async function serve({ socket, link, me, rates }: ServeInput): Promise<Ended> {
  let service: Service | undefined;
  const control: ServeControl = {
    place: (position, hasMinislot) => service?.place(position, hasMinislot),
    stop: (reason) =>
      reason
        ? service?.connection.refuse(reason)
        : service?.connection.end({ code: 'closed', message: 'Stopped' }),
  };
  const channel = openChannel<ServeHost>(link, control);
  const rate = new EngineRates(rates).uploadTo(socket.remoteAddress ?? '');
  try {
    const { socket: wire, remote } = accept({ socket, me });
    void channel.closed.then(() => wire.destroy());
    const proved = await remote;
    if (!proved.ok) return proved;
    const session = new PeerSession({ role: 'listener', name: me.name, agent: me.agent, nowMs: nowMs() });
    service = new Service(
      channel.remote,
      wire,
      (onEvent) => new Connection(wire, session, onEvent),
      rate,
      proved.value,
    );
    wire.on('data', (bytes: Buffer) => {
      service?.connection.receive(bytes);
      // Who does not read what was asked for may not ask for more.
      if (isFull(wire)) wire.pause();
    });
    wire.on('drain', () => {
      wire.resume();
      service?.answerNext();
    });
    const problem = await service.connection.ended;
    await service.end();
    return { problem };
  } finally {
    channel.close();
  }
}

const isFull = (wire: Socket): boolean => wire.writableLength > maxUnreadBytes;

class Service {
  readonly connection: Connection;
  readonly #host: Calls<ServeHost>;
  readonly #peer: RemotePeer['peer'];
  readonly #files: ServedFiles;
  readonly #uploader: Uploader;
  readonly #watches: Watches;
  readonly #wire: Socket;
  /** Manifests and lists still to be made, in turn; bounded by the session. */
  readonly #questions: (() => Promise<void>)[] = [];
  #answering = 0;
  /** Settles when the visitor was let in; while it has not, requests wait here, bounded by the session. */
  readonly #admission = Promise.withResolvers<void>();
  #position = 0;
  readonly #parts = new SentParts();
  #sentBytes = 0;
  #sending: ContentId | undefined;
  #reportTimer: NodeJS.Timeout | undefined;
  readonly #allowance = new Allowance(visitorQuestions, nowMs());
  #laterTimer: NodeJS.Timeout | undefined;
  #hasAsked = false;
  /** What had been taken off our hands when it was last looked. */
  #takenBytes = 0;
  readonly #idleTimer = setInterval(() => this.#showOutIfIdle(), visitorIdleMs);

  constructor(
    host: Calls<ServeHost>,
    wire: Socket,
    connect: (onEvent: (event: PeerEvent) => void) => Connection,
    rate: Rate,
    peer: RemotePeer['peer'],
  ) {
    this.#host = host;
    this.#peer = peer;
    this.#wire = wire;
    this.connection = connect((event) => this.#hear(event));
    this.#files = new ServedFiles((id) => host.open(id));
    this.#watches = new Watches(this.connection);
    this.#uploader = new Uploader(this.connection, this.#files, rate, {
      wantSlot: (wants) => this.#tell(host.wantSlot(wants)),
      sent: (id, bytes) => this.#sent(id, bytes),
      stale: (id, { message }) => this.#tell(host.stale(id, message)),
      findAll: (ids) => host.openAll(ids),
    });
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
    clearTimeout(this.#laterTimer);
    clearInterval(this.#idleTimer);
    this.#files.closeAll();
    await this.#report().catch(() => undefined);
  }

  #hear(event: PeerEvent): void {
    switch (event.type) {
      case 'hello':
        this.#tell(this.#admit({ peer: this.#peer, name: event.name, agent: event.agent }));
        return;
      case 'get-pieces':
      case 'get-files':
        this.#whenAdmitted(() => this.#uploader.add(event));
        return;
      case 'cancel':
        this.#whenAdmitted(() => this.#uploader.cancel(event.requestId));
        return;
      case 'get-manifest':
        this.#whenAdmitted(() => this.#answer(() => this.#sendManifest(event)));
        return;
      case 'list':
        this.#whenAdmitted(() => this.#answer(() => this.#sendList(event)));
        return;
      case 'watch':
        this.#whenAdmitted(() => this.#answer(() => this.#watch(event)));
        return;
      case 'unwatch':
        this.#whenAdmitted(() => this.#answer(async () => this.#watches.end(event.id)));
        return;
      case 'spoiled':
        this.#whenAdmitted(() => this.#tell(this.#host.spoiled(event.id, event.piece)));
        return;
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
        // Only a dialler hears these; the session refuses them before they get here.
        return;
    }
  }

  async #admit(remote: RemotePeer): Promise<void> {
    const admission = await this.#host.authorize(remote);
    if (admission.ok) this.#admission.resolve();
    else this.connection.refuse(admission.problem);
  }

  #whenAdmitted(step: () => void): void {
    this.#hasAsked = true;
    void this.#admission.promise.then(() => this.connection.isOpen && step());
  }

  #answer(question: () => Promise<void>): void {
    this.#questions.push(question);
    this.answerNext();
  }

  /** Makes a few answers at a time, and none while the visitor does not take those that are made. */
  answerNext(): void {
    while (this.#answering < maxAnswersInTheMaking && !isFull(this.#wire)) {
      if (this.#questions.length > 0 && !this.#allowance.take(nowMs())) return this.#answerLater();
      const question = this.#questions.shift();
      if (!question || !this.connection.isOpen) return;
      this.#answering++;
      const answered = question().finally(() => {
        this.#answering--;
        this.answerNext();
      });
      this.#tell(answered);
    }
  }

  /** Who asks too much waits; how much may wait is bounded by the session. */
  #answerLater(): void {
    this.#laterTimer ??= setTimeout(() => {
      this.#laterTimer = undefined;
      this.answerNext();
    }, 1_000 / visitorQuestions.perSecond);
  }

  async #sendManifest({ requestId, id }: PeerMessageNamed<'get-manifest'>): Promise<void> {
    const found = await this.#host.manifest(id);
    if (!found.ok) {
      this.#refuse(requestId, found.problem);
      return;
    }
    const { sizeBytes, pieceLength, leaves } = found.value;
    this.connection.corked(() => {
      this.connection.send({
        type: 'manifest',
        requestId,
        sizeBytes,
        pieceLength,
        dataLength: leaves.length,
      });
      this.connection.write(leaves);
    });
  }

  async #sendList(request: PeerMessageNamed<'list'>): Promise<void> {
    const { requestId, path, recursive, cursor, limit } = request;
    const page = await this.#host.list({ path, recursive, cursor, limit });
    if (page.ok) this.connection.send({ type: 'list-page', requestId, ...page.value });
    else this.#refuse(requestId, page.problem);
  }

  async #watch({ requestId, id }: PeerMessageNamed<'watch'>): Promise<void> {
    const found = await this.#files.get(id);
    if (!found.ok) return this.#refuse(requestId, found.problem);
    const { offer } = found.value;
    const begun = offer ? this.#watches.begin(id, offer) : ok(undefined);
    if (!begun.ok) return this.#refuse(requestId, begun.problem);
    this.connection.send({ type: 'bitfield', requestId, bitfield: begun.value });
  }

  #refuse(requestId: number, { code, message }: Problem): void {
    this.connection.send({ type: 'error', requestId, code, message, detail: '' });
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

  /** A call that fails means that the actor is gone, and with it the reason to go on. */
  #tell(call: Promise<void>): void {
    call.catch(() => this.connection.end({ code: 'closed', message: 'Stopped' }));
  }
}
