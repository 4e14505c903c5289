/** The library of a guest, who shares nothing: uploads find only what is being downloaded. */
import { fail } from '../../core/result.ts';
import { actor } from '../runtime/index.ts';
import type { LibraryCommand } from './library-messages.ts';

export const emptyLibraryActor = actor<LibraryCommand>('library', () => ({
  receive(message) {
    switch (message.type) {
      case 'open':
      case 'manifest':
      case 'list':
        return message.replyTo.reply(notShared);
      default:
        return undefined;
    }
  },
}));

const notShared = fail('not-shared', 'Nothing is shared here');
