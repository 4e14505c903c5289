/**
 * Where contents that are to be downloaded lie on this machine already: in the share, or for a guest in what the peer of
 * its profile shared last, and where they were downloaded to. Invariant: what is found is a hint, and whoever copies it verifies it; nothing found is no problem.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { ContentId } from '../../../core/ids.ts';
import { localCopiesTimeoutMs } from '../../../core/limits/cli.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { HashCache } from '../../../profile/hash-cache.ts';
import { ShareIndex } from '../../../profile/share-index.ts';
import type { ActorRef, ActorSystem } from '../../runtime/index.ts';
import type { LibraryCommand } from '../library/library-messages.ts';

export interface LocalCopies {
  /** Paths of the disk, of those that are known. Never rejects. */
  find(ids: readonly ContentId[]): Promise<ReadonlyMap<ContentId, string>>;
  /** The manifest of one that is known, proved; undefined when it has been forgotten. Never rejects. */
  manifest(id: ContentId): Promise<Manifest | undefined>;
}

const nothing: ReadonlyMap<ContentId, string> = new Map();

/** And besides where they were downloaded to, which `finished` says. */
export function withFinished(
  copies: LocalCopies,
  finished: (ids: ReadonlySet<ContentId>) => ReadonlyMap<ContentId, string>,
): LocalCopies {
  return {
    async find(ids) {
      const known = await copies.find(ids);
      const paths = finished(new Set(ids));
      return paths.size === 0 ? known : new Map([...paths, ...known]);
    },
    manifest: (id) => copies.manifest(id),
  };
}

export function copiesOfLibrary(library: ActorRef<LibraryCommand>, ask: ActorSystem['ask']): LocalCopies {
  return {
    async find(ids) {
      const answer = await ask(library, { type: 'open-all', ids }, localCopiesTimeoutMs);
      if (!answer.ok || !answer.value.ok) return nothing;
      const found = new Map<ContentId, string>();
      for (const [at, content] of answer.value.value.entries()) {
        const id = ids[at];
        if (content.ok && id !== undefined) found.set(id, content.value.filePath);
      }
      return found;
    },
    async manifest(id) {
      const answer = await ask(library, { type: 'manifest', id }, localCopiesTimeoutMs);
      return answer.ok && answer.value.ok ? answer.value.value : undefined;
    },
  };
}

export function copiesOfIndex(database: DatabaseSync): LocalCopies {
  let index: ShareIndex | undefined;
  return {
    async find(ids) {
      try {
        return (index ??= new ShareIndex(database)).findContents(ids);
      } catch {
        // A database that cannot be read keeps nobody from fetching.
        return nothing;
      }
    },
    async manifest(id) {
      try {
        return new HashCache(database).manifest(id);
      } catch {
        return undefined;
      }
    },
  };
}
