/**
 * The terminal beside Ink: title, clipboard, notification, bell, mouse modes. Invariant: what was switched on is
 * switched off again: at the end, at a suspension, and when the process exits.
 */
import { maxClipboardBytes } from '../../core/limits/screen.ts';

const mouseOn = '\u001b[?1000h\u001b[?1006h';
const mouseOff = '\u001b[?1006l\u001b[?1000l';
/** XTWINOPS: the terminal keeps its title and gives it back; those that do not know it ignore it. */
const keepTitle = '\u001b[22;2t';
const giveTitleBack = '\u001b[23;2t';

export class Terminal {
  readonly #stdout: NodeJS.WriteStream;
  #mouse = false;
  #title = '';
  readonly #atExit = (): void => this.#release();

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
    process.on('exit', this.#atExit);
  }

  /** False when the text is longer than terminals take. */
  copy(text: string): boolean {
    const encoded = Buffer.from(text).toString('base64');
    if (encoded.length > maxClipboardBytes) return false;
    this.#write(`\u001b]52;c;${encoded}\u0007`);
    return true;
  }

  /** Empty: the terminal's own again. Text must be harmless. */
  setTitle(title: string): void {
    if (title === this.#title) return;
    if (this.#title === '') this.#write(keepTitle);
    this.#write(title === '' ? giveTitleBack : `\u001b]2;${title}\u0007`);
    this.#title = title;
  }

  /** OSC 9, which terminals show as they show notifications. */
  notify(text: string): void {
    this.#write(`\u001b]9;${text}\u0007`);
  }

  bell(): void {
    this.#write('\u0007');
  }

  setMouse(on: boolean): void {
    if (on === this.#mouse) return;
    this.#mouse = on;
    this.#write(on ? mouseOn : mouseOff);
  }

  /** Gives back what was taken; returns what takes it again. */
  yield(): () => void {
    const mouse = this.#mouse;
    const title = this.#title;
    this.setMouse(false);
    this.setTitle('');
    return () => {
      this.setMouse(mouse);
      this.setTitle(title);
    };
  }

  close(): void {
    this.#release();
    process.off('exit', this.#atExit);
  }

  #release(): void {
    this.setMouse(false);
    this.setTitle('');
  }

  #write(text: string): void {
    this.#stdout.write(text);
  }
}
