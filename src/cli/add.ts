/** `shoal add`: puts downloads into the queue of the peer of this profile that runs already, and leaves. */
import path from 'node:path';
import type { Command } from 'commander';
import type { Priority, TreeTarget } from '../core/engine-api.ts';
import type { Problem } from '../core/result.ts';
import { askRunningPeer } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import type { EngineSession } from './engine-session.ts';
import { exitCode, exitCodeOfAll } from './exit-codes.ts';
import { folder, oneOf, rate, targetHelp } from './flag-values.ts';
import { parseTarget, type ParsedTarget, type WantedFile } from './get-target.ts';
import { resolveTargets } from './resolve-targets.ts';
import { reportUnresolved } from './get.ts';

const example = `shoal add "Moby Dick.epub"
shoal add alice:/music/live/ --priority low
shoal status`;

interface AddFlags {
  readonly out?: string;
  readonly priority: Priority;
  readonly limitRate?: number;
}

export function addCommand(run: Run): Command {
  return describedCommand('add', 'Put downloads into the queue of the running peer.', example)
    .argument('<target...>', targetHelp)
    .option('--out <dir>', 'folder to put them in (default: where the peer puts its downloads)', folder)
    .option('--limit-rate <rate>', 'bytes per second for each, such as 5M (default: unlimited)', rate)
    .option('--priority <priority>', 'high, normal or low', oneOf(['high', 'normal', 'low']), 'normal')
    .action(async (targets: readonly string[], flags: AddFlags, command: Command) =>
      run(command, (context) =>
        askRunningPeer(context, (session) => addAll(context, session, targets, flags)),
      ),
    );
}

async function addAll(
  context: CommandContext,
  session: EngineSession,
  texts: readonly string[],
  flags: AddFlags,
): Promise<number> {
  const snapshot = await session.ask('snapshot', {});
  if (!snapshot.ok) return failed(context, snapshot.problem);
  const { ports, stop } = context;
  const outDir = flags.out === undefined ? snapshot.value.disk.folder : path.resolve(ports.cwd, flags.out);
  const problems: Problem[] = [];
  const targets: { readonly text: string; readonly target: ParsedTarget }[] = [];
  for (const text of texts) {
    const target = parseTarget(text);
    if (target.ok) targets.push({ text, target: target.value });
    else {
      problems.push(target.problem);
      reportUnresolved(context, text, { ...target, candidates: [] });
    }
  }
  const meant = targets.map(({ target }) => target);
  for (const [at, resolved] of (await resolveTargets(session, meant, ports, stop.signal)).entries()) {
    const text = targets[at]?.text ?? '';
    if (!resolved.ok) {
      problems.push(resolved.problem);
      reportUnresolved(context, text, resolved);
      continue;
    }
    const wish = { outDir, priority: flags.priority, bytesPerSecond: flags.limitRate ?? 0 };
    const trees = resolved.trees.map((target) => ({ target, sizeBytes: undefined }));
    for (const file of [...resolved.value, ...trees]) {
      const problem = await add(context, session, file, wish);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems.length === 0 ? exitCode.done : exitCodeOfAll(problems);
}

async function add(
  { output }: CommandContext,
  session: EngineSession,
  { target, sizeBytes }: WantedFile | { readonly target: TreeTarget; readonly sizeBytes: undefined },
  wish: { readonly outDir: string; readonly priority: Priority; readonly bytesPerSecond: number },
): Promise<Problem | undefined> {
  const answer = await session.ask('download', { target, sizeBytes, ...wish });
  if (!answer.ok) {
    output.error(answer.problem.message);
    return answer.problem;
  }
  const { id, name } = target.kind === 'content' ? target : { id: null, name: target.path };
  output.event({ event: 'added', transfer: answer.value, id, name, size: sizeBytes ?? null });
  output.line(`Added ${name}`);
  return undefined;
}
