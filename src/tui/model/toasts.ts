/**
 * Short messages above the status line, and the list of all that were shown. Pure. Invariant: bounded; equal
 * ones that follow each other are one with a count, as are those of a series while one of it is shown; an error stays
 * until a key is pressed, and a hint is not listed.
 */
import { maxMessages, toastInfoMs, toastWarningMs } from '../../core/limits/screen.ts';

/** `hint`: why a key did nothing, or what it did to the screen alone. Nothing to look up later. */
export type ToastLevel = 'hint' | 'info' | 'warning' | 'error';

export interface Toast {
  readonly id: number;
  readonly level: ToastLevel;
  /** Harmless to terminals. */
  readonly text: string;
  readonly count: number;
  /** By the wall clock, for the history. */
  readonly atMs: number;
  /** When it goes by itself, by the monotonic clock; undefined: it waits for a key. */
  readonly endsMs: number | undefined;
  readonly series: ToastSeries | undefined;
}

/** Messages that may come by the hundred: those that come while one of them is shown are summed up in it. */
export interface ToastSeries {
  readonly name: string;
  /** In place of their texts. Harmless to terminals. */
  readonly sum: (count: number) => string;
}

export interface Toasts {
  /** Oldest first; `newestOf` tells which is seen. */
  readonly shown: readonly Toast[];
  readonly history: readonly Toast[];
  readonly nextId: number;
  /** Errors nobody has looked at in the log or the history. */
  readonly unseenErrors: number;
}

export const noToasts: Toasts = { shown: [], history: [], nextId: 1, unseenErrors: 0 };

export interface ToastTimes {
  readonly nowMs: number;
  readonly wallMs: number;
}

export function addToast(
  toasts: Toasts,
  level: ToastLevel,
  text: string,
  times: ToastTimes,
  series?: ToastSeries,
): Toasts {
  const endsMs =
    level === 'error' ? undefined : times.nowMs + (level === 'warning' ? toastWarningMs : toastInfoMs);
  // The last hint is the one that is for the last key.
  const shown = toasts.shown.filter((one) => one.level !== 'hint');
  if (level === 'hint') {
    const hint = { id: toasts.nextId, level, text, count: 1, atMs: times.wallMs, endsMs, series };
    return { ...toasts, shown: [...shown, hint].slice(-maxMessages), nextId: toasts.nextId + 1 };
  }
  const part = series && shown.find((one) => one.series?.name === series.name);
  if (series !== undefined && part !== undefined) {
    const count = part.count + 1;
    const sum: Toast = { ...part, text: series.sum(count), count, atMs: times.wallMs, endsMs };
    // At its place: what came after it is not covered by the next of a hundred.
    const replaced = (one: Toast): Toast => (one.id === sum.id ? sum : one);
    return { ...toasts, shown: shown.map(replaced), history: toasts.history.map(replaced) };
  }
  const last = toasts.history.at(-1);
  const again = last !== undefined && last.level === level && last.text === text;
  const toast: Toast = again
    ? { ...last, count: last.count + 1, atMs: times.wallMs, endsMs }
    : { id: toasts.nextId, level, text, count: 1, atMs: times.wallMs, endsMs, series };
  return {
    shown: [...shown.filter(({ id }) => id !== toast.id), toast].slice(-maxMessages),
    history: [...(again ? toasts.history.slice(0, -1) : toasts.history), toast].slice(-maxMessages),
    nextId: again ? toasts.nextId : toasts.nextId + 1,
    unseenErrors: toasts.unseenErrors + (level === 'error' ? 1 : 0),
  };
}

/** The one that is seen: the newest, but an error is not covered by what is none. */
export const newestOf = ({ shown }: Toasts): Toast | undefined =>
  shown.findLast(({ level }) => level === 'error') ?? shown.at(-1);

/** How often its text was told: a sum says it itself. */
export const timesTold = ({ count, series }: Toast): number => (series === undefined ? count : 1);

/** Takes away those whose time is over. The same object when there are none. */
export function expireToasts(toasts: Toasts, nowMs: number): Toasts {
  const shown = toasts.shown.filter(({ endsMs }) => endsMs === undefined || endsMs > nowMs);
  return shown.length === toasts.shown.length ? toasts : { ...toasts, shown };
}

/** A key was pressed: errors have been seen. The same object when there are none. */
export function dismissErrors(toasts: Toasts): Toasts {
  const shown = toasts.shown.filter(({ endsMs }) => endsMs !== undefined);
  return shown.length === toasts.shown.length ? toasts : { ...toasts, shown };
}

export function seeErrors(toasts: Toasts): Toasts {
  return toasts.unseenErrors === 0 ? toasts : { ...toasts, unseenErrors: 0 };
}

/** When the next one goes by itself; undefined: none will. */
export function nextToastEnd(toasts: Toasts): number | undefined {
  const ends = toasts.shown.flatMap(({ endsMs }) => (endsMs === undefined ? [] : [endsMs]));
  return ends.length === 0 ? undefined : Math.min(...ends);
}
