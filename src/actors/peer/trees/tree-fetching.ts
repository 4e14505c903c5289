/**
 * Has the files of one tree brought: small ones many at a time, larger ones as contents, equal ones once, and from
 * others as contents what its peer does not give.
 * Invariant: a file that is open and was given here is asked for, follows another, or is being looked for elsewhere.
 */
import { join, sep } from 'node:path';
import type { Source } from '../../../core/catalogue.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import { sourceAnswerTimeoutMs } from '../../../core/limits/downloads.ts';
import { maxContentsPerQuestion } from '../../../core/limits/stores.ts';
import { maxSmallFileBytes } from '../../../core/limits/trees.ts';
import type { Problem } from '../../../core/result.ts';
import type { TreeReport, WriterReport } from '../../../workers/tree-contract.ts';
import type { ActorContext } from '../../runtime/index.ts';
import type { ContentEnd, TreeContents } from './tree-contents.ts';
import type { TreeDisk } from './tree-disk.ts';
import type { OpenFile, TreeFiles } from './tree-files.ts';
import type { TreeDivision } from './tree-division.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import { nobody } from '../downloads/standing.ts';
import type { TreeProgress } from './tree-progress.ts';
import type { TreeSupplies } from './tree-supplies.ts';

type Elsewhere = Extract<TreeMessage, { readonly type: 'elsewhere' }>;
type Dropped = Extract<TreeMessage, { readonly type: 'dropped' }>;

export interface FetchingNeeds {
  readonly ctx: ActorContext<TreeMessage>;
  readonly args: TreeArgs;
  readonly files: TreeFiles;
  readonly contents: TreeContents;
  readonly supplies: TreeSupplies;
  readonly division: TreeDivision;
  readonly progress: TreeProgress;
  /** The disk refuses, whatever the file. */
  readonly blocked: (problem: Problem) => void;
  /** A peer sends what is wrong. */
  readonly distrusted: (peer: PeerId, problem: Problem) => void;
}

export class TreeFetching {
  disk: TreeDisk | undefined;
  readonly #needs: FetchingNeeds;
  /** Of a folder that was asked about last: its path, and what comes before a name in it. */
  #last: { readonly folders: readonly string[]; readonly path: string } | undefined;

  constructor(needs: FetchingNeeds) {
    this.#needs = needs;
  }

  /** Files that are not here. `elsewhere`: where on this machine their contents should lie. */
  bring(open: Iterable<OpenFile>, elsewhere?: ReadonlyMap<ContentId, string>): void {
    const { files } = this.#needs;
    const wanted: OpenFile[] = [];
    const following: number[] = [];
    for (const one of open) {
      if (!files.get(one.file)) continue;
      const lead = files.lead(one);
      const from = lead.leads ? elsewhere?.get(one.id) : lead.path;
      if (!lead.leads && lead.path === this.#placeOf(one)) this.#succeed(one, lead.path);
      else if (from !== undefined) {
        one.stage = 'copying';
        this.disk?.copy(one.file, from);
      } else if (lead.leads) wanted.push(one);
      else {
        one.stage = 'following';
        following.push(one.file);
      }
    }
    // Whom they follow has no name yet, and gets none while the disk waits for them.
    if (following.length > 0) this.disk?.setAside(following);
    this.#want(wanted);
  }

  /** Where nothing more is to come from the peer: what nobody else was asked for is looked for one by one. */
  lookElsewhere(): void {
    const { files, supplies } = this.#needs;
    if (!supplies.main.isBanned) return;
    const wanted = [...files.open].filter(({ stage, from }) => stage === 'wanted' && from === undefined);
    for (const one of wanted) one.refusal ??= supplies.main.problem;
    this.#seekElsewhere(wanted);
  }

  /** One peer has given up files for another, who may be gone by now. */
  dropped(message: Dropped): void {
    this.#needs.division.dropped(message);
    this.lookElsewhere();
  }

  /** What became of files on the disk. */
  wrote({ named, written, failed, copiedBytes }: WriterReport): void {
    const { files, progress, blocked } = this.#needs;
    if (copiedBytes > 0) progress.moved();
    for (const file of named) {
      const open = files.get(file);
      if (open) this.#brought(open, this.#placeOf(open));
    }
    for (const { file, path } of written) {
      const open = files.get(file);
      if (open) this.#brought(open, path);
    }
    for (const { file, problem, isDisk } of failed) {
      const open = files.get(file);
      if (!open) continue;
      if (isDisk) {
        // It is looked at again with the disk.
        open.stage = 'wanted';
        blocked(problem);
      } else if (open.stage === 'copying' && problem.code === 'stale')
        this.bring([open, ...files.forget(open)]);
      else this.#giveUpOn(open, problem);
    }
    this.#adopt(written);
  }

  /** What became of files on their way from a peer. */
  came(peer: PeerId, report: TreeReport): void {
    const { args, files, supplies, progress, distrusted } = this.#needs;
    if (report.receivedBytes > 0) {
      progress.came(report.receivedBytes);
      supplies.delivered(peer);
      args.record.usedSources.add(peer);
    }
    const refused: OpenFile[] = [];
    let distrust: Problem | undefined;
    for (const { file, problem } of report.refused) {
      const open = files.get(file);
      if (!open || open.from !== peer) continue;
      open.from = undefined;
      // Others were never asked for what is not to come from the peer of the tree.
      open.holders = open.holders?.filter((holder) => holder !== peer);
      if (peer === supplies.main.source.peer) {
        open.refusal = problem;
        refused.push(open);
      }
      if (problem.code === 'piece-mismatch' && supplies.strike(peer)) distrust = problem;
    }
    this.#seekElsewhere(refused);
    this.lookElsewhere();
    if (distrust) distrusted(peer, distrust);
  }

  /** What the trackers say about who has files that do not come from where they were to come from. */
  foundElsewhere({ files: open, outcome }: Elsewhere): void {
    const { files, supplies } = this.#needs;
    const found = outcome.ok && outcome.value.ok ? outcome.value.value : [];
    const { peer: main } = supplies.main.source;
    const others = new Map(found.map(({ id, sources }) => [id, sources.filter(({ peer }) => peer !== main)]));
    for (const one of open) {
      if (!files.get(one.file)) continue;
      const sources = others.get(one.id) ?? [];
      if (sources.length > 0) this.#download(one, sources);
      else this.#giveUpOn(one, one.refusal ?? nobody);
    }
  }

  contentOver({ open, path, problem }: ContentEnd): void {
    this.#needs.progress.contentOver(open.fetchedBytes);
    if (path === undefined) return this.#giveUpOn(open, problem ?? nobody);
    // The disk was told of it with all others, and had nothing to do with it.
    this.disk?.forget([open.file]);
    this.#succeed(open, path);
  }

  #placeOf({ folders, name }: OpenFile): string {
    // Files of one folder come one after the other.
    if (this.#last?.folders !== folders) {
      const { outDir } = this.#needs.args.record.request;
      this.#last = { folders, path: join(outDir, ...folders, sep) };
    }
    return this.#last.path + name;
  }

