/**
 * Looks into what downloaders say of us: that a piece of ours was wrong. The piece is read and hashed again, and
 * a file that is not what it is shared as is told to the library. Anybody may say anything, so one check runs at
 * a time, and of each content one in a while.
 */
import type { ContentId } from '../../../core/ids.ts';
import { maxPieceChecks, maxRememberedChecks, pieceCheckEveryMs } from '../../../core/limits/connections.ts';
import { libraryAnswerTimeoutMs } from '../../../core/limits/uploads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import type { Result } from '../../../core/result.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { TransferJobs } from '../../../workers/transfer-contract.ts';
import { actor, type ActorRef, type AskFailure, type Outcome } from '../../runtime/index.ts';
import type { LibraryCommand, OpenContent } from '../library/library-messages.ts';

/** Somebody was sent this piece and found it wrong. */
export interface SpoiledPiece {
  readonly type: 'spoiled';
  readonly id: ContentId;
  readonly piece: number;
}

type PieceCheckMessage =
  | SpoiledPiece
  | { readonly type: 'opened'; readonly outcome: Outcome<Result<OpenContent>, AskFailure> }
  | {
      readonly type: 'found';
      readonly filePath: string;
      readonly outcome: Outcome<Result<Manifest>, AskFailure>;
    }
  | { readonly type: 'checked'; readonly outcome: Outcome<Result<readonly unknown[]>> };

export interface PieceCheckArgs {
  readonly transfers: Pool<TransferJobs>;
  readonly library: ActorRef<LibraryCommand>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export const pieceCheckActor = actor<PieceCheckMessage, PieceCheckArgs>('piece-check', (ctx, args) => {
  const { transfers, library, now = () => performance.now() } = args;
  const waiting: SpoiledPiece[] = [];
  let current: SpoiledPiece | undefined;
  /** When each content was last looked at, the oldest first. */
  const checkedMs = new Map<ContentId, number>();

  function take(spoiled: SpoiledPiece): void {
    const lastMs = checkedMs.get(spoiled.id);
    if (waiting.length >= maxPieceChecks) return;
    if (lastMs !== undefined && now() - lastMs < pieceCheckEveryMs) return;
    checkedMs.delete(spoiled.id);
    checkedMs.set(spoiled.id, now());
    for (const oldest of checkedMs.keys()) {
      if (checkedMs.size <= maxRememberedChecks) break;
      checkedMs.delete(oldest);
    }
    waiting.push(spoiled);
    if (!current) next();
  }

  function next(): void {
    current = waiting.shift();
    if (!current) return;
    const { id } = current;
    ctx.ask(library, { type: 'open', id }, libraryAnswerTimeoutMs, (outcome) => ({
      type: 'opened',
      outcome,
    }));
  }

  function find(filePath: string): void {
    if (!current) return;
    const question = { type: 'manifest', id: current.id } as const;
    ctx.ask(library, question, libraryAnswerTimeoutMs, (outcome) => ({ type: 'found', filePath, outcome }));
  }

  function check(filePath: string, manifest: Manifest): void {
    const piece = current?.piece ?? 0;
    if (piece >= pieceCount(manifest.sizeBytes)) return next();
    const ranges = [{ first: piece, count: 1 }];
    const checked = transfers.run('checkPieces', { filePath, manifest, ranges, skipsEmpty: false });
    ctx.pipe(checked, (outcome) => ({ type: 'checked', outcome }));
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'spoiled':
          return take(message);
        case 'opened': {
          const { outcome } = message;
          // What has visibly changed was found out by opening it.
          return outcome.ok && outcome.value.ok ? find(outcome.value.value.filePath) : next();
        }
        case 'found': {
          const { outcome } = message;
          return outcome.ok && outcome.value.ok ? check(message.filePath, outcome.value.value) : next();
        }
        case 'checked': {
          const { outcome } = message;
          const isWrong = outcome.ok && outcome.value.ok && outcome.value.value.length === 0;
          const reason = 'It has changed, although its size and time have not';
          if (isWrong && current) library.tell({ type: 'stale', id: current.id, reason });
          return next();
        }
      }
    },
  };
});
