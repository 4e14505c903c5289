/** What we call ourselves to other programs: name and version, as in package.json. */
import { readFileSync } from 'node:fs';

/** `shoal/<version>`. */
export function agentName(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return `shoal/${version}`;
}
