/**
 * When two names of peers are one name to people, and what to offer who wants a taken one. Invariant: names with
 * different keys do not look alike by case, accents, width, invisible characters or the letters Cyrillic and
 * Greek share with Latin.
 */
import { isId } from './ids.ts';
import { maxNameBytes } from './limits/wire.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';
import { byteLength } from './safe-name.ts';
import { fold } from './search/tokenizer.ts';

/** Offers tried before giving up: someone else's name is that popular. */
const maxSuggestions = 1_000;

const lookalikes: ReadonlyMap<string, string> = new Map(
  Array.from(
    'аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdαaβbεeιiκkνvοoρpτtυuχx'.matchAll(/(.)(.)/gu),
    ([, like, latin]) => [like ?? '', latin ?? ''],
  ),
);

/** What a name is compared by. `bad-name` for one that cannot be shown or would be read as something else. */
export function nameKey(name: string): Result<string> {
  if (byteLength(name) > maxNameBytes) return fail('bad-name', `A name has at most ${maxNameBytes} bytes`);
  if (/[\p{Cc}\p{Co}\p{Cs}:/\\]/u.test(name))
    return fail('bad-name', 'A name has no control characters, ":", "/" or "\\"');
  const visible = fold(name).replace(/[\p{C}\p{Z}]/gu, '');
  if (visible === '') return fail('bad-name', 'A name has at least one visible character');
  if (isId(visible)) return fail('bad-name', 'A name may not look like the id of a peer');
  return ok(Array.from(visible, (letter) => lookalikes.get(letter) ?? letter).join(''));
}

/** The first of `alice-2`, `alice-3`, … that is free, cut to fit; undefined when there is none. */
export function suggestName(name: string, isTaken: (key: string) => boolean): string | undefined {
  for (let number = 2; number <= maxSuggestions; number++) {
    const ending = `-${number}`;
    let stem = name;
    while (byteLength(stem + ending) > maxNameBytes) stem = Array.from(stem).slice(0, -1).join('');
    const key = nameKey(stem + ending);
    if (key.ok && !isTaken(key.value)) return stem + ending;
  }
  return undefined;
}
