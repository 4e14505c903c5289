/**
 * Who wants to hear of new sources of which content. Invariant: who has ended is forgotten at the next news for it.
 */
import type { ContentId } from '../../../core/ids.ts';
import type { ActorRef } from '../../runtime/index.ts';
import type { SwarmNews } from './trackers-messages.ts';

type Follower = ActorRef<SwarmNews>;

export class Followers {
  readonly #followers = new Map<ContentId, Set<Follower>>();

  add(id: ContentId, follower: Follower): void {
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers.add(follower));
  }

  /** Whether it was the last one of this content. */
  remove(id: ContentId, follower: Follower): boolean {
    const followers = this.#followers.get(id);
    if (!followers?.delete(follower)) return false;
    if (followers.size > 0) return false;
    this.#followers.delete(id);
    return true;
  }

  tell(id: ContentId, news: SwarmNews): void {
    for (const follower of this.#followers.get(id) ?? [])
      if (!follower.offer(news)) this.remove(id, follower);
  }

  tellAll(news: SwarmNews): void {
    for (const id of this.#followers.keys()) this.tell(id, news);
  }
}
