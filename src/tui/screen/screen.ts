/**
 * What a screen is: a small module that says which list it shows, what stands around it and what its actions
 * do. Everything else (keys, cursor, marks, sorting, filtering, layout, dialogs, toasts) is done for it. See
 * src/tui/README.md. Invariant: drawing changes nothing; actions change nothing but by effects and
 * the screen's own lists.
 */
import type { EngineEvent } from '../../core/engine/engine-api.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { ScreenName } from '../keys/places.ts';
import type { EngineModel } from '../model/engine-model.ts';
import type { Effect, ScreenTarget } from '../model/effects.ts';
import type { Prompt } from '../model/prompt.ts';
import type { Toast } from '../model/toasts.ts';
import type { Line } from '../text/segments.ts';
import type { Area } from './area.ts';
import type { AnyList } from './list-pane.ts';

/** What a screen gets when it is made, once. */
export interface ScreenContext {
  readonly engine: EngineModel;
  /** Milliseconds, monotonic: for the times of lists. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Where downloads go. */
  readonly downloadsDir: () => string;
  /** All messages so far, oldest first. */
  readonly messages: () => readonly Toast[];
  /** Texts that were entered in a field before, newest last; kept in the profile. */
  readonly history: (field: string) => readonly string[];
  /** Whether this list has the keys, for screens that draw several. */
  readonly isFocused: (list: AnyList) => boolean;
  /** Tells that something is to be drawn anew: for what changed outside of actions and answers. */
  readonly changed: () => void;
}

export interface ScreenActionContext {
  /** The list that has the keys. */
  readonly list: AnyList;
}

/** Words of the hint line for an action as things are now: '' leaves it out, undefined is as the key table has it. */
export type HintWords = (action: ActionId) => string | undefined;

export type ScreenAction = (context: ScreenActionContext) => readonly Effect[];

/** What is drawn below the list. */
export interface Strip {
  /** Lines it wants in a terminal of this size; 0: none. It never gets more than half of the body. */
  height(area: Area): number;
  /** Exactly `area.height` lines of `area.width`. */
  lines(area: Area): readonly Line[];
}

export interface Screen {
  readonly name: ScreenName;
  /** As the tab's bar of sub-views names it, or the title of an opened screen. */
  title(): string;
  /** A number beside the title; undefined: none. */
  count?(): number | undefined;
  /** Its lists; Tab goes through them. The first is drawn by the frame, others by the screen. */
  readonly lists: readonly [AnyList, ...AnyList[]];
  /** Lines between the tab bar and the titles, besides the bar of sub-views. Each is fitted to the width. */
  header?(area: Area, prompt: Prompt | undefined): readonly Line[];
  /** Where the real cursor stands in the header, when the screen draws that prompt's field itself. */
  headerCursor?(area: Area, prompt: Prompt): { readonly x: number; readonly y: number } | undefined;
  /** In place of the list and the strip; for screens that draw everything themselves. `area.height` lines. */
  body?(area: Area): readonly Line[];
  readonly strip?: Strip;
  /** In place of rows when there are none, a filter aside. */
  empty(area: Area): readonly Line[];
  readonly actions: Partial<Record<ActionId, ScreenAction>>;
  /** Absent: the hint line is as the key table has it. */
  readonly hintWords?: HintWords;
  /** Whether its keys have something to act on. Absent: where its first list shows a row. */
  hasRow?(): boolean;
  /** The screen has come to the front: what to ask for. */
  opened?(target: ScreenTarget | undefined): readonly Effect[];
  /** Every event of the engine, after the model has taken it in. Cheap: no drawing, no sorting. */
  receive?(event: EngineEvent): readonly Effect[];
  /** Just before drawing while it is at the front; figures change when `withFigures`. */
  settle?(nowMs: number, withFigures: boolean): void;
  /** Effects that come by time, asked about twice a second while the screen is at the front. */
  poll?(nowMs: number): readonly Effect[];
  /** When it wants to be polled and drawn though nothing changes, as for a time that counts down. */
  wakeAt?(nowMs: number): number | undefined;
  /** When `background` is to be called, in milliseconds since 1970; undefined: not at all. */
  backgroundAt?(): number | undefined;
  /** Effects that come by time even while another screen is at the front. */
  background?(): readonly Effect[];
}

/** A screen's module exports one of these. */
export type MakeScreen = (context: ScreenContext) => Screen;
