/** The library of a guest, who shares nothing: uploads find only what is being downloaded. */
import { ok } from '../../../core/result.ts';
import { notShared } from '../../../core/share/share-problems.ts';
import { actor } from '../../runtime/index.ts';
import type { LibraryCommand } from './library-messages.ts';

export const emptyLibraryActor = actor<LibraryCommand>('library', () => ({
  receive(message) {
    const { type } = message;
    if (type === 'open' || type === 'manifest' || type === 'list') return message.replyTo.reply(notShared);
    if (type === 'open-all') return message.replyTo.reply(ok(message.ids.map(() => notShared)));
  },
}));
