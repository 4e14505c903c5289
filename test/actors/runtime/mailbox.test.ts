import { describe, expect, test } from '@jest/globals';
import { Delivery } from '../../../src/actors/runtime/envelope.ts';
import { Mailbox } from '../../../src/actors/runtime/mailbox.ts';
import * as fc from '../../helpers/properties.ts';

describe('a mailbox', () => {
  test('behaves as an array would, whatever is done to it', () => {
    const step = fc.oneof(
      fc.constant('take' as const),
      fc.constant('drop' as const),
      fc.array(fc.integer(), { maxLength: 40 }).map((values) => ({ putBack: values })),
      fc.array(fc.integer(), { maxLength: 40 }).map((values) => ({ add: values })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const mailbox = new Mailbox(1_000_000, 'reject');
        const model: unknown[] = [];
        for (const it of steps) {
          if (it === 'take') {
            if (model.length > 0) expect(mailbox.take()).toBe(model.shift());
          } else if (it === 'drop') {
            if (model.length > 0) expect(mailbox.dropOldest()).toBe(model.shift());
          } else if ('add' in it) {
            for (const value of it.add) mailbox.force(value);
            model.push(...it.add);
          } else {
            mailbox.putBack(it.putBack);
            model.unshift(...it.putBack);
          }
          expect(mailbox.size).toBe(model.length);
        }
        expect(Array.from(model, () => mailbox.take())).toEqual(model);
      }),
    );
  });

  test('never drops what the actor has under way, and keeps the order of the rest', () => {
    const mailbox = new Mailbox(4, 'drop-oldest');
    const opener = { took() {} };
    const [first, second] = [new Delivery(opener, () => 1), new Delivery(opener, () => 2)];
    for (const entry of [first, second, 'a', 'b']) mailbox.force(entry);
    expect(mailbox.dropOldest()).toBe('a');
    expect([mailbox.take(), mailbox.take(), mailbox.take()]).toEqual([first, second, 'b']);
  });

  test('holds at least one message', () => {
    expect(() => new Mailbox(0, 'reject')).toThrow(RangeError);
  });
});
