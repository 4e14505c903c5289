/**
 * What many arguments of `get` mean, found out without asking for more than others give: a few questions at a time,
 * hundreds of ids with each, each folder listed and each peer looked for once, and whoever says that it is too much is
 * asked again.
 * Invariant: there is one answer for each target, in their order.
 */
import type { ListEntry, SearchResult, Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import {
  askAgainAfterMs,
  contentsAskedAtOnce,
  findTimeoutMs,
  targetsAskedAtOnce,
} from '../../core/limits/cli.ts';
import { ok, type Result } from '../../core/result.ts';
import { parentOf, resolveTarget, type Lookups, type ParsedTarget, type Resolved } from './get-target.ts';
import type { EngineSession } from '../engine-session.ts';

/** How time passes while is waited for who has too much to do. */
export interface Patience {
  readonly now: () => number;
  /** Ends sooner when `signal` does. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export async function resolveTargets(
  session: EngineSession,
  targets: readonly ParsedTarget[],
  patience: Patience,
  signal: AbortSignal,
): Promise<readonly Resolved[]> {
  const lookups = new SharedLookups(session, targets, patience, signal);
  const answers: Resolved[] = [];
  let next = 0;
  const resolveNext = async (): Promise<void> => {
    for (let at = next++; at < targets.length; at = next++) {
      const target = targets[at];
      if (target !== undefined) answers[at] = await resolveTarget(lookups, target);
    }
  };
  await Promise.all(Array.from({ length: targetsAskedAtOnce }, resolveNext));
  return answers;
}

class SharedLookups implements Lookups {
  readonly #session: EngineSession;
  readonly #patience: Patience;
  readonly #signal: AbortSignal;
  /** What is asked for of each folder: no more of it is kept. */
  readonly #wanted = new Map<string, Set<string>>();
  /** Which ids are asked for with one question, of each of them. */
  readonly #batches = new Map<ContentId, ReadonlySet<ContentId>>();
  readonly #contents = new Map<ReadonlySet<ContentId>, Promise<Result<ReadonlyMap<string, SearchResult>>>>();
  readonly #folders = new Map<string, Promise<Result<ReadonlyMap<string, ListEntry>>>>();
  readonly #peers = new Map<string, Promise<Result<Source>>>();

  constructor(
    session: EngineSession,
    targets: readonly ParsedTarget[],
    patience: Patience,
    signal: AbortSignal,
  ) {
    this.#session = session;
    this.#patience = patience;
    this.#signal = signal;
    let batch = new Set<ContentId>();
    for (const target of targets) {
      if (target.kind === 'content' && !this.#batches.has(target.id)) {
        if (batch.size >= contentsAskedAtOnce) batch = new Set();
        this.#batches.set(target.id, batch.add(target.id));
      }
      if (target.kind !== 'path') continue;
      const folder = `${target.peer}:${parentOf(target.path)}`;
      this.#wanted.set(folder, (this.#wanted.get(folder) ?? new Set()).add(target.path));
    }
  }

  findName: Lookups['findName'] = (name) => this.#patiently(() => this.#session.ask('find-name', { name }));

  async findContent(id: ContentId): Promise<Result<SearchResult | undefined>> {
    const batch = this.#batches.get(id) ?? new Set([id]);
    const answer = await once(this.#contents, batch, () => this.#find(batch));
    if (!answer.ok) return answer;
    const found = answer.value.get(id);
    if (found === undefined || found.name !== '') return ok(found);
    // A tracker that knows who has it and nothing else tells its name to who asks for it alone.
    const named = await this.findName(id);
    return named.ok ? ok(named.value.find((result) => result.id === id) ?? found) : named;
  }

  async #find(ids: ReadonlySet<ContentId>): Promise<Result<ReadonlyMap<string, SearchResult>>> {
    const answer = await this.#patiently(() => this.#session.ask('find-contents', { ids: [...ids] }));
    if (!answer.ok) return answer;
    const found = new Map<string, SearchResult>();
    // Of two that claim another size for it the first; one with a name is worth more than one without.
    for (const result of answer.value) if (!found.get(result.id)?.name) found.set(result.id, result);
    return ok(found);
  }

  findPeer(peer: string): Promise<Result<Source>> {
    return once(this.#peers, peer, () => this.#patiently(() => this.#session.ask('find-peer', { peer })));
  }

  async entryAt(peer: string, path: string): Promise<Result<ListEntry | undefined>> {
    const folder = `${peer}:${parentOf(path)}`;
    const listed = await once(this.#folders, folder, () =>
      this.#patiently(() => this.#list(peer, parentOf(path), this.#wanted.get(folder) ?? new Set([path]))),
    );
    return listed.ok ? ok(listed.value.get(path)) : listed;
  }

  /** What is wanted of a folder: files and folders, by their paths without a slash at the end. */
  async #list(
    peer: string,
    path: string,
    wanted: ReadonlySet<string>,
  ): Promise<Result<ReadonlyMap<string, ListEntry>>> {
    const found = new Map<string, ListEntry>();
    const listed = await this.#session.browse({ peer, path, recursive: false }, (entries) => {
      for (const entry of entries) {
        const plain = entry.path.replace(/\/$/, '');
        if (wanted.has(plain) && !found.has(plain)) found.set(plain, entry);
      }
    });
    return listed.ok ? ok(found) : listed;
  }

  async #patiently<T>(ask: () => Promise<Result<T>>): Promise<Result<T>> {
    const patience = this.#patience;
    const untilMs = patience.now() + findTimeoutMs;
    for (;;) {
      const answer = await ask();
      const isTooMuch = !answer.ok && (answer.problem.code === 'limit' || answer.problem.code === 'busy');
      if (!isTooMuch || this.#signal.aborted || patience.now() + askAgainAfterMs > untilMs) return answer;
      await patience.wait(askAgainAfterMs, this.#signal);
    }
  }
}

function once<K, T>(known: Map<K, Promise<T>>, key: K, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
