/** The screens by name, each made when it is first looked at. */
import type { ScreenName } from '../keys/places.ts';
import type { MakeScreen, Screen, ScreenContext } from '../screen/screen.ts';

export class Screens {
  readonly #makers: Readonly<Record<ScreenName, MakeScreen>>;
  readonly #context: ScreenContext;
  readonly #made = new Map<ScreenName, Screen>();

  constructor(makers: Readonly<Record<ScreenName, MakeScreen>>, context: ScreenContext) {
    this.#makers = makers;
    this.#context = context;
  }

  get(name: ScreenName): Screen {
    let screen = this.#made.get(name);
    if (screen === undefined) {
      screen = this.#makers[name](this.#context);
      this.#made.set(name, screen);
    }
    return screen;
  }

  /** Those there are so far. */
  made(): IterableIterator<Screen> {
    return this.#made.values();
  }
}
