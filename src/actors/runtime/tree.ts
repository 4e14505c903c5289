/** Looking into a tree of actors and breaking it, over the threads it extends to. */
import type { ActorPath, ActorSnapshot, SnapshotOf } from './actor.ts';
import type { Cell, ThreadControls } from './cell.ts';
import type { Kernel } from './kernel.ts';

/** All actors of this thread and of the threads under it, parents before children. */
export async function fullSnapshot(kernel: Kernel, only: SnapshotOf): Promise<ActorSnapshot[]> {
  const cells = [...kernel.cells.values()].filter((cell) => only === 'all' || cell.isStanding);
  const snapshots = cells.map(async (cell) => [
    cell.snapshot(),
    ...((await cell.controls?.actors(only)) ?? []),
  ]);
  return (await Promise.all(snapshots)).flat();
}

/** Makes an actor fail; false when neither it nor a thread that may have it exists. */
export function crash(kernel: Kernel, path: ActorPath, error: Error): boolean {
  const cell = kernel.cells.get(path);
  if (cell !== undefined) {
    cell.fail(error);
    return true;
  }
  const controls = threadAbove(kernel, path);
  controls?.crash(path, error);
  return controls !== undefined;
}

/** Terminates the thread of a placed actor; false when there is no such thread. */
export function kill(kernel: Kernel, path: ActorPath): boolean {
  const controls = kernel.cells.get(path)?.controls ?? threadAbove(kernel, path);
  controls?.kill(path);
  return controls !== undefined;
}

function threadAbove(kernel: Kernel, path: ActorPath): ThreadControls | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const cell: Cell | undefined = kernel.cells.get(path.slice(0, end));
    if (cell !== undefined) return cell.controls;
  }
  return undefined;
}
