import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../src/core/ids.ts';
import { maxForbiddenRequests, visitorRefusals } from '../../../src/core/limits/connections.ts';
import { Patience } from '../../../src/core/swarm/patience.ts';

const forbidden = { code: 'bad-request', message: 'There are no such pieces' } as const;
const missing = { code: 'not-shared', message: 'It is not shared' } as const;

test('a few requests for what is forbidden are put up with', () => {
  const patience = new Patience(0);
  for (let at = 0; at < maxForbiddenRequests; at++) expect(patience.refused(forbidden, 0)).toBeUndefined();
  expect(patience.refused(forbidden, 0)?.message).toMatch(/in vain: There are no such pieces/);
});

test('requests for what is not here are put up with at a pace', () => {
  const patience = new Patience(0);
  for (let at = 0; at < visitorRefusals.burst; at++) expect(patience.refused(missing, 0)).toBeUndefined();
  expect(patience.refused(missing, 0)).toMatchObject({ code: 'limit' });
  expect(patience.refused({ code: 'cancelled', message: '' }, 0)).toBeUndefined();
  expect(patience.refused(missing, 1_000)).toBeUndefined();
});

test('a content is refused that was sent over and over, and no other', () => {
  const patience = new Patience(0);
  patience.sent('a' as ContentId, 1e9);
  expect(patience.refusal('a' as ContentId, 1_000)).toMatchObject({ code: 'limit' });
  expect(patience.refusal('a' as ContentId, 1e9)).toBeUndefined();
  expect(patience.refusal('b' as ContentId, 1_000)).toBeUndefined();
});
