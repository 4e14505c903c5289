import { BlockList, isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { NetworkSet, parseIp, parseNetwork } from '../../src/core/network.ts';
import * as fc from '../helpers/properties.ts';

const set = (...texts: string[]): NetworkSet =>
  new NetworkSet(
    texts.map((text) => {
      const network = parseNetwork(text);
      if (network === undefined) throw new Error(`${text} is no network`);
      return network;
    }),
  );

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 32, 0n],
    ['192.0.2.1', 32, 0xc000_0201n],
    ['::', 128, 0n],
    ['::1', 128, 1n],
    ['2001:db8::5:0:1', 128, 0x2001_0db8_0000_0000_0000_0005_0000_0001n],
    ['1:2:3:4:5:6:7:8', 128, 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ['1:2:3:4:5:6:7::', 128, 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ['fe80::1%eth0', 128, 0xfe80_0000_0000_0000_0000_0000_0000_0001n],
    ['::ffff:192.0.2.1', 32, 0xc000_0201n],
    ['::FFFF:c000:201', 32, 0xc000_0201n],
    ['64:ff9b::192.0.2.1', 128, 0x0064_ff9b_0000_0000_0000_0000_c000_0201n],
  ] as const)('%s is read', (text, bits, value) => {
    expect(parseIp(text)).toEqual({ bits, value });
  });

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
  ])('%j is none', (text) => expect(parseIp(text)).toBeUndefined());
  test.each(['1:2:3:4:5:6:7::8:9', '12345::', 'g::', '1.2.3.4::', '::1.2.3', 'example.org', '1:2:3:4:5:6:7'])(
    '%j is none either',
    (text) => expect(parseIp(text)).toBeUndefined(),
  );

  test('are those that the system takes for addresses', () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/));
    fc.assert(
      fc.property(text, (any) => expect(parseIp(any) !== undefined).toBe(isIP(any) !== 0)),
      {
        numRuns: 2_000,
      },
    );
  });
});

describe('networks', () => {
  test.each([
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/-1',
    '::/129',
    '1.2.3.4/8/8',
    '::ffff:1.2.3.4/95',
    '/8',
    'a/8',
  ])('%j is none', (text) => expect(parseNetwork(text)).toBeUndefined());

  test('of IPv4 do not hold addresses of IPv6, nor the other way, but mapped ones are IPv4', () => {
    const all4 = set('0.0.0.0/0');
    const all6 = set('::/0');
    const mapped = set('::ffff:192.0.2.0/120');
    expect([all4.has('192.0.2.1'), all4.has('::ffff:192.0.2.1'), all4.has('2001:db8::1')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([all6.has('192.0.2.1'), all6.has('::ffff:192.0.2.1'), all6.has('2001:db8::1')]).toEqual([
      false,
      false,
      true,
    ]);
    expect([mapped.has('192.0.2.200'), mapped.has('192.0.3.1')]).toEqual([true, false]);
  });

  test('that there are none of hold nobody, and what is no address is in none', () => {
    expect([set().has('192.0.2.1'), set('0.0.0.0/0').has(''), set('::/0').has('host')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('hold what the system says that they hold', () => {
    const networks = fc.array(
      fc.oneof(
        fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
        fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
      ),
      { maxLength: 5 },
    );
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    // The system takes all IPv4 addresses for mapped ones, we take those that are mapped for IPv4.
    const plain = (text: string): boolean => parseIp(text)?.bits === (isIP(text) === 4 ? 32 : 128);
    fc.assert(
      fc.property(networks, address, (all, one) => {
        fc.pre(plain(one) && all.every(([front]) => plain(front) && isIP(front) === isIP(one)));
        const theirs = new BlockList();
        for (const [front, prefix] of all)
          theirs.addSubnet(front, prefix, isIP(front) === 4 ? 'ipv4' : 'ipv6');
        const ours = set(...all.map(([front, prefix]) => `${front}/${prefix}`));
        expect(ours.has(one)).toBe(theirs.check(one, isIP(one) === 4 ? 'ipv4' : 'ipv6'));
      }),
      { numRuns: 2_000 },
    );
  });
});
