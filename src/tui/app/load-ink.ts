/**
 * Loads Ink and what draws with it, without what it never uses: of 410 modules of es-toolkit it calls one function,
 * and Yoga takes its WebAssembly out of a `data:` address with `fetch`, for which Node loads its HTTP client; where
 * there is none it decodes the address itself. Together that is more than half of the time. Invariant: nothing but
 * these modules is resolved otherwise, only to what is there, and afterwards all is as it was.
 */
import { existsSync } from 'node:fs';
import { registerHooks, type ResolveHookSync } from 'node:module';

const wholeToolkit = 'es-toolkit/compat';
/** Beside the file that the package gives for one function, which has it as its default only. */
const throttleAlone = '../dist/compat/function/throttle.mjs';

export async function loadInk(): Promise<typeof import('./ink-screen.tsx')> {
  const resolveAll = resolveLess();
  const { fetch } = globalThis;
  Reflect.set(globalThis, 'fetch', undefined);
  try {
    return await import('./ink-screen.tsx');
  } finally {
    Reflect.set(globalThis, 'fetch', fetch);
    resolveAll();
  }
}

/** Until what it returns is called. */
function resolveLess(): () => void {
  try {
    const hooks = registerHooks({ resolve: resolveThrottleAlone });
    return () => hooks.deregister();
  } catch {
    // Where modules are loaded by something else than Node, all of them are.
    return () => undefined;
  }
}

/** In place of all of es-toolkit the one file that is needed, if its package has it where it has had it. */
export const resolveThrottleAlone: ResolveHookSync = (specifier, context, next) => {
  if (specifier !== wholeToolkit) return next(specifier, context);
  try {
    const found = next(`${wholeToolkit}/throttle`, context);
    const url = new URL(throttleAlone, found.url);
    if (existsSync(url)) return { ...found, url: url.href };
  } catch {
    // Another version may have nothing of that name.
  }
  return next(specifier, context);
};
