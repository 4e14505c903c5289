/** What a terminal sends for keys, by the names that people use: `enter`, `ctrl-c`, `alt-x`, `shift-tab`, `j`. */

const named: Readonly<Record<string, string>> = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  space: ' ',
  backspace: '\x7f',
  delete: '\x1b[3~',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  'shift-up': '\x1b[1;2A',
  'shift-down': '\x1b[1;2B',
  'ctrl-right': '\x1b[1;5C',
  'ctrl-left': '\x1b[1;5D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
};

/** The bytes of a key. A name that is not known is typed as it is. */
export function keyBytes(key: string): string {
  const control = /^ctrl-([a-z])$/.exec(key)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 0x60);
  const alt = /^alt-(.)$/.exec(key)?.[1];
  return alt === undefined ? (named[key] ?? key) : `\x1b${alt}`;
}

/** What a terminal sends for pasted text, where the program has asked to be told. */
export const pasteBytes = (text: string): string => `\x1b[200~${text}\x1b[201~`;
