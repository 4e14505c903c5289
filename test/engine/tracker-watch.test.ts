import { expect, test } from '@jest/globals';
import { overloadCalmLooks, unwritableCalmLooks } from '../../src/core/limits/operations.ts';
import { TrackerCounters } from '../../src/core/tracker/tracker-counters.ts';
import { TrackerWatch } from '../../src/engine/tracker-watch.ts';

function scene() {
  const counters = new TrackerCounters(['tracker', 'listener-0']);
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_details: object, text: string): void =>
      void lines.push(`${level}: ${text}`);
  const watch = new TrackerWatch(counters, { info: write('info'), warn: write('warn') } as never);
  return { counters, lines, look: () => watch.look() };
}

test('a state is told of when it begins and when it ends, and not while it lasts', () => {
  const { counters, lines, look } = scene();
  look();
  counters.of('tracker').set('isFrozen', 1);
  for (let at = 0; at < 5; at++) look();
  counters.of('tracker').set('isFrozen', 0);
  for (let at = 0; at < 5; at++) look();
  expect(lines).toEqual([
    'warn: most peers have fallen silent at once: none is taken out before it is clear why',
    'info: peers are heard again: who is silent is taken out again',
  ]);
});

test('it is overload while some are told that the tracker is busy, and for some looks more', () => {
  const { counters, lines, look } = scene();
  look();
  expect(counters.gauge('isOverloaded')).toBe(0);
  counters.of('listener-0').addTo('refusals', 'busy');
  look();
  expect(counters.gauge('isOverloaded')).toBe(1);
  for (let at = 1; at < overloadCalmLooks; at++) look();
  counters.of('listener-0').addTo('refusals', 'busy', 100);
  for (let at = 0; at < overloadCalmLooks; at++) look();
  expect([counters.gauge('isOverloaded'), lines.length]).toEqual([1, 1]);
  look();
  expect(counters.gauge('isOverloaded')).toBe(0);
  expect(lines.map((line) => line.split(':')[0])).toEqual(['warn', 'info']);
});

test.each(['disk-full', 'io'] as const)(
  'a disk that refuses changes (%s) is told of once, and when it is over',
  (code) => {
    const { counters, lines, look } = scene();
    look();
    counters.of('listener-0').addTo('refusals', code);
    look();
    for (let at = 1; at < unwritableCalmLooks; at++) look();
    expect([counters.gauge('isUnwritable'), counters.gauge('isOverloaded')]).toEqual([1, 0]);
    expect(lines).toEqual([expect.stringMatching(/^warn: .*disk is full or fails/)]);
    look();
    expect(counters.gauge('isUnwritable')).toBe(0);
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^info: .*disk/)]);
  },
);

test('a server of the catalogue that is lost is told of, even if it is back before anybody looks', () => {
  const { counters, lines, look } = scene();
  counters.of('listener-0').set('isServerLost', 1);
  look();
  look();
  counters.of('listener-0').set('isServerLost', 0);
  look();
  expect(lines.map((line) => line.slice(0, 28))).toEqual([
    'warn: a server of the catalo',
    'info: all parts of the catal',
  ]);
  counters.of('listener-0').add('serversLost');
  look();
  look();
  expect(lines.length).toBe(4);
});
