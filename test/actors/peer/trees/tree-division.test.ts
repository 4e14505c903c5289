import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ActorContext } from '../../../../src/actors/runtime/index.ts';
import { TreeDivision } from '../../../../src/actors/peer/trees/tree-division.ts';
import { TreeFiles, type OpenFile } from '../../../../src/actors/peer/trees/tree-files.ts';
import type { TreeArgs, TreeMessage } from '../../../../src/actors/peer/trees/tree-messages.ts';
import type { TreeSupplies } from '../../../../src/actors/peer/trees/tree-supplies.ts';
import type { Source } from '../../../../src/core/catalogue.ts';
import type { ContentId, PeerId } from '../../../../src/core/ids.ts';
import { seekEveryMs } from '../../../../src/core/limits/downloads.ts';
import {
  filesRequestBytes,
  maxVainTreeSeeks,
  treeHelpAfterMs,
  treeSeekFiles,
  treeSupplyIdleMs,
} from '../../../../src/core/limits/trees.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const sizeBytes = 100_000;
type Held = Extract<TreeMessage, { readonly type: 'held' }>;

/** A peer that brings nothing by itself, and what it was asked for. */
function supplyOf(name: string) {
  const source = { peer: name as PeerId, host: name, port: 1, name } as Source;
  const wanted: number[] = [];
  const dropped: { files: readonly OpenFile[]; to: PeerId }[] = [];
  return {
    ...{ source, wanted, dropped, isReady: true, queuePosition: 0 },
    problem: undefined as { code: string } | undefined,
    want: (open: readonly OpenFile[]) => void wanted.push(...open.map(({ file }) => file)),
    drop: (files: readonly OpenFile[], to: PeerId) => void dropped.push({ files, to }),
  };
}

function bench() {
  const clock = { ms: 1_000 };
  const asked: (readonly ContentId[])[] = [];
  const answers: ((sources: readonly Source[]) => Held)[] = [];
  const ctx = {
    ask: (
      _of: unknown,
      { ids }: { readonly ids: readonly ContentId[] },
      _timeoutMs: number,
      toMessage: (outcome: unknown) => Held,
    ) => {
      asked.push(ids);
      answers.push((sources) => {
        const found = ids.map((id) => ({ id, sizeBytes, sources, partial: [] }));
        return toMessage({ ok: true, value: { ok: true, value: found } });
      });
    },
  } as unknown as ActorContext<TreeMessage>;
  const [main, other] = [supplyOf('main'), supplyOf('other')];
  const learnt: Source[] = [];
  const others: (typeof other)[] = [];
  const supplies = {
    main,
    get others() {
      return others;
    },
    get ready() {
      return [main, ...others].filter(({ isReady }) => isReady);
    },
    of: (peer: string) => [main, ...others].find(({ source }) => source.peer === peer),
    learn: (sources: readonly Source[]) => void learnt.push(...sources),
    recruit: () => {
      if (learnt.length > 0 && others.length === 0) others.push(other);
    },
    release: () => void others.splice(0),
  };
  const files = new TreeFiles();
  const args = { now: () => clock.ms } as unknown as TreeArgs;
  const division = new TreeDivision(ctx, args, { files, supplies: supplies as unknown as TreeSupplies });
  /** So many files are wanted. */
  const want = (count: number): OpenFile[] => {
    const open = Array.from({ length: count }, (_, at) => {
      const listed = { id: idOf(at), path: `/s/${at}`, sizeBytes, folders: ['s'], name: `${at}` };
      return files.add({ ...listed, problem: undefined });
    });
    for (const one of open) one.stage = 'wanted';
    division.want(open);
    return open;
  };
  const answer = (...sources: readonly Source[]): void => {
    const toMessage = answers.shift();
    if (toMessage) division.held(toMessage(sources));
  };
  return { clock, asked, answer, main, other, others, learnt, files, division, want };
}

describe('the small files of a folder', () => {
  let at: ReturnType<typeof bench>;
  beforeEach(() => {
    at = bench();
  });

  test('are all asked for from its peer, and nobody else is looked for while it is quick', () => {
    at.want(300);
    at.clock.ms += treeHelpAfterMs - 1;
    at.division.goOn();
    expect([at.main.wanted.length, at.asked]).toEqual([300, []]);
  });

  test('are shared with others who have them once it takes long, and none is asked for twice', () => {
    const open = at.want(300);
    at.clock.ms += treeHelpAfterMs;
    at.division.goOn();
    expect(at.asked.map(({ length }) => length)).toEqual([treeSeekFiles]);
    at.answer(at.other.source);
    at.division.goOn();
    const [move] = at.main.dropped;
    expect(move?.to).toBe('other');
    // At most half of it, and the last of them first.
    expect(move?.files.at(-1)).toBe(open.at(-1));
    expect(move?.files.length).toBeLessThanOrEqual(150);
    at.division.goOn();
    expect(at.main.dropped).toHaveLength(1);
    const given = move?.files.slice(5).map(({ file }) => file) ?? [];
    at.division.dropped({
      ...{ type: 'dropped', from: at.main.source.peer, to: at.other.source.peer },
      ...{ files: move?.files ?? [], outcome: { ok: true, value: given } },
    });
    expect(at.other.wanted).toEqual(given);
  });

  test('go to others when its peer is lost, whom it is then waited for in vain', () => {
    at.want(30);
    at.main.isReady = false;
    at.main.problem = { code: 'closed' };
    at.division.lost(at.main.source.peer);
    at.division.goOn();
    at.answer(at.other.source);
    at.division.goOn();
    expect(at.other.wanted.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
    at.division.goOn();
    expect(at.other.wanted).toHaveLength(30);
    // And back to it when that one is lost too, and the first has come back.
    at.other.isReady = false;
    at.others.splice(0);
    at.division.lost(at.other.source.peer);
    at.main.isReady = true;
    at.division.attached();
    expect(at.main.wanted).toHaveLength(60);
  });

  test('are asked about a few times, then only now and then, when nobody has them', () => {
    at.want(3 * treeSeekFiles * maxVainTreeSeeks);
    at.main.isReady = false;
    at.main.problem = { code: 'closed' };
    at.division.lost(at.main.source.peer);
    for (let beat = 0; beat < 3 * maxVainTreeSeeks; beat++) {
      at.division.goOn();
      at.answer();
    }
    expect(at.asked).toHaveLength(maxVainTreeSeeks);
    at.clock.ms += seekEveryMs;
    at.division.goOn();
    expect(at.asked).toHaveLength(maxVainTreeSeeks + 1);
  });

  test('are taken over from a peer that has us wait in its queue, however few they are', () => {
    at.want(3);
    at.main.queuePosition = 4;
    at.division.goOn();
    at.answer(at.other.source);
    at.division.goOn();
    expect(at.main.dropped[0]?.files).toHaveLength(3);
  });

  test('leave alone who has nothing more to give', () => {
    at.want(filesRequestBytes / sizeBytes);
    at.main.queuePosition = 4;
    at.division.goOn();
    at.answer(at.other.source);
    at.division.goOn();
    for (const one of [...at.files.open]) at.files.done(one, '/out');
    at.division.dropped({
      ...{ type: 'dropped', from: at.main.source.peer, to: at.other.source.peer },
      ...{ files: [], outcome: { ok: true, value: [] } },
    });
    at.division.goOn();
    expect(at.others).toHaveLength(1);
    at.clock.ms += treeSupplyIdleMs;
    at.division.goOn();
    expect([at.others, at.other.wanted]).toEqual([[], []]);
  });
});
