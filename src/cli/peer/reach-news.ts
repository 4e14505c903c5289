/** Says whether others get through to our peer, when that is news: nothing as long as they do. */
import type { TrackerView } from '../../core/engine/engine-api.ts';
import { reachWords } from '../../core/tracker/reach-words.ts';
import type { Output } from '../output.ts';

export class ReachNews {
  #isReachable = true;

  receive({ reach }: TrackerView, output: Pick<Output, 'note'>): void {
    if (!reach || reach.isReachable === this.#isReachable) return;
    this.#isReachable = reach.isReachable;
    output.note(`${reachWords(reach)}.`);
  }
}
