/**
 * The TUI for tests: the whole of it on a fake engine, either drawn into a terminal emulator (`openTui`) or as
 * frames alone (`openController`), which is faster and has a manual clock.
 */
import { Controller } from '../../src/tui/app/controller.ts';
import type { TuiConfig, TuiEnd, TuiPorts } from '../../src/tui/app/ports.ts';
import { runTui } from '../../src/tui/app/run-tui.ts';
import { parseKeyName } from '../../src/tui/keys/key-names.ts';
import { defaultSettings } from '../../src/tui/model/settings.ts';
import { screenMakers } from '../../src/tui/screens/screen-makers.ts';
import { lineText } from '../../src/tui/text/segments.ts';
import { graphemes } from '../../src/tui/text/width.ts';
import { Screen } from '../helpers/screen.ts';
import { FakeEngine, type FakeEngineOptions } from './fake-engine.ts';
import { ManualClock } from './manual-clock.ts';

export const tuiConfig = (changes: Partial<TuiConfig> = {}): TuiConfig => ({
  settings: defaultSettings,
  downloadsDir: '/home/me/Downloads',
  name: 'alice',
  canBackground: true,
  isAttached: false,
  history: {},
  ...changes,
});

/** Ports that keep what was asked of them. */
export class FakePorts implements TuiPorts {
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  readonly stored = new Map<string, unknown>();
  paths: readonly string[] = [];

  async saveSettings(...args: Parameters<TuiPorts['saveSettings']>): Promise<void> {
    this.calls.push(['saveSettings', ...args]);
  }

  async saveHistory(...args: Parameters<TuiPorts['saveHistory']>): Promise<void> {
    this.calls.push(['saveHistory', ...args]);
  }

  async openPath(path: string): Promise<void> {
    this.calls.push(['openPath', path]);
  }

  async completePath(text: string): Promise<readonly string[]> {
    this.calls.push(['completePath', text]);
    return this.paths;
  }

  resolvePath(text: string): string {
    return text.replace(/^~(?=\/|$)/, '/home/me');
  }

  async writeFile(folder: string, name: string, text: string): Promise<string> {
    this.calls.push(['writeFile', folder, name, text]);
    return `${folder}/${name}`;
  }

  async load(name: string): Promise<unknown> {
    return this.stored.get(name);
  }

  async save(name: string, data: unknown): Promise<void> {
    this.stored.set(name, data);
  }
}

export interface TuiScene extends FakeEngineOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly config?: Partial<TuiConfig>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The time of day at the start, for `openController`. */
  readonly wallMs?: number;
  /** In place of its clock. */
  readonly clock?: ManualClock;
}

const environment = { LANG: 'C.UTF-8', TERM: 'xterm-256color' };

/** Drawn into a terminal emulator, by the real clock. */
export function openTui(scene: TuiScene = {}) {
  const { columns = 80, rows = 24, config, env = environment } = scene;
  const engine = new FakeEngine(scene);
  const ports = new FakePorts();
  const screen = new Screen(columns, rows);
  const ended: Promise<TuiEnd> = runTui({
    client: engine,
    stdin: screen.stdin,
    stdout: screen.stdout,
    env,
    config: tuiConfig(config),
    ports,
  });
  /** Ends it, whatever it was at: a test that fails must not leave it running. */
  const close = async (): Promise<void> => {
    engine.end(0);
    await ended;
    await screen.close();
  };
  opened.push(close);
  return { engine, ports, screen, ended };
}

const opened: (() => Promise<void>)[] = [];

/** For `afterEach`: ends what `openTui` has opened. */
export async function closeTuis(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

/** Frames without a terminal. `press` takes names of keys: `j`, `Ctrl+D`, `Enter`. */
export function openController(scene: TuiScene = {}) {
  const { columns = 80, rows = 24, config, env = environment } = scene;
  const engine = new FakeEngine(scene);
  const ports = new FakePorts();
  const clock = scene.clock ?? new ManualClock(scene.wallMs);
  const ends: TuiEnd[] = [];
  const terminal: string[] = [];
  const controller = new Controller({
    client: engine,
    env,
    config: tuiConfig(config),
    ports,
    clock,
    makers: screenMakers,
    size: { columns, rows },
    end: (end) => ends.push(end),
    terminal: {
      copy: (text) => terminal.push(`copy ${text}`) > 0,
      redraw: () => void terminal.push('redraw'),
      suspend: () => void terminal.push('suspend'),
      lend: (task) => task(),
      setMouse: (on) => void terminal.push(`mouse ${on}`),
    },
  });
  clock.advance(200);
  return {
    engine,
    ports,
    clock,
    ends,
    terminal,
    controller,
    session: controller.session,
    press: (...keys: readonly string[]): void => {
      for (const key of keys) controller.press([keyPress(key)]);
      clock.settle();
    },
    type: (text: string): void => {
      controller.press(Array.from(text, keyPress));
      clock.settle();
    },
    /** The frame as text, one string a row. */
    lines: (): readonly string[] => controller.frame().lines.map(lineText),
    text: (): string => controller.frame().lines.map(lineText).join('\n'),
  };
}

/** The keys of a text, one for each letter. */
export const typed = (text: string): readonly string[] => Array.from(text);

export function keyPress(key: string) {
  if (key === ' ' || key === 'Space') return { name: 'Space', text: ' ' };
  if (graphemes(key).length === 1) return { name: key, text: key };
  const parsed = parseKeyName(key);
  if ('refused' in parsed) throw new Error(`${key}: ${parsed.refused}`);
  return { name: parsed.name, text: undefined };
}
