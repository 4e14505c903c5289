/**
 * What a listener has to tell the directory, collected over a turn of its event loop. Invariant: news goes in order,
 * and none is lost while the directory has no room for it: it waits here, at most three for each connection.
 */
import type { ActorRef } from '../runtime/index.ts';
import type { DirectoryCommand, News } from './directory.ts';
import type { Ticket } from './roster.ts';

export class NewsDesk {
  readonly #directory: ActorRef<DirectoryCommand>;
  readonly #later: () => void;
  #news: News[] = [];
  #isArmed = false;

  /** `later` is to call `flush` after a moment. */
  constructor(directory: ActorRef<DirectoryCommand>, later: () => void) {
    this.#directory = directory;
    this.#later = later;
  }

  add(what: News[0], { slot, session }: Pick<Ticket, 'slot' | 'session'>): void {
    this.#news.push([what, slot, session]);
    if (this.#isArmed) return;
    this.#isArmed = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#isArmed = true;
    if (this.#directory.offer({ type: 'news', news: this.#news })) {
      this.#news = [];
      this.#isArmed = false;
    } else this.#later();
  }
}
