/**
 * How a cell looks, as the codes of ECMA-48's SGR that make it so: `1;31` is bold and red, nothing is plain.
 * Invariant: two cells look the same exactly if their styles are the same string.
 */
import { maxKeptCellStyles } from '../../core/limits/screen.ts';

export type CellStyle = string;

export const plain: CellStyle = '';

/** What each code sets, in the order in which a style lists them. `fg` and `bg` are set by another of their kind. */
const slots = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike', 'fg', 'bg'] as const;
type Slot = (typeof slots)[number];

const setBy: Readonly<Record<number, Slot>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
};
const endedBy: Readonly<Record<number, readonly Slot[]>> = {
  0: slots, 22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 27: ['inverse'], 29: ['strike'], 39: ['fg'], 49: ['bg'],
}; // prettier-ignore

const kept = new Map<string, CellStyle>();

/** The style after the parameters of one SGR sequence. Codes that we do not know change nothing. */
export function restyled(style: CellStyle, parameters: string): CellStyle {
  const key = `${style}m${parameters}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = apply(style, parameters);
  if (kept.size >= maxKeptCellStyles) kept.clear();
  kept.set(key, made);
  return made;
}

function apply(style: CellStyle, parameters: string): CellStyle {
  const set = new Map<Slot, string>(codesOf(style).map((code) => [slotOf(code) ?? 'fg', code]));
  for (const code of codesOf(parameters === '' ? '0' : parameters)) {
    const slot = slotOf(code);
    if (slot !== undefined) set.set(slot, code);
    else for (const ended of endedBy[Number(code)] ?? []) set.delete(ended);
  }
  return slots.flatMap((slot) => set.get(slot) ?? []).join(';');
}

/** The codes of a list of parameters; colours of a palette or of three parts are one code each. */
function codesOf(parameters: string): readonly string[] {
  return parameters.match(/[34]8;5;\d*|[34]8;2;\d*;\d*;\d*|\d+/g) ?? [];
}

function slotOf(code: string): Slot | undefined {
  const number = Number.parseInt(code, 10);
  if (number === 38 || (number >= 30 && number <= 37) || (number >= 90 && number <= 97)) return 'fg';
  if (number === 48 || (number >= 40 && number <= 47) || (number >= 100 && number <= 107)) return 'bg';
  return setBy[number];
}

/** The shortest sequence from one style to another. */
export function transition(from: CellStyle, to: CellStyle): string {
  if (from === to) return '';
  if (to === plain) return '\u001b[m';
  const before = codesOf(from);
  const after = codesOf(to);
  const added = after.filter((code) => !before.includes(code));
  const slotsAdded = added.map(slotOf);
  // What is not wanted any more is either set anew by what is added, or nothing but a reset ends it.
  const stays = before.every((code) => after.includes(code) || slotsAdded.includes(slotOf(code)));
  return stays ? `\u001b[${added.join(';')}m` : `\u001b[0;${to}m`;
}
