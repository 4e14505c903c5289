import { describe, expect, jest, test } from '@jest/globals';
import { Bitfield } from '../../../src/core/swarm/bitfield.ts';
import { PiecePicker, type Swarm } from '../../../src/core/swarm/piece-picker.ts';
import { countPieces, piecesOf } from '../../../src/core/swarm/piece-ranges.ts';
import * as fc from '../../helpers/properties.ts';

/** Bytes of a piece, of which sources deliver some a second. */
const pieceLength = 1;
const even: Swarm<string> = { speed: () => 1, pieceLength };

function fieldOf(length: number, pieces: Iterable<number>): Bitfield {
  const field = new Bitfield(length);
  for (const piece of pieces) field.set(piece);
  return field;
}

/** Numbers in [0, 1) that are the same every time. */
function numbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function take(picker: PiecePicker<string>, source: string, max: number): number[] {
  const acquired = picker.acquire(source, max);
  return acquired.kind === 'none' ? [] : [...piecesOf(acquired.ranges)];
}

describe('a piece picker', () => {
  test('gives a piece again that turned out wrong, and is not complete without it', () => {
    const picker = new PiecePicker(3, even, { have: fieldOf(3, [0, 1, 2]) });
    picker.join('a', 'everything');
    expect(picker.complete).toBe(true);
    picker.lost(1);
    picker.lost(1);
    expect([picker.complete, picker.progress.missing, picker.isUseful('a')]).toEqual([false, 1, true]);
    expect(take(picker, 'a', 3)).toEqual([1]);
    picker.verified(1, 'a');
    expect(picker.complete).toBe(true);
  });

  test('gives a piece again that turned out wrong, and is not complete without it', () => {
    const picker = new PiecePicker(3, even, { have: fieldOf(3, [0, 1, 2]) });
    picker.join('a', 'everything');
    expect(picker.complete).toBe(true);
    picker.lost(1);
    picker.lost(1);
    expect([picker.complete, picker.progress.missing, picker.isUseful('a')]).toEqual([false, 1, true]);
    expect(take(picker, 'a', 3)).toEqual([1]);
    picker.verified(1, 'a');
    expect(picker.complete).toBe(true);
  });

  test('gives long runs of neighbours where all pieces are equally rare, from a random place on', () => {
    const picker = new PiecePicker(1000, even, { random: () => 0.4004 });
    picker.join('a', 'everything');
    expect(picker.acquire('a', 100)).toEqual({ kind: 'reserved', ranges: [{ first: 400, count: 100 }] });
    expect(picker.acquire('a', 100)).toEqual({ kind: 'reserved', ranges: [{ first: 500, count: 100 }] });
  });

  test('gives a single source the whole content in few runs', () => {
    const picker = new PiecePicker(4096, even, { random: numbers() });
    picker.join('a', 'everything');
    let runs = 0;
    let last = -1;
    for (let taken = take(picker, 'a', 16); taken.length > 0; taken = take(picker, 'a', 16))
      for (const piece of taken) {
        if (piece !== last + 1) runs++;
        last = piece;
        picker.verified(piece, 'a');
      }
    expect(picker.complete).toBe(true);
    expect(runs).toBeLessThan(30);
  });

  test('gives short runs from anywhere, also when asked piece by piece, so that no two fetch the same in one order', () => {
    const next = (picker: PiecePicker<string>, run: number): number => {
      const acquired = picker.acquire('a', 1, run);
      return acquired.kind === 'reserved' ? (acquired.ranges[0]?.first ?? -1) : -1;
    };
    for (const run of [1, 4]) {
      const picker = new PiecePicker(1000, even, { random: numbers() });
      picker.join('a', 'everything');
      const pieces = Array.from({ length: 80 }, () => next(picker, run));
      const begun = pieces.filter((piece, at) => piece !== (pieces[at - 1] ?? -1) + 1);
      expect(begun.length).toBeGreaterThan((0.8 * pieces.length) / run);
      expect(begun.length).toBeLessThan((1.2 * pieces.length) / run);
      expect(begun.every((piece) => piece % run === 0)).toBe(true);
    }
  });

  test('gives the rarest pieces first', () => {
    const picker = new PiecePicker(6, even, { random: () => 0 });
    picker.join('all', 'everything');
    picker.join('some', fieldOf(6, [0, 1, 2, 3]));
    picker.join('few', fieldOf(6, [0, 1]));
    expect(take(picker, 'all', 4)).toEqual([4, 5, 2, 3]);
    expect(take(picker, 'few', 9)).toEqual([0, 1]);
  });

  test('follows what sources gain', () => {
    const picker = new PiecePicker(4, even, { random: () => 0 });
    picker.join('all', 'everything');
    picker.join('new', fieldOf(4, []));
    expect(take(picker, 'new', 9)).toEqual([]);
    picker.gained('new', 2);
    expect([0, 1, 2, 3].map((piece) => picker.availability(piece))).toEqual([1, 1, 2, 1]);
    expect(picker.copies).toBe(1.25);
    expect(take(picker, 'new', 9)).toEqual([2]);
  });

  test('gives the lowest pieces first when told to, and goes back to the rarest', () => {
    const picker = new PiecePicker(9, even, { random: () => 0.99 });
    picker.join('a', 'everything');
    picker.order = 'sequential';
    expect(take(picker, 'a', 3)).toEqual([0, 1, 2]);
    picker.order = 'rarest';
    expect(take(picker, 'a', 1)).toEqual([3]);
    picker.leave('a');
    picker.join('a', 'everything');
    expect(take(picker, 'a', 1)).toEqual([8]);
  });

  test('gives nothing to a source that has not joined or has left', () => {
    const picker = new PiecePicker(2, even);
    expect(picker.acquire('a', 1).kind).toBe('none');
    picker.join('a', 'everything');
    picker.leave('a');
    expect(picker.acquire('a', 1).kind).toBe('none');
    expect(picker.copies).toBe(0);
  });

  test('takes back what a leaving source had reserved', () => {
    const picker = new PiecePicker(4, even, { random: () => 0 });
    picker.join('a', 'everything');
    picker.join('b', 'everything');
    take(picker, 'a', 3);
    picker.verified(0, 'a');
    picker.leave('a');
    expect(take(picker, 'b', 9)).toEqual([1, 2, 3]);
  });

  test('gives a spoiled piece to another source while there is one, and to the same one when there is none', () => {
    const picker = new PiecePicker(1, even);
    picker.join('a', 'everything');
    picker.join('b', 'everything');
    take(picker, 'a', 1);
    picker.spoiled(0, 'a');
    expect(take(picker, 'a', 1)).toEqual([]);
    picker.leave('b');
    expect(take(picker, 'a', 1)).toEqual([0]);
  });

  test('lets an idle source take over the end of a slow backlog, as far as it is done sooner', () => {
    const picker = new PiecePicker<string>(
      8,
      { speed: (source) => (source === 'fast' ? 3 : 1), pieceLength },
      { random: () => 0 },
    );
    picker.join('slow', 'everything');
    picker.join('fast', 'everything');
    take(picker, 'slow', 8);
    expect(picker.acquire('fast', 99)).toEqual({
      kind: 'stolen',
      ranges: [{ first: 2, count: 6 }],
      from: 'slow',
    });
    expect(picker.backlog('slow')).toBe(2);
    expect(picker.acquire('slow', 99).kind).toBe('none');
  });

  test('lets it take over only what it has', () => {
    const picker = new PiecePicker<string>(
      8,
      { speed: (source) => (source === 'fast' ? 90 : 1), pieceLength },
      { random: () => 0 },
    );
    picker.join('slow', 'everything');
    picker.join('fast', fieldOf(8, []));
    take(picker, 'slow', 8);
    expect(picker.acquire('fast', 99).kind).toBe('none');
    for (const piece of [2, 5]) picker.gained('fast', piece);
    expect(picker.acquire('fast', 99)).toMatchObject({
      kind: 'stolen',
      ranges: [
        { first: 2, count: 1 },
        { first: 5, count: 1 },
      ],
    });
  });

  test('takes everything from a source that stands still', () => {
    const picker = new PiecePicker<string>(
      3,
      { speed: (source) => (source === 'a' ? 0 : 5), pieceLength },
      { random: () => 0 },
    );
    picker.join('a', 'everything');
    picker.join('b', 'everything');
    take(picker, 'a', 3);
    expect(picker.acquire('b', 9)).toMatchObject({ kind: 'stolen', ranges: [{ first: 0, count: 3 }] });
    expect(picker.acquire('a', 9).kind).toBe('none');
  });

  test('lets one much faster source, and no more, race for the piece that comes next', () => {
    const picker = new PiecePicker<string>(1, {
      speed: (source) => (source === 'slow' ? 1 : 3),
      pieceLength,
    });
    for (const source of ['slow', 'fast', 'late']) picker.join(source, 'everything');
    take(picker, 'slow', 1);
    expect(picker.acquire('fast', 9)).toEqual({ kind: 'raced', ranges: [{ first: 0, count: 1 }] });
    expect(picker.acquire('late', 9).kind).toBe('none');
    expect(picker.verified(0, 'fast')).toEqual(['slow']);
    expect([picker.backlog('slow'), picker.backlog('fast')]).toEqual([0, 0]);
  });

  test('leaves a piece to its racer when its owner goes', () => {
    const picker = new PiecePicker<string>(1, {
      speed: (source) => (source === 'slow' ? 1 : 3),
      pieceLength,
    });
    for (const source of ['slow', 'fast']) picker.join(source, 'everything');
    take(picker, 'slow', 1);
    take(picker, 'fast', 1);
    picker.leave('slow');
    expect(picker.progress).toEqual({ missing: 0, reserved: 1, verified: 0 });
    expect(picker.verified(0, 'fast')).toEqual([]);
  });

  test('says who else was to deliver a piece that came', () => {
    const picker = new PiecePicker(2, even);
    picker.join('a', 'everything');
    picker.join('b', 'everything');
    take(picker, 'a', 2);
    expect(picker.verified(0, 'a')).toEqual([]);
    expect(picker.verified(1, 'b')).toEqual(['a']);
    expect(picker.verified(1, 'b')).toEqual([]);
    expect(picker.complete).toBe(true);
  });

  test('takes back what another has by now from one that has rarer pieces to deliver, but not its next', () => {
    const picker = new PiecePicker(6, even, { random: () => 0 });
    picker.join('all', 'everything');
    picker.join('new', fieldOf(6, []));
    expect(take(picker, 'all', 3)).toEqual([0, 1, 2]);
    expect(picker.gained('new', 2)).toBe('all');
    expect(picker.gained('new', 0)).toBeUndefined();
    expect(take(picker, 'new', 9)).toEqual([2]);
    expect(take(picker, 'all', 9)).toEqual([3, 4, 5]);
    expect(picker.gained('new', 5)).toBeUndefined();
  });

  test('gives a piece again that became more frequent while it was reserved', () => {
    const picker = new PiecePicker(1, even);
    picker.join('all', 'everything');
    take(picker, 'all', 1);
    for (const source of ['b', 'c', 'd']) picker.join(source, fieldOf(1, [0]));
    picker.leave('all');
    expect(take(picker, 'd', 1)).toEqual([0]);
  });

  test('knows who has something that is still wanted', () => {
    const picker = new PiecePicker(3, even, { have: fieldOf(3, [0]) });
    picker.join('useful', fieldOf(3, [0, 1]));
    picker.join('useless', fieldOf(3, [0]));
    expect([picker.isUseful('useful'), picker.isUseful('useless')]).toEqual([true, false]);
    picker.verified(1, 'useful');
    expect(picker.isUseful('useful')).toBe(false);
  });

  test('is complete from the start when there is nothing to get', () => {
    expect(new PiecePicker(0, even).complete).toBe(true);
  });

  test('is quick with the largest content and many sources', () => {
    const pieces = 65_536;
    const picker = new PiecePicker<number>(pieces, { speed: () => 1, pieceLength }, { random: numbers() });
    const claims = Array.from({ length: 50 }, (_, source) => {
      const random = numbers(source + 1);
      return fieldOf(
        pieces,
        Array.from({ length: pieces }, (__, at) => at).filter(() => random() < 0.3),
      );
    });
    for (const [source, claim] of claims.entries()) picker.join(source, claim);
    const looks = jest.spyOn(Bitfield.prototype, 'firstHad');
    let given = 0;
    for (let round = 0; round < 100; round++)
      for (let source = 0; source < 50; source++)
        for (const piece of piecesOf(rangesOf(picker.acquire(source, 8)))) {
          given++;
          picker.verified(piece, source);
        }
    const looked = looks.mock.calls.length;
    looks.mockRestore();
    expect(given).toBe(40_000);
    // A few looks for each piece given, whatever the number of pieces and sources.
    expect(looked).toBeLessThan(10 * given);
  });
});

