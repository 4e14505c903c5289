/** Where the answer to a question from another thread goes. */
import type { AskFailure } from '../actor.ts';
import { Reply } from '../ask.ts';

/** What a remote reply needs of its link. */
export interface Answering {
  answered(id: number, value: unknown): void;
  unanswered(id: number, why: AskFailure): void;
  /** Somebody answered a question that had settled. */
  late(value: unknown): void;
}

export class RemoteReply extends Reply<unknown> {
  readonly id: number;
  readonly link: Answering;

  constructor(link: Answering, id: number) {
    super();
    this.link = link;
    this.id = id;
  }

  reply(value: unknown): void {
    if (this.settle()) this.link.answered(this.id, value);
    else this.link.late(value);
  }

  fail(why: AskFailure): void {
    if (this.settle()) this.link.unanswered(this.id, why);
  }

  /** The asker has given up. */
  abandon(): void {
    this.settle();
  }
}
