/**
 * What to ask when nothing was found: the same with less. Pure. Invariant: what is offered is another query that is
 * shorter than the one before, so that offers come to an end.
 */

/** Filters go first, then exclusions and quotation marks, then the last word; undefined when one word is left. */
export function looserQuery(text: string): string | undefined {
  const parts = text.match(/-?"[^"]*"?|\S+/g) ?? [];
  const isFilter = (part: string): boolean => /^-?(?:ext|type|size):/i.test(part);
  const words = parts.filter((part) => !isFilter(part));
  if (words.length === 0) return undefined;
  if (words.length < parts.length) return words.join(' ');
  const wanted = words.filter((part) => !part.startsWith('-'));
  if (wanted.length > 0 && wanted.length < words.length) return wanted.join(' ');
  const unquoted = tidy(wanted.join(' ').replaceAll('"', ' '));
  if (unquoted !== '' && unquoted.length < tidy(text).length) return unquoted;
  return wanted.length < 2 ? undefined : tidy(wanted.slice(0, -1).join(' '));
}

const tidy = (text: string): string => text.trim().split(/\s+/).join(' ');