  #want(open: readonly OpenFile[]): void {
    const { supplies, division } = this.#needs;
    const small: OpenFile[] = [];
    for (const one of open) {
      const isSmall = one.sizeBytes <= maxSmallFileBytes;
      one.stage = isSmall ? 'wanted' : 'content';
      if (isSmall) small.push(one);
      else this.#download(one, [supplies.main.source]);
    }
    division.want(small);
    this.lookElsewhere();
  }

  #download(open: OpenFile, sources: readonly Source[]): void {
    this.disk?.begun(open.id);
    this.#needs.contents.add(open, sources);
  }

  /** It is under its name, fetched for that unless it was found or copied. */
  #brought(open: OpenFile, path: string): void {
    const { args, progress } = this.#needs;
    if (open.stage === 'wanted') {
      open.fetchedBytes += open.sizeBytes;
      open.sources = 1;
      progress.written(open.sizeBytes);
      // It may have been lost since.
      if (open.from !== undefined) args.record.usedSources.add(open.from);
    } else if (open.stage === 'copying') this.disk?.copied(open.id);
    this.#succeed(open, path);
  }

  #succeed(open: OpenFile, path: string): void {
    this.#needs.progress.moved();
    this.bring(this.#needs.files.done(open, path));
  }

  #giveUpOn(open: OpenFile, problem: Problem): void {
    this.disk?.forget([open.file]);
    this.bring(this.#needs.files.fail(open, problem));
  }

  /** Asks the trackers who else has files that do not come from where they were to come from. */
  #seekElsewhere(open: readonly OpenFile[]): void {
    const { ctx, args } = this.#needs;
    if (open.length > 0) this.disk?.setAside(open.map(({ file }) => file));
    for (let at = 0; at < open.length; at += maxContentsPerQuestion) {
      const some = open.slice(at, at + maxContentsPerQuestion);
      const ids = some.map(({ id }) => id);
      for (const one of some) one.stage = 'content';
      ctx.ask(args.trackers, { type: 'sources', ids }, sourceAnswerTimeoutMs, (outcome) => ({
        type: 'elsewhere',
        files: some,
        outcome,
      }));
    }
  }

  #adopt(written: WriterReport['written']): void {
    const { library } = this.#needs.args;
    if (!library) return;
    const adopted = written.flatMap(({ path, id, adoption }) =>
      adoption ? [{ filePath: path, id, ...adoption }] : [],
    );
    if (adopted.length > 0) library.tell({ type: 'adopt-all', files: adopted });
  }
}
