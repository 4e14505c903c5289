import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonLine, Output } from '../../src/cli/output.ts';
import { FakeStream } from './fakes.ts';

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
