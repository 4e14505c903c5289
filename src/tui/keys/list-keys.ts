/**
 * The keys of list mode that mean the same on every screen. What only some screens can do is in screen-keys.ts.
 */
import type { KeyEntry } from './key-entry.ts';

const modes = ['list'] as const;
const everywhere = ['list', 'input', 'dialog', 'menu', 'help'] as const;

export const listKeys = [
  { action: 'row-down', group: 'move', keys: ['j', 'Down'], help: 'one row down', modes },
  { action: 'row-up', group: 'move', keys: ['k', 'Up'], help: 'one row up', modes },
  { action: 'half-page-down', group: 'move', keys: ['Ctrl+D'], help: 'half a page down', modes },
  { action: 'half-page-up', group: 'move', keys: ['Ctrl+U'], help: 'half a page up', modes },
  { action: 'page-down', group: 'move', keys: ['PageDown', 'Ctrl+F'], help: 'a page down', modes },
  { action: 'page-up', group: 'move', keys: ['PageUp', 'Ctrl+B'], help: 'a page up', modes },
  { action: 'first', group: 'move', keys: ['g', 'Home'], help: 'first row', modes },
  { action: 'last', group: 'move', keys: ['G', 'End'], help: 'last row', modes },
  { action: 'tab-1', group: 'move', keys: ['1', 'Alt+1'], help: 'Search', modes },
  { action: 'tab-2', group: 'move', keys: ['2', 'Alt+2'], help: 'Transfers', modes },
  { action: 'tab-3', group: 'move', keys: ['3', 'Alt+3'], help: 'Shares', modes },
  { action: 'tab-4', group: 'move', keys: ['4', 'Alt+4'], help: 'Peers', modes },
  { action: 'tab-5', group: 'move', keys: ['5', 'Alt+5'], help: 'Log', modes },
  { action: 'next-view', group: 'move', keys: [']', 'Right'], help: 'next sub-view', modes },
  { action: 'previous-view', group: 'move', keys: ['[', 'Left'], help: 'previous sub-view', modes },
  { action: 'next-pane', group: 'move', keys: ['Tab'], help: 'next pane', modes },
  { action: 'previous-pane', group: 'move', keys: ['Shift+Tab'], help: 'previous pane', modes },
  {
    action: 'back',
    group: 'move',
    keys: ['Esc'],
    help: 'back: ends range, filter, marks, then leaves',
    modes,
  },
  { action: 'mark', group: 'mark', keys: ['Space'], help: 'mark and move down', modes },
  { action: 'range', group: 'mark', keys: ['v'], help: 'mark a range: move, then v', modes },
  { action: 'mark-down', group: 'mark', keys: ['Shift+Down'], help: 'mark while moving down', modes },
  { action: 'mark-up', group: 'mark', keys: ['Shift+Up'], help: 'mark while moving up', modes },
  { action: 'mark-all', group: 'mark', keys: ['Ctrl+A'], help: 'mark all shown', modes },
  { action: 'invert-marks', group: 'mark', keys: ['*'], help: 'invert the marks', modes },
  { action: 'filter', group: 'list', keys: ['f'], help: 'filter this list', modes },
  { action: 'sort', group: 'list', keys: ['s'], help: 'sort menu', modes },
  { action: 'reverse-sort', group: 'list', keys: ['S'], help: 'reverse the order', modes },
  { action: 'previous-sort', group: 'list', keys: ['<'], help: 'sort by the column before', modes },
  { action: 'next-sort', group: 'list', keys: ['>'], help: 'sort by the next column', modes },
  { action: 'freeze', group: 'list', keys: ['F'], help: 'freeze the view, data goes on', modes },
  { action: 'strip', group: 'list', keys: ['i'], help: 'info strip on or off', modes },
  {
    action: 'expand',
    group: 'list',
    keys: ['e'],
    help: 'details over the whole screen',
    modes,
    on: ['downloads', 'uploads', 'done', 'failed', 'details'],
  },
  {
    action: 'search',
    group: 'search',
    keys: ['/'],
    help: 'search the network',
    hintEmpty: 'search',
    modes,
  },
  { action: 'limits', group: 'app', keys: ['B'], help: 'limits and slots', modes },
  { action: 'messages', group: 'app', keys: ['!'], help: 'all messages', modes },
  { action: 'settings', group: 'app', keys: [','], help: 'settings', modes },
  { action: 'mouse', group: 'app', keys: ['m'], help: 'mouse on or off', modes },
  { action: 'theme', group: 'app', keys: ['T'], help: 'next theme', modes },
  { action: 'redraw', group: 'app', keys: ['Ctrl+L'], help: 'draw the screen anew', modes: everywhere },
  { action: 'suspend', group: 'app', keys: ['Ctrl+Z'], help: 'suspend (fg comes back)', modes: everywhere },
] as const satisfies readonly KeyEntry[];

/** They come last in the hint line, and are never left out of it. */
export const lastKeys = [
  { action: 'help', group: 'app', keys: ['?'], help: 'keys of this screen', hint: 'help', modes },
  { action: 'quit', group: 'app', keys: ['q'], help: 'quit (asks when busy)', hint: 'quit', modes },
  { action: 'force-quit', group: 'app', keys: ['Ctrl+C'], help: 'quit; twice: at once', modes: everywhere },
] as const satisfies readonly KeyEntry[];
