import { expect, test } from '@jest/globals';
import { hostPort, plainHost } from '../../src/core/host.ts';

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
