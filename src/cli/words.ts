/** Words as people and shells take them. */

/** Said of a list of which the tracker could not put together all. */
export const partialNote = 'A part of the catalogue did not answer: there may be more.';

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A word of a shell's command line: quoted where it must be. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
