/** The keys of our own share. The order is that of the hint line; the first is the primary action. */
import type { KeyEntry } from './key-entry.ts';

const modes = ['list'] as const;

export const shareKeys = [
  {
    action: 'add-share',
    group: 'share',
    keys: ['a'],
    help: 'share a folder',
    hint: 'add folder',
    modes,
    on: ['shares'],
  },
  {
    action: 'open-share',
    group: 'share',
    keys: ['Enter'],
    help: 'its files',
    hint: 'files',
    needsRow: true,
    modes,
    on: ['shares', 'share-files'],
  },
  {
    action: 'unshare',
    group: 'share',
    keys: ['d'],
    help: 'stop sharing it',
    hint: 'stop sharing',
    needsRow: true,
    modes,
    on: ['shares'],
  },
  {
    action: 'rescan',
    group: 'share',
    keys: ['R'],
    help: 'look for changes',
    hint: 'rescan',
    needsRow: true,
    modes,
    on: ['shares'],
  },
] as const satisfies readonly KeyEntry[];
