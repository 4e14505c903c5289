/**
 * The full-screen UI as the command line opens it: with the profile's settings, histories and what its screens
 * keep. Invariant: a configuration that cannot be read is said on the screen and never overwritten.
 */
import type { EngineClient } from '../../core/engine/engine-api.ts';
import type { Problem, Result } from '../../core/result.ts';
import type { TuiConfig, TuiEnd, TuiPorts } from '../../tui/app/ports.ts';
import { defaultSettings, type TuiSettings } from '../../tui/model/settings.ts';
import type { CommandContext } from '../command.ts';
import { completePath, openPath, resolvePath, writeNewFile } from '../user-files.ts';
import type { ProfileConfig } from '../../profile/config.ts';

export type ScreenEnd = TuiEnd;

export interface ScreenOptions {
  readonly name: string;
  /** The profile's folder. */
  readonly home: string;
  /** Empty: as the engine says. */
  readonly downloadsDir: string;
  /** The engine lives in another process, and goes on. */
  readonly isAttached: boolean;
  /** Default: it can go on in the background. */
  readonly canBackground?: boolean;
}

/** Opens it and waits for its end; the terminal is then as it was. Never rejects. */
export async function drawScreen(
  context: CommandContext,
  client: EngineClient,
  options: ScreenOptions,
): Promise<ScreenEnd> {
  const { ports } = context;
  const { runTui } = ports;
  if (runTui === undefined) return { kind: 'crashed', error: new Error('There is no screen') };
  const loaded = await ports.loadConfig(options.home);
  const config: TuiConfig = {
    name: options.name,
    downloadsDir: options.downloadsDir,
    canBackground: options.canBackground ?? true,
    isAttached: options.isAttached,
    settings: loaded.ok ? settingsOf(loaded.value) : defaultSettings,
    history: loaded.ok ? loaded.value.history : {},
    ...(loaded.ok ? {} : { notice: loaded.problem.message }),
  };
  const screen = runTui({
    client,
    stdin: ports.stdin as NodeJS.ReadStream,
    stdout: ports.stdout as NodeJS.WriteStream,
    env: ports.env,
    config,
    ports: screenPorts(context, options),
  });
  return screen.catch((error: unknown) => ({ kind: 'crashed', error }));
}

/** What to say of a screen that has failed. */
export function screenFault(error: unknown): Problem {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal', message: `the screen has failed, a fault of the program: ${details}` };
}

function screenPorts({ ports }: CommandContext, { home }: ScreenOptions): TuiPorts {
  const places = { home: ports.env['HOME'] ?? ports.env['USERPROFILE'], cwd: ports.cwd };
  const change = async (make: (config: ProfileConfig) => ProfileConfig): Promise<void> =>
    given(await ports.changeConfig(home, make));
  return {
    saveSettings: ({ keys, ...ui }) => change((config) => ({ ...config, ui, keys })),
    saveHistory: (field, texts) =>
      change((config) => ({ ...config, history: { ...config.history, [field]: texts } })),
    load: async (name) => given(await ports.loadConfig(home)).kept[name],
    save: (name, data) => change((config) => ({ ...config, kept: { ...config.kept, [name]: data } })),
    openPath: async (file) => given(await openPath(file, ports.env)),
    completePath: (text, kind) => completePath(text, kind, places),
    resolvePath: (text) => resolvePath(text, places),
    writeFile: async (folder, name, text) => given(await writeNewFile(folder, name, text)),
  };
}

const settingsOf = ({ ui, keys }: ProfileConfig): TuiSettings => ({ ...ui, keys });

/** The screen shows what a promise is rejected with. */
function given<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new ScreenProblem(result.problem);
}

class ScreenProblem extends Error {
  constructor({ message }: Problem) {
    super(message);
    this.name = 'ScreenProblem';
  }
}
