import { describe, expect, test } from '@jest/globals';
import { TrackerCatalogues } from '../../../../src/actors/peer/trackers/tracker-catalogues.ts';
import { TrackerChoices } from '../../../../src/actors/peer/trackers/tracker-choices.ts';
import { hostPort } from '../../../../src/core/host.ts';
import type { PeerId } from '../../../../src/core/ids.ts';

const own = 'a'.repeat(52) as PeerId;
const at = (port: number) => ({ host: '10.0.0.1', port });
const told = (port: number) => ({ ...at(port), id: `${'b'.repeat(51)}${'cdefg'[port]}` as PeerId });

describe('which tracker is dialled', () => {
  test('each once in a round, with the key that was told, and then from the beginning', () => {
    const catalogue = { named: [at(0)] as const, neighbours: [told(1), told(2)] };
    const choices = new TrackerChoices({ own, catalogue, isNamedFirst: false });
    const dialled: (number | undefined)[] = [];
    for (let dial = 0; dial < 3; dial++) {
      const choice = choices.next();
      dialled.push(choice?.port);
      expect(choice?.id).toBe(choice?.port === 0 ? undefined : told(choice?.port ?? 0).id);
      expect(choices.failed(choice ?? at(0))).toBe(dial < 2);
    }
    expect(dialled.toSorted((a = 0, b = 0) => a - b)).toEqual([0, 1, 2]);
    expect(choices.next()?.port).toBe(dialled[0]);
  });

  test('not first the one that was just lost', () => {
    const catalogue = { named: [at(0)] as const, neighbours: [told(1), told(2)] };
    const choices = new TrackerChoices({ own, catalogue, isNamedFirst: false });
    for (let loss = 0; loss < 10; loss++) {
      const lost = choices.next() ?? at(0);
      expect(choices.left(lost)).toBe(true);
      expect(choices.next()?.port).not.toBe(lost.port);
    }
  });

  test('the named one first by who is there for a moment only', () => {
    for (let peer = 0; peer < 20; peer++) {
      const catalogue = { named: [at(0)] as const, neighbours: [told(1), told(2), told(3)] };
      const choices = new TrackerChoices({
        own: `${peer}`.padEnd(52, 'a') as PeerId,
        catalogue,
        isNamedFirst: true,
      });
      expect(choices.next()).toEqual(at(0));
    }
  });

  test('the only one, for ever', () => {
    const catalogue = { named: [at(0)] as const, neighbours: [] };
    const choices = new TrackerChoices({ own, catalogue, isNamedFirst: false });
    expect(choices.left(at(0))).toBe(false);
    expect([choices.next(), choices.failed(at(0)), choices.next()]).toEqual([at(0), false, at(0)]);
  });
});

describe('named trackers', () => {
  const named = (catalogues: TrackerCatalogues): number[][] =>
    catalogues.all.map((each) => each.named.map(({ port }) => port));

  test('are of one catalogue where each told of the other before', () => {
    const known = new Map([
      [hostPort(at(2)), [told(0)]],
      [hostPort(at(0)), [told(1), told(2)]],
    ]);
    expect(named(new TrackerCatalogues([at(0), at(1), at(2)], known))).toEqual([[0, 2], [1]]);
  });

  test('come to be of one as each tells of the other, by its address or by its key', () => {
    const catalogues = new TrackerCatalogues([at(0), at(1), at(2), at(3)], new Map());
    const [first] = catalogues.all;
    if (first === undefined) throw new Error('Expected a catalogue');
    const idAt = ({ port }: { port: number }): PeerId | undefined => (port === 2 ? told(4).id : undefined);
    expect(catalogues.learn(first, [told(1), told(4), told(3)], idAt)).toEqual([]);
    for (const other of catalogues.all.slice(1, 3)) other.neighbours = [told(0)];
    const same = catalogues.learn(first, [told(1), told(4), told(3)], idAt);
    expect(same.map((each) => each.named[0].port)).toEqual([1, 2]);
    expect(named(catalogues)).toEqual([[0, 1, 2], [3]]);
    expect(catalogues.learn(first, [told(1), told(4)], idAt)).toEqual([]);
    expect(catalogues.of(at(1))).toBeUndefined();
  });
});
