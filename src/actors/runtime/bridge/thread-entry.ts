/**
 * What runs on the thread of a placed actor: a system of its own whose one root is that actor. The root's
 * failure and end are reported to its cell on the other thread, where supervision decides.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { ActorDefinition, SnapshotOf } from '../actor.ts';
import { Cell, type Keeper } from '../cell.ts';
import { toError } from '../errors.ts';
import { newKernel } from '../new-kernel.ts';
import { crash, fullSnapshot, kill } from '../tree.ts';
import type { Frame } from './codec.ts';
import { connect } from './connect.ts';
import { Link } from './link.ts';
import type { Control, ThreadSpec } from './wire.ts';

if (parentPort === null) throw new Error('The entry of a placed actor runs on a worker thread only');
const port = parentPort;
const { path, module, name, shutdownMs } = workerData as ThreadSpec;

const kernel = newKernel({
  onDeadLetter: ({ to, message, why }) => link.send({ type: 'dead-letter', to, message, why }),
  onFailure: (failed, error) => {
    if (failed !== path || root?.status !== 'running') link.send({ type: 'failure', path: failed, error });
  },
});
const link: Link = new Link(kernel, path, port, obey);
port.on('message', (frame: Frame) => link.receive(frame));

const keeper: Keeper = {
  failed: (_cell, error) => link.send({ type: 'failed', error }),
  finished: () => link.send({ type: 'finished' }),
  // The thread is terminated as soon as this is heard: a turn later, when the direct ways have had their last word.
  ended: () => void setImmediate(() => link.send({ type: 'ended' })),
};
let root: Cell | undefined;

function obey(control: Control): void {
  switch (control.type) {
    case 'start':
      return void start(control.args).catch((error: unknown) =>
        link.send({ type: 'not-up', error: toError(error) }),
      );
    case 'halt':
      return root?.halt('restarting');
    case 'stop':
      if (root === undefined) link.send({ type: 'ended' });
      else void root.stop(control.reason);
      return undefined;
    case 'crash':
      return void crash(kernel, control.path, control.error);
    case 'kill':
      return void kill(kernel, control.path);
    case 'snapshot':
      return void answer(control.request, control.only);
    case 'connect':
      return connect(control.to, control.port);
    case 'up':
    case 'not-up':
    case 'failed':
    case 'finished':
    case 'ended':
    case 'actors':
    case 'failure':
    case 'dead-letter':
      throw new Error(`A thread takes no reports: ${control.type}`);
  }
}

async function start(args: unknown): Promise<void> {
  const exported = Object.values((await import(module)) as Record<string, unknown>);
  const definition = exported.find((value) => isDefinition(value) && value.name === name);
  if (!isDefinition(definition)) throw new Error(`${module} exports no actor named ${name}`);
  root = new Cell(kernel, keeper, { path, definition, args, options: { shutdownMs } });
  link.refs.exportRoot(root.ref);
  await root.start();
  if (root.status === 'running') link.send({ type: 'up' });
}

async function answer(request: number, only: SnapshotOf): Promise<void> {
  // The cell on the other side tells of this thread's root itself.
  const actors = (await fullSnapshot(kernel, only)).filter((one) => one.path !== path);
  link.send({ type: 'actors', request, actors });
}

function isDefinition(value: unknown): value is ActorDefinition<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'setup' in value && 'name' in value;
}
