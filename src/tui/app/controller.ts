/**
 * Ties the parts together: events and keys in, effects performed, frames out. Knows nothing of React or Ink.
 * Invariant: a frame is made once for whatever has changed at a time, at once for keys, by the ticker for all else.
 */
import type { EngineEvent } from '../../core/engine/engine-api.ts';
import {
  figuresEveryMs,
  listFrameMs,
  listPageMs,
  listWorkMs,
  resortEveryMs,
} from '../../core/limits/screen.ts';
import { compose } from '../frame/compose.ts';
import { reuse, type Frame } from '../frame/frame.ts';
import type { KeyPress } from '../keys/key-names.ts';
import { open, type Effect } from '../model/effects.ts';
import { expireToasts, nextToastEnd } from '../model/toasts.ts';
import { currentScreen } from '../model/ui-state.ts';
import type { Screen } from '../screen/screen.ts';
import { dispatch, paste } from './dispatch.ts';
import { click, type MouseEvent } from './mouse.ts';
import { Pace } from './pace.ts';
import { Performer } from './perform.ts';
import type { TuiEnd, TuiOptions, TuiClock } from './ports.ts';
import { Session, type SessionOptions } from './session.ts';
import type { TerminalHand } from './terminal-hand.ts';
import { Ticker } from './ticker.ts';
import { viewOfWork } from './view-of-work.ts';

export interface ControllerOptions extends Pick<TuiOptions, 'client' | 'env' | 'config' | 'ports'> {
  readonly clock: TuiClock;
  readonly terminal: TerminalHand;
  readonly makers: SessionOptions['makers'];
  readonly size: { readonly columns: number; readonly rows: number };
  readonly end: (end: TuiEnd) => void;
}

/** Who looks on: hears each event before the model does, and each look at the model. */
export interface ControllerWatcher {
  /** `before`: the state that the download of the event was in. */
  event(event: EngineEvent, before: string | undefined): void;
  drawn(): void;
}

export class Controller {
  readonly session: Session;
  readonly pace: Pace;
  readonly #clock: TuiClock;
  readonly #performer: Performer;
  readonly #ticker: Ticker;
  readonly #listeners = new Set<() => void>();
  readonly #watchers = new Set<ControllerWatcher>();
  readonly #unsubscribe: () => void;
  readonly #end: (end: TuiEnd) => void;
  #size: { readonly columns: number; readonly rows: number };
  #frame: Frame;
  #lastFiguresMs = -Infinity;
  #drawnMs = -Infinity;
  #working = false;
  #touched = false;
  #greeted = false;

