/**
 * Where keys can be pressed: the tabs, the screens in them, and the modes. Invariant: every screen and mode the
 * program knows is named here, and nowhere else.
 */

/** The five tabs, in the order of their numbers. */
export const tabNames = ['search', 'transfers', 'shares', 'peers', 'log'] as const;
export type TabName = (typeof tabNames)[number];

/**
 * Every screen. Most are sub-views of a tab; `details`, `share-files` and `browse` are opened over another
 * screen and left with Esc.
 */
export const screenNames = [
  'search',
  'saved',
  'downloads',
  'uploads',
  'done',
  'failed',
  'details',
  'shares',
  'share-files',
  'peers',
  'blocked',
  'browse',
  'log',
  'messages',
] as const;
export type ScreenName = (typeof screenNames)[number];

/** What the keys mean now: `list` when nothing lies over the screen, else what lies on top. */
export type Mode = 'list' | 'input' | 'dialog' | 'menu' | 'help';
export const modes: readonly Mode[] = ['list', 'input', 'dialog', 'menu', 'help'];
