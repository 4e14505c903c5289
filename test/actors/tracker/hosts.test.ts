import { expect, test } from '@jest/globals';
import { Hosts } from '../../../src/actors/tracker/hosts.ts';

const one = { perSecond: 1, burst: 2 };
const spec = { searches: one, lookups: one, changes: one };

test('connections of one address share its allowance and are counted together', () => {
  const hosts = new Hosts(spec);
  const first = hosts.enter('10.0.0.1', 0);
  expect(hosts.enter('10.0.0.1', 0)).toBe(first);
  expect(hosts.enter('10.0.0.2', 0)).not.toBe(first);
  expect([hosts.connections('10.0.0.1'), hosts.connections('10.0.0.3')]).toEqual([2, 0]);
});

test('the addresses of one IPv6 network are one', () => {
  const hosts = new Hosts(spec);
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:db8:1:3::1', '2001:db8::1', '::1'])
    hosts.enter(address, 0);
  expect(hosts.size).toBe(4);
  expect(hosts.connections('2001:db8:1:2:ffff::')).toBe(2);
  expect(hosts.connections('fe80::1%eth0')).toBe(0);
});

test('an address is forgotten when it is gone and has nothing used up', () => {
  const hosts = new Hosts(spec);
  hosts.enter('10.0.0.1', 0);
  hosts.enter('10.0.0.2', 0).changes.take(0);
  hosts.leave('10.0.0.1', 0);
  hosts.leave('10.0.0.2', 0);
  expect(hosts.size).toBe(1);
  hosts.prune(500);
  expect(hosts.size).toBe(1);
  hosts.prune(1_000);
  expect(hosts.size).toBe(0);
});
