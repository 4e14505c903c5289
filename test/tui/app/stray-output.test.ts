import { expect, test } from '@jest/globals';
import { catchStrayOutput } from '../../../src/tui/app/stray-output.ts';

const printer = globalThis.console;

/** Standard error on a terminal. */
function terminal() {
  const written: string[] = [];
  return {
    written,
    isTTY: true,
    write(text: string | Uint8Array): boolean {
      written.push(String(text));
      return true;
    },
  };
}

test('what is printed while the screen is drawn is told once, and printed when it is gone', async () => {
  const stderr = terminal();
  const told: string[] = [];
  const { error } = printer;
  const release = catchStrayOutput(stderr as never, (text) => told.push(text));
  printer.error('one', { two: 2 });
  printer.error('one', { two: 2 });
  stderr.write(Buffer.from('a thread \u001b[2J says so\n'));
  await new Promise<void>(
    (resolve) => void (stderr.write as NodeJS.WriteStream['write'])('x', () => resolve()),
  );
  expect(told).toEqual(['one { two: 2 }', 'a thread \ufffd[2J says so', 'x']);
  expect(stderr.written).toEqual([]);
  release();
  expect(stderr.written).toEqual(['one { two: 2 }\none { two: 2 }\na thread \ufffd[2J says so\nx\n']);
  stderr.write('again');
  expect(stderr.written.at(-1)).toBe('again');
  expect(printer.error).toBe(error);
});

test('what goes to a file goes there at once, and nothing is printed when there was nothing', () => {
  const stderr = { ...terminal(), isTTY: false };
  const release = catchStrayOutput(stderr as never, () => undefined);
  stderr.write('to the file');
  release();
  expect(stderr.written).toEqual(['to the file']);
});
