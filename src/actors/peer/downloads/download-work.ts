/**
 * Who works on a download, by the kind of its target: the seam between the pool, which knows when, and the
 * actors that know how. A new kind of target is a new entry here.
 */
import type { ContentTarget, DownloadTarget, TreeTarget } from '../../../core/engine/engine-api.ts';
import type { ActorContext, ActorRef, ChildOptions } from '../../runtime/index.ts';
import { downloadActor } from './download.ts';
import { discardContent } from './download-disk.ts';
import type { WorkArgs, WorkCommand } from './download-messages.ts';
import { isOfKind, type TransferRecord } from './transfer-record.ts';
import { treeActor } from '../trees/tree.ts';
import { discardTree } from '../trees/tree-disk.ts';

/**
 * The actor is started when it is the download's turn. It sets the record's `state` and counters, tells the host
 * `changed` whenever there is something to show, and stops itself once the state is an end (`done`, `failed`).
 * It is stopped for a pause, a cancel or another's turn: what it has on the disk then stays, in order.
 */
export interface WorkKind<Target extends DownloadTarget> {
  readonly start: (spawner: Spawner, args: WorkArgs<Target>, options: ChildOptions) => ActorRef<WorkCommand>;
  /** Takes what it wrote off the disk; finished files of a folder stay. Nobody is at work on it then. */
  readonly discard: (record: TransferRecord<Target>) => Promise<void>;
}

export type Spawner = Pick<ActorContext<never>, 'spawn'>;

export interface WorkKinds {
  readonly content: WorkKind<ContentTarget>;
  /** Undefined: folders are refused. */
  readonly tree: WorkKind<TreeTarget> | undefined;
}

export const workKinds: WorkKinds = {
  content: {
    start: (spawner, args, options) => spawner.spawn(downloadActor, args, options),
    discard: discardContent,
  },
  tree: {
    start: (spawner, args, options) => spawner.spawn(treeActor, args, options),
    discard: discardTree,
  },
};

/** Takes off the disk what a download wrote there. */
export async function discard(kinds: WorkKinds, record: TransferRecord): Promise<void> {
  if (isOfKind(record, 'content')) await kinds.content.discard(record);
  if (isOfKind(record, 'tree')) await kinds.tree?.discard(record);
}
