import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { showFirstFrames } from '../../../src/tui/app/first-frames.ts';
import { alternateOff, alternateOn } from '../../../src/tui/cells/cell-output.ts';
import { openController } from '../open-tui.ts';

function show() {
  const modes: boolean[] = [];
  const setRawMode = (on: boolean): unknown => modes.push(on);
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
  let written = '';
  const stdout = { write: (text: string | Uint8Array) => (written += String(text)) !== '' };
  const { controller } = openController();
  const first = showFirstFrames(controller, stdin as unknown as NodeJS.ReadStream, stdout);
  return { first, modes, written: () => written, controller };
}

describe('the first frames', () => {
  test('give the terminal back when Ink fails to take it', () => {
    const { first, modes, written, controller } = show();
    expect(written()).toContain(alternateOn);
    const take = (): never => {
      throw new Error('no terminal for it');
    };
    expect(() => first.handOver(take)).toThrow('no terminal for it');
    first.end();
    expect(written()).toContain(alternateOff);
    expect(modes).toEqual([true, false]);
    controller.close();
  });

  test('leave the terminal to Ink once it has it', () => {
    const { first, modes, written, controller } = show();
    expect(first.handOver(() => 'ink')).toBe('ink');
    first.end();
    expect(written()).not.toContain(alternateOff);
    expect(modes).toEqual([true]);
    controller.close();
  });
});
