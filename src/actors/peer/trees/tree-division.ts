/**
 * Which peer is asked for which small file of a tree: first the one whose folder it is, for all; where that is lost,
 * busy or takes long, others that have the same contents take over what is not on its way yet.
 * Invariant: a wanted file is asked for from one peer at a time, or from none, and then until somebody is there.
 */
import type { Source } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import * as limits from '../../../core/limits/trees.ts';
import { minSeekGapMs, seekEveryMs, sourceAnswerTimeoutMs } from '../../../core/limits/downloads.ts';
import type { ActorContext } from '../../runtime/index.ts';
import type { OpenFile, TreeFiles } from './tree-files.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import type { TreeSupplies } from './tree-supplies.ts';
import type { TreeSupply } from './tree-supply.ts';

type Dropped = Extract<TreeMessage, { readonly type: 'dropped' }>;
type Held = Extract<TreeMessage, { readonly type: 'held' }>;

/** What one peer has been asked for. */
interface Share {
  readonly files: OpenFile[];
  bytes: number;
}

/** Who has been asked for what is wanted; `free`: nobody. */
interface Shares {
  readonly free: OpenFile[];
  readonly of: Map<PeerId, Share>;
}

export class TreeDivision {
  readonly #ctx: ActorContext<TreeMessage>;
  readonly #args: TreeArgs;
  readonly #files: TreeFiles;
  readonly #supplies: TreeSupplies;
  readonly #now: () => number;
  /** When the first file was wanted. */
  #sinceMs: number | undefined;
  #isSeeking = false;
  #seekAtMs = 0;
  /** Questions in a row that named nobody. */
  #vain = 0;
  /** Who is waiting for another to give something up. */
  readonly #moving = new Set<PeerId>();
  /** What is on its way to us already is not asked for again before then. */
  #vainUntilMs = 0;
  /** Since when others have had nothing to do. */
  readonly #idleSinceMs = new Map<PeerId, number>();

  constructor(
    ctx: ActorContext<TreeMessage>,
    args: TreeArgs,
    needs: { readonly files: TreeFiles; readonly supplies: TreeSupplies },
  ) {
    this.#ctx = ctx;
    this.#args = args;
    this.#files = needs.files;
    this.#supplies = needs.supplies;
    this.#now = args.now ?? (() => performance.now());
  }

