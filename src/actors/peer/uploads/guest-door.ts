/**
 * The door of a guest: opened when there is something to give to those who download the same, at a port that
 * nobody is told but them. A guest that cannot open it downloads without.
 */
import { actor } from '../../runtime/index.ts';
import { listenerActor, type ListenerArgs } from '../listener.ts';

/** There is something to give. */
export interface OpenDoor {
  readonly type: 'open';
}

export const guestDoorActor = actor<OpenDoor, ListenerArgs>('guest-door', (ctx, args) => {
  let isOpen = false;
  return {
    receive() {
      if (isOpen) return;
      isOpen = true;
      ctx.spawn(listenerActor, args, { restart: 'temporary' });
    },
  };
});
