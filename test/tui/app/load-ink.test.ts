import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { createRequire, type ResolveHookContext } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveThrottleAlone } from '../../../src/tui/app/load-ink.ts';

const context: ResolveHookContext = { conditions: [], importAttributes: {}, parentURL: undefined };
const toolkit = pathToFileURL(createRequire(import.meta.url).resolve('es-toolkit/package.json'));

/** What is loaded for a specifier where the package's own file for one function is at this address. */
function resolved(specifier: string, throttleUrl: string | undefined): string {
  const next = (asked: string): { url: string } => {
    if (asked !== 'es-toolkit/compat/throttle') return { url: `whole:${asked}` };
    if (throttleUrl === undefined) throw new Error('ERR_PACKAGE_PATH_NOT_EXPORTED');
    return { url: throttleUrl };
  };
  return resolveThrottleAlone(specifier, context, next).url;
}

describe('what is loaded for Ink', () => {
  test('is one file of es-toolkit, which has what Ink imports', async () => {
    const url = resolved('es-toolkit/compat', new URL('compat/throttle.mjs', toolkit).href);
    expect(existsSync(fileURLToPath(url))).toBe(true);
    const loaded = (await import(url)) as Readonly<Record<string, unknown>>;
    expect(typeof loaded['throttle']).toBe('function');
  });

  test('is all of es-toolkit where that file is not there, or nothing of that name', () => {
    const elsewhere = new URL('of/another/version/throttle.mjs', toolkit).href;
    expect(resolved('es-toolkit/compat', elsewhere)).toBe('whole:es-toolkit/compat');
    expect(resolved('es-toolkit/compat', undefined)).toBe('whole:es-toolkit/compat');
  });

  test('is for everything else what it is anyway', () => {
    expect(resolved('react', undefined)).toBe('whole:react');
  });
});
