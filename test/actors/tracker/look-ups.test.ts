import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lookUp, type FoundPage } from '../../../src/actors/tracker/look-ups.ts';
import { Allowance } from '../../../src/core/tracker/allowance.ts';
import { peerId } from '../../../src/core/ids.ts';
import { suggestionTime } from '../../../src/core/limits/stores.ts';
import type { Result } from '../../../src/core/result.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { until } from '../../helpers/poll.ts';
import { sharedFiles } from '../../helpers/trackers.ts';

describe('a search that finds nothing', () => {
  const peer = peerId(new Uint8Array(32).fill(7));
  let store: MemoryStore;
  beforeEach(async () => {
    store = new MemoryStore();
    await store.attach({ peer, name: 'alice', host: '10.0.0.1', port: 99 }, 0);
    await store.apply(peer, { adds: sharedFiles(3), removes: [] });
  });
  afterEach(() => store.close());

  async function suggestionFor(query: string, suggesting: Allowance): Promise<string | undefined> {
    const page = await new Promise<Result<FoundPage>>((resolve) => {
      const replyTo = { reply: resolve };
      lookUp(
        store,
        { type: 'search', query, limit: 10, replyTo },
        (_to, work) => void work(() => true).then((answer) => resolve(answer as Result<FoundPage>)),
        suggesting,
      );
    });
    if (!page.ok) throw new Error(page.problem.message);
    expect(page.value.results).toEqual([]);
    return page.value.suggestion;
  }

  test('has something suggested while there is time for that, and costs none afterwards', async () => {
    const { burst } = suggestionTime;
    const suggesting = new Allowance({ burst, perSecond: 0 }, performance.now());
    // On a busy machine the time for one may be over before there is one.
    await until('a suggestion', async () => {
      const plenty = new Allowance({ burst, perSecond: 0 }, performance.now());
      return (await suggestionFor('reprot', plenty)) === 'report';
    });
    expect(suggesting.isFull(performance.now())).toBe(true);
    await suggestionFor('reprot', suggesting);
    expect(suggesting.isFull(performance.now())).toBe(false);
    suggesting.take(performance.now(), burst / 2);
    expect(await suggestionFor('reprot', suggesting)).toBeUndefined();
  });
});
