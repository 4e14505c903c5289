/**
 * The far end of a direct way: a link of its own between the thread of who sends and the one of an actor. Invariant: a
 * port that arrives is listened to, sent on, or closed.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Cell } from '../cell.ts';
import type { Handle } from '../handle.ts';
import { LocalRef } from '../local-ref.ts';
import type { Frame } from './codec.ts';
import { Link } from './link.ts';
import { RemoteRef } from './remote-ref.ts';

/** Brings one end of a direct way nearer to an actor. */
export function connect(to: Handle<never>, port: MessagePort): void {
  const cell = LocalRef.cellOf(to);
  if (cell?.status === 'running' && cell.controls !== undefined) cell.controls.connect(port);
  else if (cell?.status === 'running') accept(cell, port);
  else if (to instanceof RemoteRef && !to.hasEnded) to.carrier.send({ type: 'connect', to, port });
  else port.close();
}

/** Hears what comes for an actor of this thread. It is for the sender to close the way when that has ended. */
function accept(cell: Cell, port: MessagePort): void {
  const link = new Link(cell.kernel, cell.path, port, () => {});
  link.refs.exportRoot(cell.ref);
  const unwatch = cell.whenEnded(() => link.send({ type: 'ended' }));
  port.on('message', (frame: Frame) => link.receive(frame));
  port.once('close', () => {
    unwatch();
    link.close(new Error(`A direct way to ${cell.path} has ended`));
  });
  link.send({ type: 'up' });
}
