/**
 * `shoal:` links: a content id with the name and size it had where the link was made, `shoal:<id>?name=…&size=…`.
 * Only the id is binding; name and size are labels for whoever opens the link.
 */
import type { ContentId } from './ids.ts';
import { isId } from './ids.ts';
import { fail, ok, type Result } from './result.ts';

export interface ShoalLink {
  readonly id: ContentId;
  readonly name: string | undefined;
  readonly sizeBytes: number | undefined;
}

const scheme = 'shoal:';

export const isShoalLink = (text: string): boolean => text.toLowerCase().startsWith(scheme);

export function formatLink({ id, name, sizeBytes }: ShoalLink): string {
  const labels = [
    ...(name === undefined ? [] : [`name=${encodeURIComponent(name)}`]),
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
  ];
  return labels.length === 0 ? `${scheme}${id}` : `${scheme}${id}?${labels.join('&')}`;
}

/** Reads a link; unknown labels are left to later versions. `bad-request` when there is no valid id in it. */
export function parseLink(text: string): Result<ShoalLink> {
  const [id = '', query = ''] = text.slice(scheme.length).replace(/^\/\//, '').split('?', 2);
  if (!isShoalLink(text) || !isId(id))
    return fail(
      'bad-request',
      `expected a link as shoal:ID?name=NAME&size=BYTES, got ${JSON.stringify(text)}`,
    );
  const labels = new URLSearchParams(query);
  const size = labels.get('size') ?? '';
  return ok({
    id: id as ContentId,
    name: labels.get('name') ?? undefined,
    sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : undefined,
  });
}
