/**
 * All state of a running TUI in one place: what lies on the screen, what is known of the engine, the settings.
 * Invariant: `ui` is replaced, never changed in place; whoever changes anything calls `changed`.
 */
import { othersOnline } from '../../core/tracker/others-online.ts';
import { bindKeys, type Bindings } from '../keys/bindings.ts';
import { tabNames, type ScreenName } from '../keys/places.ts';
import { EngineModel } from '../model/engine-model.ts';
import type { TuiSettings } from '../model/settings.ts';
import { addToast, type ToastLevel, type ToastSeries } from '../model/toasts.ts';
import { currentScreen, firstUi, type UiState } from '../model/ui-state.ts';
import type { Tab } from '../parts/tab-bar.ts';
import type { AnyList } from '../screen/list-pane.ts';
import type { MakeScreen, Screen } from '../screen/screen.ts';
import { chooseGlyphs, type Glyphs } from '../text/glyphs.ts';
import { showName } from '../text/names.ts';
import { chooseTheme, type ThemeName } from '../text/theme.ts';
import type { TuiClock, TuiConfig } from './ports.ts';
import { Screens } from './screens.ts';

export interface SessionOptions {
  readonly makers: Readonly<Record<ScreenName, MakeScreen>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: TuiConfig;
  readonly clock: TuiClock;
  /** Something is to be drawn anew. */
  readonly changed: () => void;
}

export class Session {
  readonly engine: EngineModel;
  readonly screens: Screens;
  readonly config: TuiConfig;
  readonly histories: Map<string, readonly string[]>;
  readonly changed: () => void;
  ui: UiState = firstUi;
  #settings: TuiSettings;
  #bindings: Bindings;
  #glyphs: Glyphs;
  #theme: ThemeName;
  readonly #env: SessionOptions['env'];
  readonly #clock: TuiClock;
  readonly #focus = new Map<Screen, number>();

  constructor({ makers, env, config, clock, changed }: SessionOptions) {
    this.config = config;
    this.changed = changed;
    this.#env = env;
    this.#clock = clock;
    this.#settings = config.settings;
    this.#glyphs = chooseGlyphs(env, config.settings.glyphs);
    this.#theme = chooseTheme(env, config.settings.theme);
    this.histories = new Map(Object.entries(config.history));
    this.engine = new EngineModel();
    const bound = bindKeys(config.settings.keys);
    this.#bindings = bound.ok ? bound.value : defaultBindings();
    if (!bound.ok) this.toast('warning', bound.problem.message);
    if (config.notice !== undefined) this.toast('warning', config.notice);
    this.screens = new Screens(makers, {
      engine: this.engine,
      now: () => clock.now(),
      wall: () => clock.wall(),
      downloadsDir: () => config.downloadsDir || (this.engine.status.disk?.folder ?? ''),
      messages: () => this.ui.toasts.history,
      history: (field) => this.histories.get(field) ?? [],
      isFocused: (list) => this.focusedList(this.screens.get(currentScreen(this.ui))) === list,
      changed,
    });
  }

  get settings(): TuiSettings {
    return this.#settings;
  }

  get bindings(): Bindings {
    return this.#bindings;
  }

  get glyphs(): Glyphs {
    return this.#glyphs;
  }

  get theme(): ThemeName {
    return this.#theme;
  }

  now(): number {
    return this.#clock.now();
  }

  wall(): number {
    return this.#clock.wall();
  }

  /** Takes settings over; a theme that is chosen by hand wins over `NO_COLOR`. */
  applySettings(settings: TuiSettings): void {
    if (settings.theme !== this.#settings.theme)
      this.#theme = settings.theme ?? chooseTheme(this.#env, undefined);
    this.#settings = settings;
    this.#glyphs = chooseGlyphs(this.#env, settings.glyphs);
    this.changed();
  }

  toast(level: ToastLevel, text: string, series?: ToastSeries): void {
    const times = { nowMs: this.now(), wallMs: this.wall() };
    // Some of it may come from the system, with names in it that nobody has looked at.
    const harmless = showName(text, this.#glyphs.name).text;
    this.ui = { ...this.ui, toasts: addToast(this.ui.toasts, level, harmless, times, series) };
    this.changed();
  }

  /** The list of a screen that has the keys. */
  focusedList(screen: Screen): AnyList {
    return screen.lists[this.#focus.get(screen) ?? 0] ?? screen.lists[0];
  }

  stepFocus(screen: Screen, by: 1 | -1): void {
    const lists = screen.lists.length;
    this.#focus.set(screen, ((this.#focus.get(screen) ?? 0) + by + lists) % lists);
  }

  tabs(): readonly Tab[] {
    return tabNames.map((name) => ({ name, badge: this.#badge(name) }));
  }

  #badge(name: Tab['name']): string {
    switch (name) {
      case 'transfers': {
        const { active, waiting } = this.engine.counts();
        return active + waiting === 0 ? '' : String(active + waiting);
      }
      case 'peers': {
        const others = othersOnline(this.engine.status.trackers) ?? 0;
        return others === 0 ? '' : String(others);
      }
      case 'log':
        return this.ui.toasts.unseenErrors === 0 ? '' : `!${this.ui.toasts.unseenErrors}`;
      case 'search':
      case 'shares':
        return '';
    }
  }
}

function defaultBindings(): Bindings {
  const bound = bindKeys({});
  if (!bound.ok) throw new Error(bound.problem.message);
  return bound.value;
}
