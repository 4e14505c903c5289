/**
 * What the arguments of `get` mean: each becomes the files to download, or the reason why there are none.
 * A name is asked for at the trackers, a folder at the peer that shares it.
 */
import type { ListEntry, SearchResult, Source } from '../../core/catalogue.ts';
import type { ContentTarget, TreeTarget } from '../../core/engine/engine-api.ts';
import type { ContentId } from '../../core/ids.ts';
import { idLength, isId } from '../../core/ids.ts';
import { fail, ok, type Problem, type ProblemCode, type Result } from '../../core/result.ts';
import { nameOf } from '../../core/share/virtual-path.ts';
import { isShoalLink, parseLink } from '../../core/shoal-link.ts';

/** A file to get. The size is what a remote said, for show; the engine learns the true one. */
export interface WantedFile {
  readonly target: ContentTarget;
  readonly sizeBytes: number | undefined;
}

/** Why a target gave nothing; for `ambiguous`, between what to choose. */
export interface Unresolved {
  readonly ok: false;
  readonly problem: Problem;
  readonly candidates: readonly SearchResult[];
}

export type Resolved =
  | { readonly ok: true; readonly value: readonly WantedFile[]; readonly trees: readonly TreeTarget[] }
  | Unresolved;

export type ParsedTarget =
  | {
      readonly kind: 'content';
      readonly id: ContentId;
      readonly name: string | undefined;
      readonly sizeBytes: number | undefined;
      /** Below the output folder. */
      readonly folders?: readonly string[];
    }
  | { readonly kind: 'path'; readonly peer: string; readonly path: string }
  | { readonly kind: 'name'; readonly name: string };

/** Reads one argument. A name may hold a colon: only `:/` makes it a path of a peer. */
export function parseTarget(text: string): Result<ParsedTarget> {
  if (isId(text))
    return ok({ kind: 'content', id: text as ContentId, name: undefined, sizeBytes: undefined });
  if (isShoalLink(text)) {
    const link = parseLink(text);
    if (!link.ok) return link;
    const { id, name, sizeBytes } = link.value;
    return ok({ kind: 'content', id, name, sizeBytes });
  }
  const colon = text.indexOf(':/');
  if (colon > 0) return ok({ kind: 'path', peer: text.slice(0, colon), path: text.slice(colon + 1) });
  if (text.trim() === '' || text.includes('/'))
    return fail(
      'bad-request',
      `expected an id, a shoal: link, a name or PEER:/path, got ${JSON.stringify(text)}`,
    );
  return ok({ kind: 'name', name: text });
}

/** What is asked to find out what targets mean. */
export interface Lookups {
  readonly findName: (name: string) => Promise<Result<readonly SearchResult[]>>;
  /** What a content is called and who has it; undefined where nobody shares it now. */
  readonly findContent: (id: ContentId) => Promise<Result<SearchResult | undefined>>;
  readonly findPeer: (peer: string) => Promise<Result<Source>>;
  /** The file or folder at a path that has no slash at its end; only the folder above knows which it is. */
  readonly entryAt: (peer: string, path: string) => Promise<Result<ListEntry | undefined>>;
}

/** The folder that a path without a slash at its end is in. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

export async function resolveTarget(lookups: Lookups, target: ParsedTarget): Promise<Resolved> {
  switch (target.kind) {
    case 'content':
      return resolveContent(lookups, target);
    case 'name':
      return resolveName(lookups, target.name);
    case 'path':
      return resolvePath(lookups, target.peer, target.path);
  }
}

/** An id is enough to download, but only a tracker knows what the file is called and who has it. */
async function resolveContent(
  lookups: Lookups,
  { id, name, sizeBytes, folders = [] }: Extract<ParsedTarget, { kind: 'content' }>,
): Promise<Resolved> {
  const answer = await lookups.findContent(id);
  if (!answer.ok) return { ...answer, candidates: [] };
  const found = answer.value;
  return resolved([
    wanted(id, name ?? found?.name ?? id, sizeBytes ?? found?.sizeBytes, folders, found?.sources ?? []),
  ]);
}

async function resolveName(lookups: Lookups, name: string): Promise<Resolved> {
  const answer = await lookups.findName(name);
  if (!answer.ok) return { ...answer, candidates: [] };
  const [only, ...others] = answer.value;
  if (only === undefined) {
    const hint = mayBePeer(name) && (await lookups.findPeer(name)).ok ? allThatIsShared(name) : '';
    return unresolved('not-found', notCalled(name) + hint);
  }
  if (others.length === 0) return resolved([wanted(only.id, only.name, only.sizeBytes, [], only.sources)]);
  const message = `several files are called ${JSON.stringify(name)}; get one by its id`;
  return unresolved('ambiguous', message, answer.value);
}

async function resolvePath(lookups: Lookups, peer: string, path: string): Promise<Resolved> {
  if (path.endsWith('/')) return resolveFolder(lookups, peer, path);
  const entry = await lookups.entryAt(peer, path);
  if (!entry.ok) return { ...entry, candidates: [] };
  const found = entry.value;
  if (found === undefined) return unresolved('not-found', `${peer} shares nothing at ${path}`);
  if (found.kind === 'folder') return resolveFolder(lookups, peer, `${path}/`);
  const source = await lookups.findPeer(peer);
  const sources = source.ok ? [source.value] : [];
  return resolved([wanted(found.id, nameOf(path), found.sizeBytes, [], sources)]);
}

/** A folder is listed by the engine that downloads it; here it is enough to know where its peer is. */
async function resolveFolder(lookups: Lookups, peer: string, path: string): Promise<Resolved> {
  const found = await lookups.findPeer(peer);
  if (!found.ok) return { ...found, candidates: [] };
  return { ok: true, value: [], trees: [{ kind: 'tree', source: found.value, path }] };
}

function wanted(
  id: ContentId,
  name: string,
  sizeBytes: number | undefined,
  folders: readonly string[] = [],
  sources: readonly Source[] = [],
): WantedFile {
  return { target: { kind: 'content', id, name, folders, sources }, sizeBytes };
}

const resolved = (value: readonly WantedFile[]): Resolved => ({ ok: true, value, trees: [] });

function unresolved(
  code: ProblemCode,
  message: string,
  candidates: readonly SearchResult[] = [],
): Unresolved {
  return { ok: false, problem: { code, message }, candidates };
}

/** One word of about as many letters as an id has. */
const idLike = new RegExp(`^[a-z0-9]{${idLength - 4},${idLength + 4}}$`, 'i');

const allThatIsShared = (peer: string): string => `; all that ${peer} shares is ${peer}:/`;

/** What has an extension is a file: nobody asks for a peer of that name for each file of a list. */
const mayBePeer = (name: string): boolean => !/[:.]/.test(name) && !idLike.test(name);

/** Of what looks like a peer, how its folders are written; of what is nearly an id, that it is none. */
function notCalled(name: string): string {
  if (idLike.test(name))
    return `nothing is called ${JSON.stringify(name)}, and it is no id: ${whyNoId(name)}`;
  const [, peer] = /^([^/:]+):[^/]*$/.exec(name) ?? [];
  const hint = peer === undefined ? '' : allThatIsShared(peer);
  return `nothing is called ${JSON.stringify(name)}${hint}`;
}

function whyNoId({ length }: string): string {
  return length === idLength
    ? 'one of its letters is wrong'
    : `an id has ${idLength} letters, this has ${length}`;
}
