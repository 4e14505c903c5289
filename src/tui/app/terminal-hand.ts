/** What the TUI does to its terminal beside drawing frames. run-tui.ts has the real one. */
export interface TerminalHand {
  /** Puts text on the clipboard, by the terminal (OSC 52). False when it is too long for that. */
  copy(text: string): boolean;
  /** Paints everything anew, whatever is on the screen. */
  redraw(): void;
  /** Stops the process as Ctrl-Z does, until it is continued. */
  suspend(): void;
  /** Gives the terminal to a task and takes it back. */
  lend(task: () => Promise<void>): Promise<void>;
  setMouse(on: boolean): void;
}
