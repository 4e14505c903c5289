/** Tests that need Redis: left out with a message where there is none, except on CI, which must have one. */
import { describe, test } from '@jest/globals';
import { hasRedis } from './redis-cluster.ts';

/** Describes tests that need Redis, or says why there are none. */
export async function describeWithRedis(name: string, body: () => void): Promise<void> {
  if (await hasRedis()) describe(name, body);
  else test.skip(`${name}: redis-server is not installed`, () => undefined);
}
