/**
 * What is on the screen before Ink is: loading it takes longer than all that is done until then. Frames are written
 * as they are made, and the terminal keeps to itself what is typed until somebody reads keys. Invariant: `end` gives
 * the terminal back as it was unless Ink has taken it over.
 */
import { alternateOff, alternateOn, frameBegin, frameEnd } from '../cells/cell-output.ts';
import type { Controller } from './controller.ts';
import { paint } from './paint.ts';

const home = '\u001b[H';
const eraseRest = '\u001b[K';
const eraseBelow = '\u001b[J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

export interface FirstFrames {
  /** Ink, which `take` starts, draws from now on: it has the same screen, and reads keys. What it throws comes out. */
  handOver<T>(take: () => T): T;
  /** To be called at the end, whatever has happened. */
  end(): void;
}

export function showFirstFrames(
  controller: Controller,
  stdin: NodeJS.ReadStream,
  stdout: Pick<NodeJS.WriteStream, 'write'>,
): FirstFrames {
  const draw = (before = ''): void => {
    const { lines, theme } = controller.frame();
    const text = lines.map((line) => paint(line, theme) + eraseRest).join('\r\n');
    stdout.write(`${before}${frameBegin}${home}${text}${eraseBelow}${frameEnd}`);
  };
  let isOurs = true;
  const giveBack = (): void => {
    if (!isOurs) return;
    isOurs = false;
    stdout.write(`${showCursor}${alternateOff}`);
    if (stdin.isTTY) stdin.setRawMode(false);
  };
  process.on('exit', giveBack);
  // Nothing that is typed meanwhile is to be echoed between the rows; it is read once Ink reads.
  if (stdin.isTTY) stdin.setRawMode(true);
  draw(alternateOn + hideCursor);
  const unsubscribe = controller.subscribe(() => draw());
  return {
    handOver(take) {
      unsubscribe();
      stdout.write(home);
      const taken = take();
      isOurs = false;
      return taken;
    },
    end() {
      unsubscribe();
      giveBack();
      process.off('exit', giveBack);
    },
  };
}
