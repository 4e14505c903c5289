import { describe, expect, test } from '@jest/globals';
import { Admission } from '../../../src/actors/tracker/admission.ts';
import { Hosts } from '../../../src/actors/tracker/hosts.ts';
import { maxWaitingLookUps } from '../../../src/core/limits/tracker.ts';
import { Overload } from '../../../src/core/tracker/overload.ts';

const spec = (burst: number) => ({ perSecond: 1, burst });
const terms = (burst: number) => ({ searches: spec(burst), lookups: spec(burst), changes: spec(burst) });

class Rig {
  readonly hosts = new Hosts(terms(12));
  readonly identities = new Hosts(terms(8), (peer) => peer);
  readonly overload = new Overload(() => 0);
  readonly waiting = new SharedArrayBuffer(8);

  of(peer: string, host = '10.0.0.1'): Admission {
    return new Admission({
      host: this.hosts.enter(host, 0),
      identity: this.identities.enter(peer, 0),
      overload: this.overload,
      waiting: this.waiting,
    });
  }
}

const count = (ask: () => unknown): number => {
  let asked = 0;
  while (ask() === undefined) asked += 1;
  return asked;
};

describe('what a peer may ask', () => {
  test('is bounded by its identity, over all its connections and addresses, and by its address, over all identities', () => {
    const rig = new Rig();
    const [first, second] = [rig.of('alice'), rig.of('alice', '10.0.0.2')];
    expect(count(() => first.search('report', 0))).toBe(8);
    expect(second.search('report', 0)).toMatchObject({ problem: { code: 'limit' }, retryAfterMs: 1_000 });
    // Four are left to the address.
    expect(count(() => rig.of('bob').search('report', 0))).toBe(4);
    expect(count(() => rig.of('carol', '10.0.0.2').search('report', 0))).toBe(8);
  });

  test('says when there is enough for what was asked, and takes nothing before', () => {
    const rig = new Rig();
    const admission = rig.of('alice');
    expect(count(() => admission.search('re*', 0))).toBe(1);
    const refused = admission.search('re*', 0);
    expect(refused).toMatchObject({ problem: { code: 'limit' }, retryAfterMs: 2_000 });
    expect(admission.search('re*', 1_999)).toMatchObject({ retryAfterMs: 1 });
    expect(admission.search('re*', 2_000)).toBeUndefined();
  });

  test('asks for more where the sources of many contents are wanted', () => {
    const admission = new Rig().of('alice');
    expect(count(() => admission.lookUp(0, 64))).toBe(2);
    expect(admission.lookUp(0, 16)).toMatchObject({ problem: { code: 'limit' } });
  });

  test('tells searches, other questions and changes apart', () => {
    const admission = new Rig().of('alice');
    expect(count(() => admission.findName(0))).toBe(8);
    expect(count(() => admission.lookUp(0))).toBe(8);
    expect([admission.change(8, 0), admission.change(1, 0), admission.change(1, 1_000)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('shrinks from wide searches on as the emptiest queue fills, and changes go on', () => {
    const rig = new Rig();
    const admission = rig.of('alice');
    const waiting = new Int32Array(rig.waiting);
    const asks = () => [
      admission.search('re*', 60_000)?.problem.code,
      admission.search('report', 60_000)?.problem.code,
      admission.lookUp(60_000)?.problem.code,
    ];
    waiting[0] = maxWaitingLookUps;
    expect(asks()).toEqual([undefined, undefined, undefined]);
    waiting[1] = maxWaitingLookUps * 0.6;
    expect(asks()).toEqual(['busy', undefined, undefined]);
    waiting[1] = maxWaitingLookUps * 0.8;
    expect(asks()).toEqual(['busy', 'busy', undefined]);
    waiting[1] = maxWaitingLookUps;
    expect(asks()).toEqual(['busy', 'busy', 'busy']);
    expect(admission.change(1, 60_000)).toBe(true);
  });
});
