/** `shoal attach`: looks at the peer of this profile that runs elsewhere; it goes on when one looks away. */
import type { Command } from 'commander';
import type { AttachedEngine } from '../../core/engine/engine-api.ts';
import { profileFlags, withRunningPeer } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import { PeerEvents } from './peer-events.ts';
import { PeerLog } from './peer-log.ts';
import { drawScreen, screenFault } from './screen.ts';
import { measure, statusLines, statusObject } from './status.ts';

export function attachCommand(run: Run): Command {
  return describedCommand(
    'attach',
    'Open the screen on the running peer of this profile (lines without a terminal).',
    'shoal attach --name alice',
  )
    .option('--no-tui', 'print how it is and then a running log instead of drawing a screen')
    .action(async (flags: { readonly tui: boolean }, command: Command) =>
      run(command, (context) =>
        withRunningPeer(context, (session, engine) =>
          flags.tui && canDraw(context)
            ? attachTo(context, engine, session)
            : follow(context, engine, session),
        ),
      ),
    );
}

/** Whether there is a terminal, and it can be drawn on. */
export function canDraw({ ports, output, settings }: CommandContext): boolean {
  return (
    ports.runTui !== undefined &&
    output.interactive &&
    !settings.json &&
    ports.stdin.isTTY === true &&
    ports.env['TERM'] !== 'dumb'
  );
}

/** Opens the screen on it. When that is left the peer goes on, unless it was told to stop. */
export async function attachTo(
  context: CommandContext,
  engine: AttachedEngine,
  session: EngineSession,
): Promise<number> {
  const { output, stop, settings } = context;
  // The screen asks how all is as the first thing: it is looked at by both.
  let { name } = settings;
  engine.subscribe((event) => {
    if (event.type === 'answer-snapshot' && event.answer.ok) ({ name } = event.answer.value);
  });
  const screen = drawScreen(context, engine, {
    name,
    home: settings.home,
    downloadsDir: '',
    isAttached: true,
  });
  const end = await Promise.race([screen, stop.requested.then(() => undefined)]);
  if (end === undefined) {
    engine.close();
    // It notices that there is no engine any more, and gives the terminal back.
    await screen;
    return stop.exitCode('service');
  }
  const flags = profileFlags(context);
  switch (end.kind) {
    case 'stop':
      return (await session.stop()) === exitCode.done ? exitCode.done : failed(context, session.endProblem());
    case 'engine-ended':
      if ((await session.ended) !== exitCode.done) return failed(context, session.endProblem());
      output.note(stoppedElsewhere(name));
      return exitCode.done;
    case 'stop-when-done':
      output.note(`${name} stops when its downloads are done. See: shoal status${flags}`);
      break;
    case 'background':
    case 'detached':
      output.note(
        `${name} goes on in the background. Back: shoal attach${flags}    Stop: shoal stop${flags}`,
      );
      break;
    case 'crashed':
      engine.close();
      return failed(context, screenFault(end.error));
  }
  engine.close();
  return exitCode.done;
}

/** What is left on the terminal of a screen that nobody here has closed. */
export const stoppedElsewhere = (name: string): string =>
  `${name} has stopped: it was told to from elsewhere (shoal stop).`;

/** Says how it is, then what happens, until it ends or one looks away. */
async function follow(
  context: CommandContext,
  engine: AttachedEngine,
  session: EngineSession,
): Promise<number> {
  const { output, stop } = context;
  const measured = await measure(context, session);
  if (!measured.ok) return failed(context, measured.problem);
  const { snapshot, ...speeds } = measured.value;
  output.event(statusObject(snapshot, engine.pid, speeds));
  output.line(...statusLines(snapshot, engine.pid, speeds));
  const shares = snapshot.shares.map(({ folder }) => folder);
  const about = { name: snapshot.name, shares, downloads: snapshot.disk.folder };
  const watcher = output.json ? new PeerEvents(output) : new PeerLog(output, about, false);
  session.subscribe((event) => {
    watcher.receive(event);
    return output.drained;
  });
  const ended = await Promise.race([session.ended, stop.requested]);
  watcher.close();
  if (typeof ended !== 'number') return stop.exitCode('service');
  if (ended !== exitCode.done) return failed(context, session.endProblem());
  output.note('The peer has stopped.');
  return exitCode.done;
}
