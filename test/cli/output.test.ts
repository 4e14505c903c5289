import { describe, expect, test } from '@jest/globals';
import { Writable } from 'node:stream';
import { jsonLine, Output } from '../../src/cli/output.ts';
import { jsonTextAtOnce } from '../../src/core/limits/engine.ts';
import { FakeStream } from './fakes.ts';
import * as fc from '../helpers/properties.ts';

/** A stream whose reader takes what there is when he is told to. */
class SlowStream extends Writable {
  readonly #done: (() => void)[] = [];

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#done.push(done);
  }

  read(): void {
    for (let done = this.#done.shift(); done; done = this.#done.shift()) done();
  }
}

const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const text = fc.string({ unit: 'binary' });

describe('output', () => {
  test('whatever is printed, a terminal gets one harmless line of it', () => {
    fc.assert(
      fc.property(text, (name) => {
        const stdout = new FakeStream();
        new Output(stdout, new FakeStream(), false).line(name);
        expect(stdout.lines).toHaveLength(1);
        expect(stdout.text).not.toMatch(harmful);
      }),
    );
  });

  test('a JSON line is harmless too, and still says the same', () => {
    fc.assert(
      fc.property(text, (name) => {
        const line = jsonLine({ name });
        expect(line).not.toMatch(harmful);
        expect(JSON.parse(line)).toEqual({
          name: name.toWellFormed() === name ? name : JSON.parse(line).name,
        });
      }),
    );
  });

  test('stdout is for JSON alone when JSON is asked for', () => {
    const [stdout, stderr] = [new FakeStream(), new FakeStream()];
    const output = new Output(stdout, stderr, true);
    output.line('for people');
    output.note('a note');
    output.event({ a: 1 }, { b: 2 });
    expect(stdout.text).toBe('{"a":1}\n{"b":2}\n');
    expect(stderr.text).toBe('a note\n');
  });

  test('many lines are written a bounded piece at a time, each made when its turn comes', () => {
    const stdout = new FakeStream();
    const output = new Output(stdout, new FakeStream(), true);
    const pieces: number[] = [];
    stdout.write = (text: string) => {
      pieces.push(text.length);
      return true;
    };
    let made = 0;
    const madeBefore: number[] = [];
    function* objects(): Generator<object> {
      for (; made < 3_000; made++) {
        madeBefore.push(pieces.length);
        yield { at: made, text: 'x'.repeat(90) };
      }
    }
    output.events(objects());
    expect(Math.max(...pieces)).toBeLessThan(jsonTextAtOnce + 200);
    expect(madeBefore.at(-1)).toBeGreaterThan(5);
    new Output(stdout, new FakeStream(), false).events(objects());
    expect(made).toBe(3_000);
  });

  test('what waits for the reader of stdout can be waited for, until it has gone or he has', async () => {
    const stdout = new SlowStream();
    const output = new Output(stdout, new FakeStream(), true);
    output.event({ a: 1 });
    expect(output.drained).toBeUndefined();
    output.event({ a: 'x'.repeat(stdout.writableHighWaterMark) });
    const drained = output.drained;
    expect(drained).toBeInstanceOf(Promise);
    expect(output.drained).toBe(drained);
    stdout.read();
    await drained;
    expect(output.drained).toBeUndefined();
    output.event({ a: 'x'.repeat(stdout.writableHighWaterMark) });
    const waits = output.drained;
    stdout.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    await waits;
    expect(output.drained).toBeUndefined();
  });

  test('a stdout that cannot be written is told from one that nobody reads', async () => {
    const stdout = new FakeStream();
    const output = new Output(stdout, new FakeStream(), true);
    stdout.emit('error', Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    expect(output.failure?.message).toBe('no space left');
    const piped = new FakeStream();
    const unread = new Output(piped, new FakeStream(), true);
    piped.emit('error', Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    expect(unread.failure).toBeUndefined();
    expect(unread.closed.aborted).toBe(true);
    await Promise.resolve();
  });

  test('a reader that goes away is noticed, and what follows is dropped', async () => {
    const stdout = new FakeStream();
    const output = new Output(stdout, new FakeStream(), true);
    stdout.broken = true;
    output.event({ a: 1 });
    await output.flush();
    expect(output.closed.aborted).toBe(true);
    output.event({ a: 2 });
    await output.flush();
  });
});