const rangesOf = (acquired: ReturnType<PiecePicker<number>['acquire']>) =>
  acquired.kind === 'none' ? [] : acquired.ranges;

/** The same, with lists and scans: what each piece is, who claims it, and what may be given to whom. */
class Model {
  readonly claims = new Map<string, Set<number>>();
  readonly owner = new Map<number, string>();
  readonly racer = new Map<number, string>();
  readonly verified = new Set<number>();
  readonly spoiledBy = new Map<number, string>();
  readonly pieces: number;

  constructor(pieces: number) {
    this.pieces = pieces;
  }

  availability(piece: number): number {
    return [...this.claims.values()].filter((claim) => claim.has(piece)).length;
  }

  mayGive(source: string, piece: number): boolean {
    const isOnlyOne = this.availability(piece) <= 1;
    return !!this.claims.get(source)?.has(piece) && (this.spoiledBy.get(piece) !== source || isOnlyOne);
  }

  /** What the source may be given, the rarest first. */
  missingFor(source: string): number[] {
    return Array.from({ length: this.pieces }, (_, piece) => piece)
      .filter((piece) => !this.verified.has(piece) && !this.owner.has(piece) && this.mayGive(source, piece))
      .toSorted((a, b) => this.availability(a) - this.availability(b));
  }

