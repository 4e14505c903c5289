/** Where a thread's code lies: beside the module that starts it, unbuilt in tests and built in use. */

/** The file `stem` beside `moduleUrl`, with the same ending: `.ts` unbuilt, `.js` built. */
export function threadFile(stem: string, moduleUrl: string): URL {
  return new URL(stem + (moduleUrl.endsWith('.ts') ? '.ts' : '.js'), moduleUrl);
}
