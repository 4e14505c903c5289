/**
 * The questions that one dialled connection has open beside its requests for pieces: manifests, lists, what a source
 * has. Invariant: every question ends exactly once, by its answer, by the time it may take, or with the connection.
 */
import { answerTimeoutMs } from '../../../core/limits/cli.ts';
import { isWellFormed, type Manifest } from '../../../core/swarm/manifest.ts';
import { fail, ok, type Problem, type Result } from '../../../core/result.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import type { Connection } from '../connection.ts';

type Question = PeerMessageNamed<'get-manifest'> | PeerMessageNamed<'list'> | PeerMessageNamed<'watch'>;

interface ComingManifest extends Manifest {
  /** Bytes of the leaves that have come. */
  filled: number;
}

/** A question under way: how its answer, or its end without one, is told. */
interface Waiting {
  readonly settle: (answer: Result<unknown>) => void;
  /** Set while the leaves of a manifest come. */
  manifest?: ComingManifest;
}

export class Questions {
  readonly #connection: Connection;
  readonly #onAsked: () => void;
  readonly #waiting = new Map<number, Waiting>();

  /** `onAsked`: an answer is waited for from now on. */
  constructor(connection: Connection, onAsked: () => void) {
    this.#connection = connection;
    this.#onAsked = onAsked;
  }

  get areOpen(): boolean {
    return this.#waiting.size > 0;
  }

  /** Problems: `busy`, `timeout`, and what the other side says. */
  async ask<T>(make: (requestId: number) => Question): Promise<Result<T>> {
    if (!this.#connection.isOpen || !this.#connection.session.canAsk)
      return fail('busy', 'Too many questions to this peer are open');
    return new Promise((resolve) => {
      const requestId = this.#connection.session.nextRequestId();
      const timer = setTimeout(
        () => this.settle(requestId, fail('timeout', 'The peer did not answer in time')),
        answerTimeoutMs,
      );
      const settle = (answer: Result<unknown>): void => {
        clearTimeout(timer);
        resolve(answer as Result<T>);
      };
      this.#waiting.set(requestId, { settle });
      this.#connection.send(make(requestId));
      this.#onAsked();
    });
  }

  settle(requestId: number, answer: Result<unknown>): void {
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    waiting?.settle(answer);
  }

  /** Nothing comes any more. */
  end(problem: Problem): void {
    for (const requestId of this.#waiting.keys()) this.settle(requestId, { ok: false, problem });
  }

  manifestBegins({ requestId, sizeBytes, pieceLength, dataLength }: PeerMessageNamed<'manifest'>): void {
    const waiting = this.#waiting.get(requestId);
    if (!waiting) return;
    const leaves = new Uint8Array(dataLength);
    const manifest = { sizeBytes, pieceLength, leaves, filled: 0 };
    if (isWellFormed(manifest)) waiting.manifest = manifest;
    else this.settle(requestId, fail('protocol', 'The manifest contradicts itself'));
  }

  /** Whether the bytes are of a manifest. */
  data(requestId: number, bytes: Uint8Array): boolean {
    const manifest = this.#waiting.get(requestId)?.manifest;
    if (!manifest) return false;
    manifest.leaves.set(bytes, manifest.filled);
    manifest.filled += bytes.length;
    return true;
  }

  /** Whether it was the end of a manifest. */
  dataEnd(requestId: number): boolean {
    const manifest = this.#waiting.get(requestId)?.manifest;
    if (!manifest) return false;
    const { sizeBytes, pieceLength, leaves } = manifest;
    this.settle(requestId, ok({ sizeBytes, pieceLength, leaves }));
    return true;
  }
}