  /** Small files that are not here. */
  want(open: readonly OpenFile[]): void {
    if (open.length === 0) return;
    this.#sinceMs ??= this.#now();
    const { main } = this.#supplies;
    // Some may have been asked for while the disk was being looked at.
    if (main.isReady)
      this.#give(
        main,
        open.filter(({ from }) => from === undefined),
      );
  }

  /** A connection is there: what nobody has been asked for is asked for now. */
  attached(): void {
    const { main } = this.#supplies;
    if (main.isReady) this.#give(main, this.#shares().free);
    this.goOn();
  }

  /** What it was asked for will not come from there. */
  lost(peer: PeerId): void {
    this.#moving.delete(peer);
    this.#idleSinceMs.delete(peer);
    for (const one of this.#files.open) if (one.from === peer) one.from = undefined;
  }

  /** What was asked for will not come from anybody. */
  lostAll(): void {
    this.#moving.clear();
    this.#idleSinceMs.clear();
    for (const one of this.#files.open) one.from = undefined;
  }

  /** Whoever is waited for is tried now, and others are looked for. */
  hurry(): void {
    this.#supplies.hurry();
    this.#seekAtMs = 0;
    this.#vain = 0;
    for (const one of this.#files.open) one.holders = undefined;
  }

  /** Sees to it that nobody is left idle who has what is wanted. */
  goOn(): void {
    const { main, others } = this.#supplies;
    if (main.isReady && others.length === 0 && !this.#isHelpWanted) return;
    const shares = this.#shares();
    if (main.isReady && shares.free.length > 0) this.#give(main, shares.free.splice(0));
    for (const supply of this.#supplies.ready) this.#feed(supply, shares);
    if (this.#isHelpWanted) this.#seek(shares);
    for (const supply of others) this.#restIfIdle(supply, shares);
  }

  /** What one peer has given up for another. */
  dropped({ from, to, files, outcome }: Dropped): void {
    this.#moving.delete(to);
    const given = new Set(outcome.ok ? outcome.value : []);
    const moved = files.filter((one) => one.from === from && this.#isWanted(one) && given.has(one.file));
    for (const one of moved) one.from = undefined;
    if (moved.length === 0) this.#vainUntilMs = this.#now() + minSeekGapMs;
    const supply = this.#supplies.of(to);
    if (supply?.isReady) this.#give(supply, moved);
  }

  /** What the trackers say about who has files. */
  held({ files, outcome }: Held): void {
    this.#isSeeking = false;
    const found = outcome.ok && outcome.value.ok ? outcome.value.value : [];
    const known = new Map(found.map(({ id, sources }) => [id, sources]));
    const best = this.#best([...known.values()]);
    const peers = new Set(best.map(({ peer }) => peer));
    for (const one of files)
      one.holders = (known.get(one.id) ?? []).map(({ peer }) => peer).filter((peer) => peers.has(peer));
    this.#supplies.learn(best);
    this.#supplies.recruit();
    this.#vain = best.some(({ peer }) => this.#supplies.of(peer)) ? 0 : this.#vain + 1;
    if (this.#vain >= limits.maxVainTreeSeeks) this.#rest();
  }

  /** Whether the peer of the tree does not do all of it by itself, and soon. */
  get #isHelpWanted(): boolean {
    const { main } = this.#supplies;
    if (this.#sinceMs === undefined) return false;
    if (!main.isReady) return main.problem !== undefined;
    return main.queuePosition > 0 || this.#now() - this.#sinceMs >= limits.treeHelpAfterMs;
  }

  #isWanted(one: OpenFile): boolean {
    return one.stage === 'wanted' && this.#files.get(one.file) === one;
  }

  #shares(): Shares {
    const free: OpenFile[] = [];
    const of = new Map<PeerId, Share>();
    for (const one of this.#files.open) {
      if (one.stage !== 'wanted') continue;
      if (one.from === undefined) {
        free.push(one);
        continue;
      }
      let share = of.get(one.from);
      if (!share) of.set(one.from, (share = { files: [], bytes: 0 }));
      share.files.push(one);
      share.bytes += one.sizeBytes;
    }
    return { free, of };
  }

  #give(supply: TreeSupply, open: readonly OpenFile[]): void {
    if (open.length === 0) return;
    for (const one of open) one.from = supply.source.peer;
    supply.want(open);
  }

  #mayGive({ source: { peer } }: TreeSupply, one: OpenFile): boolean {
    return peer === this.#supplies.main.source.peer || one.holders?.includes(peer) === true;
  }

  /** Gives it something to do before it has nothing. */
  #feed(supply: TreeSupply, { free, of }: Shares): void {
    const { peer } = supply.source;
    const { files = [], bytes = 0 } = of.get(peer) ?? {};
    const isFed = bytes >= limits.filesRequestBytes || files.length >= limits.maxFilesPerRequest;
    if (isFed || supply.queuePosition > 0 || this.#moving.has(peer)) return;
    const isFor = (one: OpenFile): boolean => this.#mayGive(supply, one);
    const some = takeLast(free.filter(isFor), limits.treeMoveBytes);
    if (some.length > 0) {
      const taken = new Set(some);
      free.splice(0, free.length, ...free.filter((one) => !taken.has(one)));
      return this.#give(supply, some);
    }
    if (this.#now() < this.#vainUntilMs) return;
    const donor = this.#donorFor(supply, of, files.length === 0);
    const share = donor && of.get(donor.source.peer);
    if (!share) return;
    const mostBytes = donor.queuePosition > 0 ? limits.treeMoveBytes : share.bytes / 2;
    const asked = takeLast(share.files.filter(isFor), Math.min(mostBytes, limits.treeMoveBytes));
    if (asked.length === 0) return;
    this.#moving.add(peer);
    donor.drop(asked, peer);
  }

  /** Whoever has the most to do; of one request more than one where the other has nothing. */
  #donorFor(supply: TreeSupply, of: ReadonlyMap<PeerId, Share>, isIdle: boolean): TreeSupply | undefined {
    const mostKept = (isIdle ? 1 : 2) * limits.filesRequestBytes;
    const bytesOf = ({ source }: TreeSupply): number => of.get(source.peer)?.bytes ?? 0;
    return this.#supplies.ready
      .filter((other) => other !== supply)
      .filter((other) => other.queuePosition > 0 || bytesOf(other) > mostKept)
      .toSorted((one, other) => bytesOf(other) - bytesOf(one))[0];
  }

  /** Asks who has what nobody of the others has been named for. */
  #seek({ free, of }: Shares): void {
    const { main } = this.#supplies;
    this.#supplies.recruit();
    if (this.#isSeeking || this.#now() < this.#seekAtMs) return;
    const { files = [], bytes = 0 } = of.get(main.source.peer) ?? {};
    // It is nearly done.
    const isSending = main.isReady && main.queuePosition === 0;
    if (isSending && bytes < 2 * limits.filesRequestBytes) return;
    const left = [...files, ...free];
    const unasked = left.filter(({ holders }) => holders === undefined);
    const known = left.filter((one) => this.#supplies.others.some((supply) => this.#mayGive(supply, one)));
    if (known.length >= limits.treeSeekFiles) return;
    const asked = unasked.slice(-limits.treeSeekFiles);
    if (asked.length === 0) return left.length > known.length ? this.#rest() : undefined;
    this.#isSeeking = true;
    const question = { type: 'sources', ids: asked.map(({ id }) => id) } as const;
    this.#ctx.ask(this.#args.trackers, question, sourceAnswerTimeoutMs, (outcome) => ({
      type: 'held',
      files: asked,
      outcome,
    }));
  }

  /** Then all are asked about anew: somebody may have come. */
  #rest(): void {
    this.#seekAtMs = this.#now() + seekEveryMs;
    this.#vain = 0;
    const isUseful = (peer: PeerId): boolean => this.#supplies.of(peer) !== undefined;
    for (const one of this.#files.open) if (!one.holders?.some(isUseful)) one.holders = undefined;
  }

  /** Those that have most of what was asked about. */
  #best(found: readonly (readonly Source[])[]): Source[] {
    const counts = new Map<PeerId, { readonly source: Source; files: number }>();
    for (const sources of found)
      for (const source of sources) {
        if (source.peer === this.#supplies.main.source.peer) continue;
        const entry = counts.get(source.peer);
        if (entry) entry.files++;
        else counts.set(source.peer, { source, files: 1 });
      }
    const isInUse = ({ peer }: Source): number => (this.#supplies.of(peer) ? 1 : 0);
    return [...counts.values()]
      .toSorted((one, other) => isInUse(other.source) - isInUse(one.source) || other.files - one.files)
      .slice(0, 2 * limits.maxTreeSupplies)
      .map(({ source }) => source);
  }

  #restIfIdle(supply: TreeSupply, { free, of }: Shares): void {
    const { peer } = supply.source;
    const isAtWork = of.has(peer) || this.#moving.has(peer) || free.some((one) => this.#mayGive(supply, one));
    if (isAtWork || !supply.isReady) this.#idleSinceMs.delete(peer);
    else if (!this.#idleSinceMs.has(peer)) this.#idleSinceMs.set(peer, this.#now());
    else if (this.#now() - (this.#idleSinceMs.get(peer) ?? 0) >= limits.treeSupplyIdleMs) {
      this.#idleSinceMs.delete(peer);
      this.#supplies.release(supply);
    }
  }
}

/** The last of them, of about so many bytes: those that come first are soon on their way. */
function takeLast(open: readonly OpenFile[], mostBytes: number): OpenFile[] {
  const some: OpenFile[] = [];
  let bytes = 0;
  for (let at = open.length - 1; at >= 0; at--) {
    const one = open[at];
    if (!one || some.length === limits.treeMoveFiles) break;
    bytes += one.sizeBytes;
    if (some.length > 0 && bytes > mostBytes) break;
    some.push(one);
  }
  return some.toReversed();
}
