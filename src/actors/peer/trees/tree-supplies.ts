/**
 * The peers that the small files of one tree come from: the one that it is a folder of, and a few others that have
 * the same contents.
 * Invariant: there are no more than `maxTreeSupplies`, each peer once, and one of the others that is lost is left
 * alone for as long as any source that failed.
 */
import type { Source } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import { maxTreeSupplies } from '../../../core/limits/trees.ts';
import { lostLine } from '../../../core/peer-words.ts';
import type { Problem } from '../../../core/result.ts';
import { SourceBook } from '../../../core/swarm/source-book.ts';
import type { ActorContext } from '../../runtime/index.ts';
import type { TreeDisk } from './tree-disk.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import { tooMany, TreeSupply } from './tree-supply.ts';

/** What there is to tell of connections. */
type SupplyNews = Extract<
  TreeMessage,
  { readonly type: 'connected' | 'found-peer' | 'attached' | 'queued' | 'detached' | 'session-gone' }
>;

/** What was asked for over it does not come. */
export interface LostSupply {
  readonly peer: PeerId;
  readonly problem: Problem;
}

export class TreeSupplies {
  /** The peer whose folder it is. */
  readonly main: TreeSupply;
  readonly #ctx: ActorContext<TreeMessage>;
  readonly #args: TreeArgs;
  readonly #now: () => number;
  readonly #others = new Map<PeerId, TreeSupply>();
  readonly #book: SourceBook;

  constructor(ctx: ActorContext<TreeMessage>, args: TreeArgs) {
    const { record, me, now = () => performance.now(), random = Math.random } = args;
    this.#ctx = ctx;
    this.#args = args;
    this.#now = now;
    this.#book = new SourceBook(me.identity.id, random);
    this.main = new TreeSupply(ctx, args, record.request.target.source, true);
  }

  get others(): readonly TreeSupply[] {
    return [...this.#others.values()];
  }

  /** Those that files may be asked for. */
  get ready(): readonly TreeSupply[] {
    return [this.main, ...this.#others.values()].filter(({ isReady }) => isReady);
  }

  get isReady(): boolean {
    return this.ready.length > 0;
  }

  get isDialling(): boolean {
    return this.main.isDialling || this.others.some(({ isDialling }) => isDialling);
  }

  /** The best place in a queue; 0: one of them sends. */
  get queuePosition(): number {
    return this.isReady ? Math.min(...this.ready.map(({ queuePosition }) => queuePosition)) : 0;
  }

  /** How many send. */
  get sending(): number {
    return this.ready.filter(({ queuePosition, isSilent }) => queuePosition === 0 && !isSilent).length;
  }

  /** Those of whom something may come. */
  get called(): readonly TreeSupply[] {
    return [this.main, ...this.others].filter(({ isReady, isDialling }) => isReady || isDialling);
  }

  of(peer: PeerId): TreeSupply | undefined {
    return peer === this.main.source.peer ? this.main : this.#others.get(peer);
  }

  /** Peers that have some of the files. */
  learn(sources: readonly Source[]): void {
    this.#book.learn(sources.filter(({ peer }) => peer !== this.main.source.peer));
  }

  /** Takes others into use while some are known and there may be more. */
  recruit(): void {
    while (this.#others.size < maxTreeSupplies - 1) {
      const source = this.#book.take(this.#now());
      if (!source) return;
      const supply = new TreeSupply(this.#ctx, this.#args, source, false);
      this.#others.set(source.peer, supply);
      supply.dialIfDue();
    }
  }

  /** Takes in what happened to connections, and gives the one that is to be taken for lost with it. */
  receive(message: SupplyNews, disk: TreeDisk | undefined): LostSupply | undefined {
    if (message.type === 'found-peer') {
      this.main.moved(message.outcome);
      return undefined;
    }
    if (message.type === 'session-gone') {
      const supply = [this.main, ...this.others].find((one) => one.uses(message.session));
      return supply && { peer: supply.source.peer, problem: lostLine(supply.source.name) };
    }
    const { peer } = message;
    const supply = this.of(peer);
    // One of the others that was let go meanwhile.
    if (!supply) return undefined;
    switch (message.type) {
      case 'connected': {
        const session = message.outcome.ok ? message.outcome.value : tooMany;
        if (!session.ok) return { peer, problem: session.problem };
        supply.connected(session.value, disk);
        this.#dropLost(supply);
        return undefined;
      }
      case 'attached':
        supply.attached();
        return undefined;
      case 'queued':
        supply.waits(message);
        return undefined;
      case 'detached':
        return { peer, problem: message.problem };
    }
  }

  loseDisk(): void {
    for (const supply of [this.main, ...this.others]) supply.loseDisk();
  }

  useDisk(disk: TreeDisk): void {
    this.main.useDisk(disk);
    for (const supply of this.others) supply.useDisk(disk);
  }

  delivered(peer: PeerId): void {
    this.of(peer)?.delivered();
    this.#book.delivered(peer);
  }

  /** What was asked for over it does not come. */
  lost(peer: PeerId, problem?: Problem): void {
    const supply = this.of(peer);
    supply?.leave();
    supply?.lost(problem);
    if (supply) this.#dropLost(supply);
  }

  /** Nothing is to be fetched for now, and nobody is to blame for that. */
  pause(): void {
    if (this.main.isReady || this.main.isDialling) this.lost(this.main.source.peer);
    for (const supply of this.others) this.release(supply);
  }

  /** It sent something wrong. True when it has done so too often, and is asked for nothing more. */
  strike(peer: PeerId): boolean {
    if (peer === this.main.source.peer) return this.main.strike();
    return this.#book.strike(peer);
  }

  /** There is nothing more for it to give. */
  release(supply: TreeSupply): void {
    supply.leave();
    this.#others.delete(supply.source.peer);
    this.#book.released(supply.source.peer, this.#now());
  }

  hurry(): void {
    this.main.hurry();
    this.#book.hurry();
  }

  /** What is under way is thrown away. */
  leave(): void {
    this.main.leave();
    for (const supply of this.others) supply.leave();
    this.#others.clear();
  }

  #dropLost(supply: TreeSupply): void {
    const { peer } = supply.source;
    if (supply === this.main || supply.problem === undefined) return;
    this.#others.delete(peer);
    this.#book.lost(peer, supply.problem, this.#now(), true);
  }
}
