/** `shoal add`: puts downloads into the queue of the peer of this profile that runs already, and leaves. */
import path from 'node:path';
import type { Command } from 'commander';
import type { EngineCommand, Priority, TreeTarget } from '../../core/engine/engine-api.ts';
import type { Problem } from '../../core/result.ts';
import { askRunningPeer } from '../peer/attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCodeOfAll } from '../exit-codes.ts';
import { folder, inputFile, inputHelp, oneOf, rate, sequentialHelp, targetHelp } from '../flag-values.ts';
import type { WantedFile } from './get-target.ts';
import { askedTargets, type AskedTarget } from './listed-targets.ts';
import { resolveTargets } from './resolve-targets.ts';
import { parseTargets, reportUnresolved, type UnresolvedTarget } from './unresolved.ts';

const example = `shoal add "Moby Dick.epub"
shoal add alice:/music/live/ --priority low
shoal queue`;

interface AddFlags {
  readonly input?: string;
  readonly out?: string;
  readonly priority: Priority;
  readonly limitRate?: number;
  readonly sequential?: boolean;
}

export function addCommand(run: Run): Command {
  return describedCommand('add', 'Put downloads into the queue of the running peer.', example)
    .argument('[target...]', targetHelp)
    .option('-i, --input <file>', inputHelp, inputFile)
    .option('--out <dir>', 'folder to put them in (default: where the peer puts its downloads)', folder)
    .option('--limit-rate <rate>', 'bytes per second for each, such as 5M (default: unlimited)', rate)
    .option('--priority <priority>', 'high, normal or low', oneOf(['high', 'normal', 'low']), 'normal')
    .option('--sequential', sequentialHelp)
    .action(async (args: readonly string[], flags: AddFlags, command: Command) =>
      run(command, async (context) => {
        const asked = await askedTargets(context, 'add', args, flags.input);
        if (!asked.ok) return failed(context, asked.problem);
        if (context.stop.signal.aborted) return context.stop.exitCode('task');
        return askRunningPeer(context, (session) => addAll(context, session, asked.value, flags));
      }),
    );
}

async function addAll(
  context: CommandContext,
  session: EngineSession,
  asked: readonly AskedTarget[],
  flags: AddFlags,
): Promise<number> {
  const snapshot = await session.ask('snapshot', {});
  if (!snapshot.ok) return failed(context, snapshot.problem);
  const { ports, stop } = context;
  const outDir = flags.out === undefined ? snapshot.value.disk.folder : path.resolve(ports.cwd, flags.out);
  const { parsed, unresolved: noTargets } = parseTargets(asked);
  const unresolved = [...noTargets];
  const meant = parsed.map(({ target }) => target);
  const wishes: Wish[] = [];
  for (const [at, resolved] of (await resolveTargets(session, meant, ports, stop.signal)).entries()) {
    const text = parsed[at]?.text ?? '';
    if (!resolved.ok) unresolved.push({ ...resolved, text });
    else {
      wishes.push(...resolved.value.map((file) => ({ ...file, text })));
      wishes.push(...resolved.trees.map((target) => ({ target, sizeBytes: undefined, text })));
    }
  }
  reportUnresolved(context, unresolved);
  const refused: UnresolvedTarget[] = [];
  const order = flags.sequential === true ? 'sequential' : 'rarest';
  const how = { outDir, priority: flags.priority, order, bytesPerSecond: flags.limitRate ?? 0 } as const;
  for (const wish of wishes) {
    const problem = await add(context, session, wish, how);
    if (problem !== undefined) refused.push({ ok: false, problem, candidates: [], text: wish.text });
  }
  reportUnresolved(context, refused);
  return exitCodeOfAll([...unresolved, ...refused].map(({ problem }) => problem));
}

interface Wish extends Pick<WantedFile, 'sizeBytes'> {
  readonly target: WantedFile['target'] | TreeTarget;
  /** The argument. */
  readonly text: string;
}

async function add(
  { output }: CommandContext,
  session: EngineSession,
  { target, sizeBytes }: Wish,
  how: Pick<
    Extract<EngineCommand, { readonly type: 'download' }>,
    'outDir' | 'priority' | 'order' | 'bytesPerSecond'
  >,
): Promise<Problem | undefined> {
  const answer = await session.ask('download', { target, sizeBytes, ...how });
  if (!answer.ok) return answer.problem;
  const { id, name } = target.kind === 'content' ? target : { id: null, name: target.path };
  const { transfer, was } = answer.value;
  const shown = target.kind === 'content' ? name : folderName(target);
  output.event({ event: 'added', transfer, id, name, size: sizeBytes ?? null, was });
  output.line(was === 'new' ? `Added ${shown}` : `${known[was]}: ${transfer} ${shown}`);
  return undefined;
}

/** As the queue calls it: a whole share has the name of its peer. */
function folderName({ path: folder, source }: TreeTarget): string {
  return `${folder === '/' ? source.name : path.posix.basename(folder)}/`;
}

/** What people are told of one that was in the queue before, to be followed by which. */
const known = {
  open: 'Already in the queue',
  done: 'Already in the queue, finished',
  ended: 'Already in the queue, taken up again',
} as const;
