/**
 * Cuts plain names, letters and digits of ASCII with anything of ASCII between them, where runs and atoms end (see
 * tokenizer.ts): what indexing and ranking spend their time on, so without regular expressions. Invariant: the cuts
 * are those that the expressions of the tokenizer make.
 */

// Kinds of characters.
const other = 0;
const digit = 1;
const capital = 2;
const lowercase = 3;

const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  if (/[a-z]/.test(letter)) return lowercase;
  if (/[0-9]/.test(letter)) return digit;
  return /[A-Z]/.test(letter) ? capital : other;
});

/** Whether a character is between runs. The end of a text is. */
export function isBetween(text: string, at: number): boolean {
  return kindAt(text, at) === other;
}

/** Where the atom that begins here ends: `123`, `name`, `Name`, or `HTTP` before `Server`. */
export function endOfAtom(text: string, from: number): number {
  const kind = kindAt(text, from);
  let at = from + 1;
  while (kindAt(text, at) === kind) at += 1;
  if (kind !== capital || kindAt(text, at) !== lowercase) return at;
  if (at - from > 1) return at - 1;
  while (kindAt(text, at) === lowercase) at += 1;
  return at;
}

function kindAt(text: string, at: number): number {
  return at < text.length ? (kinds[text.charCodeAt(at)] ?? other) : other;
}