  /** Whether the source has a missing piece that fewer have. */
  hasRarer(source: string, piece: number): boolean {
    return [...(this.claims.get(source) ?? [])].some(
      (other) =>
        !this.verified.has(other) &&
        !this.owner.has(other) &&
        this.availability(other) < this.availability(piece),
    );
  }

  backlog(source: string): number {
    return [...this.owner.values(), ...this.racer.values()].filter((held) => held === source).length;
  }

  returned(piece: number, from: string): void {
    const racer = this.racer.get(piece);
    if (racer === from) this.racer.delete(piece);
    else if (this.owner.get(piece) === from) {
      this.racer.delete(piece);
      if (racer === undefined) this.owner.delete(piece);
      else this.owner.set(piece, racer);
    }
  }

  giveBack(source: string): void {
    for (let piece = 0; piece < this.pieces; piece++) this.returned(piece, source);
  }
}

describe('beside a naive model', () => {
  const pieces = 12;
  const source = fc.constantFrom('a', 'b', 'c', 'd');
  const piece = fc.nat(pieces - 1);
  const claim = fc.option(fc.uniqueArray(piece), { nil: undefined });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), source, claim }),
    fc.record({ kind: fc.constantFrom('leave' as const, 'giveBack' as const), source }),
    fc.record({ kind: fc.constant('acquire' as const), source, max: fc.nat(6) }),
    fc.record({ kind: fc.constant('order' as const), order: fc.constantFrom('rarest', 'sequential') }),
    fc.record({
      kind: fc.constantFrom('gained' as const, 'verified' as const, 'spoiled' as const, 'returned' as const),
      source,
      piece,
    }),
  );

  test('keeps every piece in exactly one state, and gives the rarest that may be given', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100 }),
        fc.array(fc.nat(9)),
        fc.nat(),
        (steps, speeds, seed) => {
          const speed = (name: string): number => speeds[name.charCodeAt(0) % (speeds.length || 1)] ?? 1;
          const picker = new PiecePicker<string>(pieces, { speed, pieceLength }, { random: numbers(seed) });
          const model = new Model(pieces);
          for (const done of steps) {
            switch (done.kind) {
              case 'join':
                picker.join(done.source, done.claim ? fieldOf(pieces, done.claim) : 'everything');
                model.claims.set(done.source, new Set(done.claim ?? Array(pieces).keys()));
                break;
              case 'leave':
                picker.leave(done.source);
                model.giveBack(done.source);
                model.claims.delete(done.source);
                break;
              case 'giveBack':
                picker.giveBack(done.source);
                model.giveBack(done.source);
                break;
              case 'gained': {
                const left = picker.gained(done.source, done.piece);
                model.claims.get(done.source)?.add(done.piece);
                if (left === undefined) break;
                expect(model.owner.get(done.piece)).toBe(left);
                expect(model.racer.has(done.piece)).toBe(false);
                model.owner.delete(done.piece);
                expect(model.hasRarer(left, done.piece)).toBe(true);
                break;
              }
              case 'order':
                picker.order = done.order as 'rarest' | 'sequential';
                break;
              case 'acquire':
                acquire(picker, model, speed, done.source, done.max);
                break;
              case 'verified': {
                const [owner, racer] = [model.owner.get(done.piece), model.racer.get(done.piece)];
                const others = [owner, racer].filter((other) => other !== undefined && other !== done.source);
                expect(picker.verified(done.piece, done.source)).toEqual(others);
                model.verified.add(done.piece);
                model.owner.delete(done.piece);
                model.racer.delete(done.piece);
                model.spoiledBy.delete(done.piece);
                break;
              }
              case 'spoiled':
                picker.spoiled(done.piece, done.source);
                if (!model.verified.has(done.piece)) model.spoiledBy.set(done.piece, done.source);
                model.returned(done.piece, done.source);
                break;
              case 'returned':
                picker.returned(done.piece, done.source);
                model.returned(done.piece, done.source);
                break;
            }
            agree(picker, model);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  function acquire(
    picker: PiecePicker<string>,
    model: Model,
    speed: (source: string) => number,
    by: string,
    max: number,
  ): void {
    const missing = model.missingFor(by);
    const had = model.backlog(by);
    const acquired = picker.acquire(by, max);
    if (acquired.kind === 'none') {
      expect(max === 0 || missing.length === 0).toBe(true);
      return;
    }
    const given = [...piecesOf(acquired.ranges)];
    expect(countPieces(acquired.ranges)).toBeLessThanOrEqual(max);
    expect(given.every((one) => model.mayGive(by, one) && !model.verified.has(one))).toBe(true);
    switch (acquired.kind) {
      case 'reserved':
        expect(given.every((one) => !model.owner.has(one))).toBe(true);
        expect(given).toHaveLength(Math.min(max, missing.length));
        if (picker.order === 'sequential')
          expect(given).toEqual(missing.toSorted((a, b) => a - b).slice(0, given.length));
        else
          expect(given.map((one) => model.availability(one))).toEqual(
            missing.slice(0, given.length).map((one) => model.availability(one)),
          );
        break;
      case 'stolen':
        expect([missing.length, had]).toEqual([0, 0]);
        expect(given.every((one) => model.owner.get(one) === acquired.from && acquired.from !== by)).toBe(
          true,
        );
        expect(given.some((one) => model.racer.has(one) && speed(acquired.from) > 0)).toBe(false);
        break;
      case 'raced':
        expect([missing.length, had, given.length]).toEqual([0, 0, 1]);
        expect(given.every((one) => model.owner.has(one) && model.owner.get(one) !== by)).toBe(true);
        expect(given.some((one) => model.racer.has(one))).toBe(false);
        for (const one of given) model.racer.set(one, by);
        return;
    }
    for (const one of given) model.owner.set(one, by);
  }

  function agree(picker: PiecePicker<string>, model: Model): void {
    expect(picker.progress).toEqual({
      missing: pieces - model.verified.size - model.owner.size,
      reserved: model.owner.size,
      verified: model.verified.size,
    });
    const counts = Array.from({ length: pieces }, (_, at) => model.availability(at));
    expect(counts.map((_, at) => picker.availability(at))).toEqual(counts);
    const least = Math.min(...counts);
    expect(picker.copies).toBeCloseTo(least + counts.filter((count) => count > least).length / pieces);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(picker.backlog(name)).toBe(model.backlog(name));
      const claimed = [...(model.claims.get(name) ?? [])];
      expect(picker.isUseful(name)).toBe(claimed.some((one) => !model.verified.has(one)));
    }
  }
});
