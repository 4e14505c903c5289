/** The keys of other peers and of browsing what they share. The order is that of the hint line; the first is the primary action. */
import type { KeyEntry } from './key-entry.ts';

const modes = ['list'] as const;

export const peerKeys = [
  {
    action: 'peer-details',
    group: 'peer',
    keys: ['Enter'],
    help: 'details',
    hint: 'details',
    modes,
    on: ['peers'],
  },
  {
    action: 'browse',
    group: 'peer',
    keys: ['b'],
    help: "browse the peer's shares",
    hint: 'browse',
    modes,
    on: ['search', 'downloads', 'uploads', 'details', 'peers'],
  },
  {
    action: 'block',
    group: 'peer',
    keys: ['X'],
    help: 'block the peer',
    modes,
    on: ['peers', 'uploads', 'details'],
  },
  {
    action: 'unblock',
    group: 'peer',
    keys: ['Enter', 'X'],
    help: 'unblock the peer',
    hint: 'unblock',
    modes,
    on: ['blocked'],
  },
  {
    action: 'disconnect',
    group: 'peer',
    keys: ['x'],
    help: 'end the connection',
    modes,
    on: ['peers', 'uploads'],
  },
  { action: 'addresses', group: 'peer', keys: ['A'], help: 'show addresses', modes, on: ['peers'] },
  {
    action: 'refresh',
    group: 'peer',
    keys: ['r'],
    help: 'ask again',
    hint: 'refresh',
    modes,
    on: ['peers', 'browse'],
  },
  {
    action: 'open-folder',
    group: 'peer',
    keys: ['Right', 'l'],
    help: 'open the folder',
    hint: 'open',
    modes,
    on: ['browse'],
  },
  {
    action: 'parent',
    group: 'peer',
    keys: ['Left', 'h', 'Backspace'],
    help: 'parent folder',
    modes,
    on: ['browse', 'share-files'],
  },
] as const satisfies readonly KeyEntry[];
