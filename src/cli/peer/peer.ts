/** `shoal peer`: shares, serves and downloads until it is stopped; here, or in the background. */
import { Option, type Command } from 'commander';
import type { AttachedEngine } from '../../core/engine/engine-api.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../../core/limits/uploads.ts';
import type { Problem } from '../../core/result.ts';
import { attachTo, canDraw } from './attach.ts';
import { profileFlags } from './attached.ts';
import { startInBackground } from './background.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { embeddedTrackerModes } from './embedded-tracker.ts';
import { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import {
  folder,
  host,
  insecureHelp,
  oneOf,
  portNumber,
  rate,
  repeatable,
  wholeNumber,
  yesOrNo,
} from '../flag-values.ts';
import { peerConfig, unheeded, type PeerFlags } from './peer-config.ts';
import { servePeer } from './peer-service.ts';
import { canListen } from './probe.ts';

const example = `shoal peer --name alice --share ~/Music --share ~/Papers
shoal peer --no-tui --json --tracker tracker.example.org:5000
shoal peer --detach`;
const note =
  'What runs in the background is looked at with shoal attach and shoal status, and ended with shoal stop.';

export function peerCommand(run: Run): Command {
  return describedCommand(
    'peer',
    'Share, serve and download until stopped (also: shoal alone).',
    example,
    note,
  )
    .option(
      '--share <dir>',
      'folder to share until it stops; may be repeated (default: shared_files/<name>/)',
      repeatable(folder),
    )
    .option(
      '--downloads <dir>',
      'where downloads go; shared too where --share names it (default: shared_files/<name>/)',
      folder,
    )
    .option('--host <host>', 'address to listen at (default: as far as the trackers reach)', host)
    .option('--port <port>', 'port to listen at; 0 takes a free one', portNumber, 0)
    .option(
      '--upload-rate <rate>',
      'bytes per second to all others together, such as 5M; 0: unlimited (default: as set last)',
      rate,
    )
    .option(
      '--download-rate <rate>',
      'bytes per second from all others together; 0: unlimited (default: as set last)',
      rate,
    )
    .option(
      '--lan-exempt <yes|no>',
      'whether the two rates do not hold in private networks (default: config.json, then as set last)',
      yesOrNo,
    )
    .option('--upload-slots <n>', 'uploads at once; others wait in a queue', wholeNumber(1, maxUploadSlots))
    .option('--downloads-at-once <n>', 'downloads at once', wholeNumber(1, maxDownloadsAtOnce))
    .option('--insecure', insecureHelp)
    .option('--no-tui', 'print a running log instead of drawing a screen')
    .option('--detach', 'start it in the background and return when it is up')
    .option(
      '--embedded-tracker <mode>',
      'auto runs a tracker here when none answers at the default address; on, off',
      oneOf(embeddedTrackerModes),
      'auto',
    )
    .addOption(new Option('--background').hideHelp())
    .action(async (flags: PeerFlags, command: Command) => run(command, (context) => serve(context, flags)));
}

async function serve(context: CommandContext, flags: PeerFlags): Promise<number> {
  const { ports, settings, stop } = context;
  const running = await ports.connectEngine(settings.home);
  if (running.ok) return meet(context, flags, running.value);
  const isThere = running.problem.code === 'version' || running.problem.code === 'busy';
  if (isThere) return refused(context, flags, running.problem);
  const config = await peerConfig(context, flags);
  if (!config.ok) return refused(context, flags, config.problem);
  const free = await canListen(config.value);
  if (!free.ok) return refused(context, flags, free.problem);
  if (flags.detach !== true) return servePeer(context, config.value, flags);
  const started = await startInBackground(context, config.value, flags.embeddedTracker);
  if (started.ok) {
    // Whoever gave one the last time may think that it still holds.
    if (flags.share === undefined)
      context.output.note(
        'No --share was given: it shares the folder above, and those that were added on its screen.',
      );
    return exitCode.done;
  }
  return stop.cause === undefined ? failed(context, started.problem) : stop.exitCode('task');
}

/** It does not come up: who started it in the background waits for a word. */
function refused(context: CommandContext, flags: PeerFlags, problem: Problem): number {
  if (flags.background === true) context.ports.tellStarter({ ok: false, problem });
  return failed(context, problem);
}

/** This profile's peer runs already. */
async function meet(context: CommandContext, flags: PeerFlags, engine: AttachedEngine): Promise<number> {
  const { output, settings } = context;
  const looksIn = `shoal attach${profileFlags(context)}`;
  const isRunning = `A peer with the profile ${settings.name} (${settings.home}) runs already`;
  const isWelcome = flags.detach === true || (flags.tui && canDraw(context));
  if (!isWelcome) {
    engine.close();
    const message = `${isRunning}: ${looksIn} shows it; or start another with another --name or --home`;
    return refused(context, flags, { code: 'bad-request', message });
  }
  const session = new EngineSession(engine);
  const snapshot = await session.ask('snapshot', {});
  const ignored = snapshot.ok ? unheeded(flags, context, snapshot.value) : [];
  output.note(`${isRunning}, as process ${engine.pid}`);
  if (ignored.length > 0)
    output.note(
      `It was started otherwise; not heeded: ${ignored.join(', ')}. To change that, stop it first.`,
    );
  if (flags.detach !== true) return attachTo(context, engine, session);
  engine.close();
  const { peer = null, port = null } = snapshot.ok ? snapshot.value : {};
  output.event({ event: 'background', pid: engine.pid, peer, port });
  return exitCode.done;
}