  constructor(options: ControllerOptions) {
    const { client, clock, size } = options;
    this.#clock = clock;
    this.#size = size;
    this.session = new Session({ ...options, changed: () => this.#note() });
    this.pace = new Pace(clock.now());
    this.#ticker = new Ticker(clock, this.pace, () => this.#guard(() => this.#tick()));
    this.#performer = new Performer({
      ...options,
      session: this.session,
    });
    this.#end = options.end;
    this.#unsubscribe = client.subscribe((event) => this.#guard(() => this.receive(event)));
    this.#performer.perform([
      { type: 'ask', question: { type: 'snapshot' }, answered: () => [] },
      { type: 'shown' },
    ]);
    this.#frame = compose(this.session, size.columns, size.rows);
  }

  /** For `useSyncExternalStore`: stable functions. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly frame = (): Frame => this.#frame;

  press(keys: readonly KeyPress[]): void {
    this.#guard(() => {
      this.#touched = true;
      this.pace.keyPressed(this.#clock.now());
      for (const key of keys) {
        this.#performer.perform(dispatch(this.session, key));
        // The next key of the same chunk is for the list that this one has opened.
        this.#settleLists(this.#front(), this.#clock.now());
      }
      // Lists have had their time already.
      this.#draw(false);
    });
  }

  paste(text: string): void {
    this.#guard(() => {
      this.pace.keyPressed(this.#clock.now());
      this.#performer.perform(paste(this.session, text));
      this.#draw();
    });
  }

  mouse(events: readonly MouseEvent[]): void {
    this.#guard(() => {
      if (!this.session.settings.mouse) return;
      this.pace.keyPressed(this.#clock.now());
      for (const event of events)
        this.#performer.perform(click(this.session, event, this.#frame, this.#size.columns));
      this.#draw();
    });
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#size.columns && rows === this.#size.rows) return;
    this.#size = { columns, rows };
    this.#guard(() => this.#draw());
  }

  perform(effects: readonly Effect[]): void {
    this.#performer.perform(effects);
  }

  watch(watcher: ControllerWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  receive(event: EngineEvent): void {
    const { transfers } = this.session.engine;
    const before = event.type === 'download' ? transfers.download(event.download.transfer)?.state : undefined;
    for (const watcher of this.#watchers) watcher.event(event, before);
    const kept = this.session.engine.receive(event);
    const answered = this.#performer.requests.receive(event);
    for (const screen of this.session.screens.made()) {
      const effects = screen.receive?.(event);
      if (effects !== undefined && effects.length > 0) this.#performer.perform(effects);
    }
    if (kept && event.type === 'answer-snapshot') this.#openWhereWorkIs();
    if (kept || answered) this.#note();
  }

  /** Who comes back to a peer that was at work all the time sees that first, unless a key was faster. */
  #openWhereWorkIs(): void {
    if (this.#greeted) return;
    this.#greeted = true;
    const { session } = this;
    const view = session.config.isAttached && !this.#touched ? viewOfWork(session.engine) : undefined;
    if (view !== undefined) this.#performer.perform([open(view)]);
  }

  /** While the terminal is somebody else's. */
  pause(): void {
    this.#ticker.stop();
  }

  resume(): void {
    this.#ticker.restart();
    this.#note();
  }

  close(): void {
    this.#ticker.stop();
    this.#performer.requests.close();
    this.#unsubscribe();
  }

  /** A fault of the UI ends the UI, not the process that the engine lives in. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end({ kind: 'crashed', error });
    }
  }

  #note(): void {
    // While it is being built nobody can draw yet; the first frame comes at its end.
    this.#ticker?.soon();
  }

  #tick(): void {
    this.#draw();
    this.#workInBackground();
  }

  /** What screens do by the clock, whichever of them is at the front. */
  #workInBackground(): void {
    const wallMs = this.session.wall();
    for (const screen of this.session.screens.made()) {
      const atMs = screen.backgroundAt?.();
      if (atMs === undefined) continue;
      if (atMs <= wallMs) this.#performer.perform(screen.background?.() ?? []);
      else this.#ticker.wakeAt(this.#clock.now() + atMs - wallMs);
    }
  }

  /** Takes in what has changed and makes the frame anew. `works`: lists are sorted and filtered for a while before. */
  #draw(works = true): void {
    const nowMs = this.#clock.now();
    this.#drawnMs = nowMs;
    const { session } = this;
    const { engine } = session;
    const screen = this.#front();
    const withFigures = nowMs - this.#lastFiguresMs >= figuresEveryMs;
    if (withFigures) this.#lastFiguresMs = nowMs;
    if (engine.transfers.changed || (withFigures && engine.transfers.moving))
      engine.transfers.settle(nowMs, withFigures);
    screen.settle?.(nowMs, withFigures);
    if (withFigures) this.#performer.perform(screen.poll?.(nowMs) ?? []);
    session.ui = { ...session.ui, toasts: expireToasts(session.ui.toasts, nowMs) };
    this.#settleLists(screen, nowMs, works);
    const frame = reuse(this.#frame, compose(session, this.#size.columns, this.#size.rows));
    if (frame !== this.#frame) {
      this.#frame = frame;
      for (const listener of this.#listeners) listener();
    }
    if (withFigures) for (const watcher of this.#watchers) watcher.drawn();
    if (!this.#working) this.#ticker.wakeAt(this.#nextWakeMs(nowMs));
  }

  /** When there is something to be looked at though nobody tells of a change; Infinity: not before one does. */
  #nextWakeMs(nowMs: number): number {
    const { engine, ui, screens } = this.session;
    const screen = screens.get(currentScreen(ui));
    const nextFiguresMs = this.#lastFiguresMs + figuresEveryMs;
    const wish = screen.wakeAt?.(nowMs);
    // Whose time has come is polled with the figures, and not before.
    const times = [wish !== undefined && wish <= nowMs ? nextFiguresMs : wish, nextToastEnd(ui.toasts)];
    if (engine.transfers.moving) times.push(nextFiguresMs);
    // Rows that may not move under the reader's eyes yet.
    if (screen.lists.some(({ view }) => view.pending && !view.busy)) times.push(nowMs + resortEveryMs);
    return Math.max(nowMs, Math.min(...times.map((time) => time ?? Infinity)));
  }

  #front(): Screen {
    return this.session.screens.get(currentScreen(this.session.ui));
  }

  #settleLists(screen: Screen, nowMs: number, works = true): void {
    for (const { view } of screen.lists) {
      view.settle(nowMs);
      if (works) this.#work(view);
      this.#workLater(view);
    }
  }

  /** Sorts and filters for as long as nobody notices, and goes on when keys have been read. */
  #work(view: Screen['lists'][0]['view']): void {
    if (!view.busy) return;
    const startMs = this.#clock.now();
    view.work(() => {
      const tookMs = this.#clock.now() - startMs;
      return tookMs >= (view.length >= view.height ? listWorkMs : listPageMs);
    });
  }

  #workLater(view: Screen['lists'][0]['view']): void {
    if (!view.busy || this.#working) return;
    this.#working = true;
    this.#clock.soon(() => {
      this.#working = false;
      this.#guard(() => this.#goOn(view));
    });
  }

  /** Keys have been read: what is found by now is drawn when it is all, or after a while. */
  #goOn(view: Screen['lists'][0]['view']): void {
    if (this.#clock.now() - this.#drawnMs < listFrameMs) {
      this.#work(view);
      if (view.busy) return this.#workLater(view);
    }
    this.#draw();
  }
}
