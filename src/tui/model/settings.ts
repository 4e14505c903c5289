/** What the user has set for the TUI, and what is made of it. Invariant: plain data; the profile's file keeps it. */
import type { KeyChanges } from '../keys/bindings.ts';
import type { ThemeName } from '../text/theme.ts';

export interface TuiSettings {
  /** Undefined: chosen from the environment. */
  readonly theme: ThemeName | undefined;
  readonly glyphs: 'auto' | 'unicode' | 'ascii';
  /** Off lets the terminal select text. */
  readonly mouse: boolean;
  /** OSC 9 when a download has finished. */
  readonly notify: boolean;
  readonly bell: boolean;
  /** Whether the terminal's title tells of progress. */
  readonly title: boolean;
  /** Paints whole frames, for terminals that disagree with us about the width of some characters. */
  readonly fullRepaint: boolean;
  readonly keys: KeyChanges;
}

export type SettingsChange = Partial<TuiSettings>;

export const defaultSettings: TuiSettings = {
  theme: undefined,
  glyphs: 'auto',
  mouse: false,
  notify: false,
  bell: false,
  title: true,
  fullRepaint: false,
  keys: {},
};
