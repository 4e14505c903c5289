/** The keys that several tabs have in common, but not all, and those of the log. The order is that of the hint line; the first is the primary action. */
import type { KeyEntry } from './key-entry.ts';

const modes = ['list'] as const;

export const itemKeys = [
  {
    action: 'copy',
    group: 'list',
    keys: ['y'],
    help: 'copy the id',
    modes,
    on: ['search', 'downloads', 'uploads', 'done', 'failed', 'details', 'share-files', 'browse', 'peers'],
  },
  {
    action: 'copy-link',
    group: 'list',
    keys: ['Y'],
    help: 'copy a link',
    modes,
    on: ['search', 'downloads', 'done', 'failed', 'details', 'share-files', 'browse'],
  },
  { action: 'level', group: 'list', keys: ['l'], help: 'next log level', hint: 'level', modes, on: ['log'] },
  {
    action: 'save-log',
    group: 'list',
    keys: ['w'],
    help: 'write to a file',
    hint: 'save',
    modes,
    on: ['log'],
  },
] as const satisfies readonly KeyEntry[];
