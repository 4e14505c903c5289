/**
 * The demo on the screen: what its last peer downloads can be watched, steered and searched like any other.
 * Invariant: it ends when its user quits, and what it has started is ended by who called.
 */
import type { EngineClient } from '../../core/engine/engine-api.ts';
import { demoBytesPerSecond } from '../../core/limits/cli.ts';
import { failed, type CommandContext } from '../command.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import type { WantedFile } from '../get/get-target.ts';
import { drawScreen, screenFault } from '../peer/screen.ts';

export interface DemoScene {
  readonly name: string;
  readonly home: string;
  readonly client: EngineClient;
  readonly session: EngineSession;
  readonly wanted: readonly WantedFile[];
  readonly outDir: string;
  /** For all downloads together; undefined: slow enough to watch. */
  readonly limitRate: number | undefined;
}

/** How the name of that one begins. */
const leftToFind = 'Moby';

/** Queues the downloads and opens the screen; returns the exit code when it is closed. */
export async function watchDemo(context: CommandContext, scene: DemoScene): Promise<number> {
  const { name, home, client, session, wanted, outDir, limitRate = demoBytesPerSecond / 8 } = scene;
  session.send({ type: 'set-limits', limits: { downloadBytesPerSecond: limitRate, limitsLan: true } });
  // One is left for the user to find and get.
  for (const { target } of wanted.filter((file) => !file.target.name.startsWith(leftToFind))) {
    const queued = await session.ask('download', { target, outDir, bytesPerSecond: 0 });
    if (!queued.ok) return failed(context, queued.problem);
  }
  const end = await drawScreen(context, client, {
    name,
    home,
    downloadsDir: outDir,
    isAttached: false,
    canBackground: false,
  });
  if (end.kind !== 'crashed') return exitCode.done;
  return failed(context, screenFault(end.error));
}
