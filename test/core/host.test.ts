import { expect, test } from '@jest/globals';
import {
  hostPort,
  isLoopbackHost,
  isPrivateHost,
  neighbourhoodOf,
  networkOf,
  plainHost,
} from '../../src/core/host.ts';

test.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['fe80::1', 'fe80::1'],
  ['::ffff:abcd', '::ffff:abcd'],
])('%s is shown as %s', (address, shown) => {
  expect(plainHost(address)).toBe(shown);
});

test('an IPv6 host gets brackets before its port', () => {
  expect(hostPort({ host: '::1', port: 5000 })).toBe('[::1]:5000');
  expect(hostPort({ host: '127.0.0.1', port: 5000 })).toBe('127.0.0.1:5000');
});

test.each([
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.31.255.1', true],
  ['172.32.0.1', false],
  ['192.168.0.9', true],
  ['::ffff:192.168.0.9', true],
  ['169.254.1.1', true],
  ['fd12:3456::1', true],
  ['fe80::1%eth0', true],
  ['127.0.0.1', false],
  ['::1', false],
  ['203.0.113.9', false],
  ['2001:db8::1', false],
  ['100.64.0.1', false],
])('%s is of a private network: %s', (address, expected) => {
  expect(isPrivateHost(address)).toBe(expected);
});

test.each([
  ['203.0.113.9', '203.0.113.10', false],
  ['2001:db8::1', '2001:db8::2', true],
  ['2001:db8::1', '2001:db8:0:0:ffff::2', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['fd12::1', 'fd12::2', false],
  ['fe80::1%eth0', 'fe80::2%eth0', false],
])('%s and %s are of one customer: %s', (a, b, expected) => {
  expect(networkOf(a) === networkOf(b)).toBe(expected);
});

test.each([
  ['203.0.113.9', '203.0.113.200', true],
  ['203.0.113.9', '203.0.114.9', false],
  ['::ffff:203.0.113.9', '203.0.113.1', true],
  ['2001:db8:1:2::1', '2001:db8:1:ffff::9', true],
  ['2001:db8:1::1', '2001:db8:2::1', false],
  ['2001::1', '2001:0:0:5::1', true],
])('%s and %s are of one provider: %s', (a, b, expected) => {
  expect(neighbourhoodOf(a) === neighbourhoodOf(b)).toBe(expected);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::ffff:127.0.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['128.0.0.1', false],
  ['127.example.org', false],
  ['::2', false],
])('that %s is this machine: %s', (address, isHere) => {
  expect(isLoopbackHost(address)).toBe(isHere);
});
