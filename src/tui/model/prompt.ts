/**
 * An input line on the screen: what is being written where, with history and completion. Pure. Invariant: the
 * history never changes what is being written before a key asks for it.
 */
import type { EditAction, InputLine } from './input-line.ts';
import { edit, inputLine, inputText, insert, replaceBefore, textBefore } from './input-line.ts';
import type { Effect } from './effects.ts';
import { stepHistory, type HistoryWalk } from './history.ts';
import type { TuiPorts } from '../app/ports.ts';

/** What a completion offers: texts that replace the graphemes before the cursor from `from` on. */
export interface Completion {
  readonly from: number;
  readonly texts: readonly string[];
}

export interface Prompt {
  /** Which field it is: a screen draws the field where it stands, others are drawn above the status line. */
  readonly field: string;
  /** Before the text, where the screen does not draw it: `filter:`. */
  readonly label: string;
  readonly line: InputLine;
  /** The text is one that was there before: what is typed takes its place, and any other key keeps it. */
  readonly isSelected?: boolean;
  readonly history: readonly string[];
  /** Effects of Enter; the prompt is closed before they are performed. */
  readonly submit: (text: string) => readonly Effect[];
  /** At each change. */
  readonly changed?: (text: string) => readonly Effect[];
  /** At Esc; the text that is left behind. */
  readonly left?: (text: string) => readonly Effect[];
  readonly complete?: (before: string, ports: TuiPorts) => Promise<Completion>;
  readonly walk?: HistoryWalk;
  /** What Tab offers now, and which of it stands in the line. */
  readonly offered?: { readonly completion: Completion; readonly chosen: number };
}

export interface PromptOptions extends Omit<Prompt, 'line' | 'walk' | 'offered' | 'history'> {
  readonly text?: string;
  readonly history?: readonly string[];
}

export function prompt({ text = '', history = [], ...options }: PromptOptions): Prompt {
  return { ...options, history, line: inputLine(text) };
}

export interface Prompted {
  readonly prompt: Prompt;
  readonly effects: readonly Effect[];
}

export function typeText(prompt: Prompt, text: string): Prompted {
  const { line } = prompt;
  const before = prompt.isSelected === true ? inputLine('', inputText(line)) : line;
  return withLine(prompt, insert(before, text));
}

export function editPrompt(prompt: Prompt, action: EditAction): Prompted {
  return withLine(prompt, edit(prompt.line, action));
}

export function walkHistory(prompt: Prompt, by: 1 | -1): Prompted {
  const walk = prompt.walk ?? { back: 0, written: inputText(prompt.line) };
  const step = stepHistory(prompt.history, walk, by);
  if (step === undefined) return { prompt, effects: [] };
  const line = inputLine(step.text, prompt.line.erased);
  const { offered: _, isSelected: _selected, ...rest } = prompt;
  return changed({ ...rest, line, walk: step.walk });
}

/** Takes in what completion found; the next one is taken when the line is still as it was offered. */
export function offerCompletion(prompt: Prompt, completion: Completion): Prompted {
  if (completion.texts.length === 0) return { prompt, effects: [] };
  return choose(prompt, completion, 0);
}

/** The next of several completions; undefined when none are offered. */
export function nextCompletion(prompt: Prompt): Prompted | undefined {
  const { offered } = prompt;
  if (offered === undefined || offered.completion.texts.length < 2) return undefined;
  return choose(prompt, offered.completion, (offered.chosen + 1) % offered.completion.texts.length);
}

export const beforeCursor = (prompt: Prompt): string => textBefore(prompt.line);

function choose(prompt: Prompt, completion: Completion, chosen: number): Prompted {
  const line = replaceBefore(prompt.line, completion.from, completion.texts[chosen] ?? '');
  const { isSelected: _, ...rest } = prompt;
  return changed({ ...rest, line, offered: { completion, chosen } });
}

function withLine(prompt: Prompt, line: InputLine): Prompted {
  const { isSelected: _selected, ...kept } = prompt;
  if (inputText(line) === inputText(prompt.line)) return { prompt: { ...kept, line }, effects: [] };
  const { offered: _offered, walk: _walk, ...rest } = kept;
  return changed({ ...rest, line });
}

function changed(prompt: Prompt): Prompted {
  return { prompt, effects: prompt.changed?.(inputText(prompt.line)) ?? [] };
}
