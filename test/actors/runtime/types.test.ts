/** Misuse that must not compile: `tsc` fails when one of these lines would. Nothing here is run. */
import { expect, test } from '@jest/globals';
import {
  actor,
  type ActorContext,
  type ActorRef,
  type ActorSystem,
  type AnyRef,
  type Asking,
  type Outcome,
  type AskFailure,
} from '../../../src/actors/runtime/index.ts';

type Command = { type: 'open'; path: string } | ({ type: 'size'; of: readonly string[] } & Asking<number>);
type Message = Command | { type: 'opened' } | ({ type: 'name' } & Asking<string>);

const doorActor = actor<Message, { width: number }>('door', () => ({ receive() {} }));

function misuse(ref: ActorRef<Message>, system: ActorSystem, ctx: ActorContext<Message>): void {
  ref.tell({ type: 'open', path: '/' });
  // @ts-expect-error: no such message
  ref.tell({ type: 'close' });
  // @ts-expect-error: a field of the wrong type
  ref.offer({ type: 'open', path: 1 });
  // @ts-expect-error: a question without an address
  ref.tell({ type: 'name' });

  const narrowed: ActorRef<Command> = ref;
  // @ts-expect-error: private messages are not for those who hold a narrowed ref
  narrowed.tell({ type: 'opened' });
  // @ts-expect-error: a narrowed ref cannot be widened again
  const widened: ActorRef<Message> = narrowed;
  const any: AnyRef = ref;
  // @ts-expect-error: a ref of any kind cannot be sent to
  any.tell({ type: 'opened' });

  const size: Promise<Outcome<number, AskFailure>> = system.ask(ref, { type: 'size', of: ['a'] }, 1000);
  // @ts-expect-error: the answer to `size` is a number
  const wrong: Promise<Outcome<string, AskFailure>> = system.ask(ref, { type: 'size', of: [] }, 1000);
  // @ts-expect-error: a message that is no question
  void system.ask(ref, { type: 'opened' }, 1000);
  // @ts-expect-error: a question that lacks a field
  void system.ask(ref, { type: 'size' }, 1000);
  // @ts-expect-error: a question needs a deadline
  void system.ask(ref, { type: 'name' });

  ctx.ask(ref, { type: 'name' }, 1000, (outcome) => {
    // @ts-expect-error: the outcome must be looked at before its value
    const value: string = outcome.value;
    if (!outcome.ok) {
      const why: 'timeout' | 'stopped' | 'full' = outcome.error;
      void why;
    }
    void value;
    return { type: 'opened' };
  });
  // @ts-expect-error: what comes back must be a message of one's own
  ctx.pipe(Promise.resolve(1), () => ({ type: 'piped' }));
  // @ts-expect-error: so must what a timer brings
  ctx.timers.once('key', 1, { type: 'tick' });

  ctx.spawn(doorActor, { width: 1 });
  // @ts-expect-error: arguments of the wrong type
  ctx.spawn(doorActor, { height: 1 });
  // @ts-expect-error: no such policy
  ctx.spawn(doorActor, { width: 1 }, { restart: 'sometimes' });
  const door: ActorRef<Message> = ctx.spawn(doorActor, { width: 1 }, { placement: 'thread' });
  const answers = actor<Message>('answers', () => ({
    receive(message) {
      // @ts-expect-error: an answer of the wrong type
      if (message.type === 'name') message.replyTo.reply(1);
    },
  }));
  actor<Message>('budget', () => ({ receive() {} }), {
    // @ts-expect-error: a supervision that lacks its window
    supervision: { strategy: 'one-for-one', maxRestarts: 1 },
  });
  void [widened, size, wrong, door, answers];
}

test('misuse does not compile', () => {
  expect(misuse).toBeInstanceOf(Function);
});
