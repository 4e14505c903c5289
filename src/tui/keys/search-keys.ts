/** The keys of searching: of the Search tab, and of what is found there. The order is that of the hint line; the first is the primary action. */
import type { KeyEntry } from './key-entry.ts';

const modes = ['list'] as const;

export const searchKeys = [
  {
    action: 'get',
    group: 'search',
    keys: ['Enter'],
    help: 'download',
    hint: 'get',
    needsRow: true,
    modes,
    on: ['search', 'browse'],
  },
  {
    action: 'query',
    group: 'search',
    keys: ['/'],
    help: 'write a query',
    hint: 'search',
    modes,
    on: ['search'],
  },
  { action: 'merge', group: 'search', keys: ['.'], help: 'merge new results', modes, on: ['search'] },
  { action: 'save-search', group: 'search', keys: ['w'], help: 'save this search', modes, on: ['search'] },
  { action: 'saved-searches', group: 'search', keys: ["'"], help: 'saved searches', modes, on: ['search'] },
  {
    action: 'run-search',
    group: 'search',
    keys: ['Enter'],
    help: 'run it',
    hint: 'run',
    needsRow: true,
    modes,
    on: ['saved'],
  },
  {
    action: 'forget-search',
    group: 'search',
    keys: ['d'],
    help: 'forget it',
    hint: 'forget',
    needsRow: true,
    modes,
    on: ['saved'],
  },
] as const satisfies readonly KeyEntry[];
