/** `shoal get`: downloads files and folders side by side, and leaves. */
import path from 'node:path';
import type { Command } from 'commander';
import { findTimeoutMs, notFoundTimeoutMs } from '../../core/limits/cli.ts';
import type { EngineLimits, TreeTarget } from '../../core/engine/engine-api.ts';
import { describedCommand, failed, guestConfig, type CommandContext, type Run } from '../command.ts';
import { Downloads, type DownloadReporter } from './downloads.ts';
import { EngineSession } from '../engine-session.ts';
import { exitCode, exitCodeOfAll } from '../exit-codes.ts';
import {
  durationMs,
  folder,
  inputFile,
  inputHelp,
  insecureHelp,
  rate,
  sequentialHelp,
  targetHelp,
} from '../flag-values.ts';
import { fullDisk, fullDiskEvent, fullDiskLine, type RefusedFiles } from './full-disk.ts';
import { JsonReporter, LinesReporter } from './get-reporters.ts';
import { GetSummary } from './get-summary.ts';
import { parseTarget, type WantedFile } from './get-target.ts';
import { askedTargets, type AskedTarget } from './listed-targets.ts';
import { emptyFolderLine, shownPath } from './outcome-lines.ts';
import { resolveTargets } from './resolve-targets.ts';
import { TreeGet } from './tree-get.ts';
import { parseTargets, reportUnresolved, type UnresolvedTarget } from './unresolved.ts';

const example = `shoal get "Moby Dick.epub"
shoal get alice:/music/live/ --out ~/Music --limit-rate 5M
shoal get --input wanted.txt`;

const note = `Stopped by Ctrl-C, the same command goes on where it was.
All that a search finds, in the folders where it lies: shoal search --json live | shoal get --input -`;

interface GetFlags {
  readonly out?: string;
  readonly input?: string;
  readonly limitRate?: number;
  readonly timeout?: number;
  readonly sequential?: boolean;
  readonly insecure?: boolean;
}

export function getCommand(run: Run): Command {
  return describedCommand('get', 'Download files and folders, verified, and leave.', example, note)
    .argument('[target...]', targetHelp)
    .option('-i, --input <file>', inputHelp, inputFile)
    .option('--out <dir>', 'folder to put them in, made if missing (default: the current one)', folder)
    .option('--limit-rate <rate>', 'bytes per second for all together, such as 5M (default: unlimited)', rate)
    .option('--sequential', sequentialHelp)
    .option(
      '--timeout <duration>',
      'how long to look for a source (default: 60s, 10s for what no tracker knows)',
      durationMs,
    )
    .option('--insecure', insecureHelp)
    .action(async (targets: readonly string[], flags: GetFlags, command: Command) =>
      run(command, (context) => get(context, targets, flags)),
    );
}

async function get(context: CommandContext, args: readonly string[], flags: GetFlags): Promise<number> {
  const { ports, output, stop } = context;
  const noTargets = args.map(parseTarget).flatMap((target) => (target.ok ? [] : [target.problem.message]));
  // One among others fails alone.
  if (flags.input === undefined && noTargets.length > 0 && noTargets.length === args.length) {
    for (const message of noTargets) output.error(message);
    return exitCode.usage;
  }
  const asked = await askedTargets(context, 'get', args, flags.input);
  if (!asked.ok) return failed(context, asked.problem);
  if (stop.signal.aborted) return stopped(context);
  const config = { ...guestConfig(context), limits: limitsOf(flags), insecure: flags.insecure ?? false };
  const session = new EngineSession(ports.launchEngine(config));
  const reporter = new GetSummary(await reporterFor(context, ports.cwd), () => ports.now());
  const code = await Promise.race([
    getAll(context, session, reporter, asked.value, flags),
    stop.requested.then(() => stopped(context)),
  ]);
  await reporter.close();
  const ended = await session.stop();
  if (code === exitCode.stopped) {
    const kept = reporter.kept();
    output.note(
      `Stopped${kept === undefined ? '' : `: ${kept}`}. The same command goes on where this one was.`,
    );
  }
  return code === exitCode.done ? ended : code;
}

/** The engine is this command's own: its limit is that of all that is fetched here, from neighbours too. */
function limitsOf({ limitRate }: GetFlags): Partial<EngineLimits> {
  return limitRate === undefined ? {} : { downloadBytesPerSecond: limitRate, limitsLan: true };
}

function stopped({ stop }: CommandContext): number {
  return stop.cause === 'closed-output' ? exitCode.failed : exitCode.stopped;
}

async function getAll(
  context: CommandContext,
  session: EngineSession,
  reporter: GetSummary,
  asked: readonly AskedTarget[],
  flags: GetFlags,
): Promise<number> {
  const { ports, output, settings, stop } = context;
  const { parsed, unresolved: noTargets } = parseTargets(asked);
  const targets = parsed.map(({ target }) => target);
  const resolved = await resolveTargets(session, targets, ports, stop.signal);
  const wanted: WantedFile[] = [];
  /** Every folder once, however many arguments led to it. */
  const trees = new Map<string, { readonly tree: TreeTarget; readonly text: string }>();
  const unresolved = [...noTargets];
  for (const [at, target] of resolved.entries()) {
    const text = parsed[at]?.text ?? '';
    if (!target.ok) unresolved.push({ ...target, text });
    else {
      wanted.push(...target.value);
      for (const tree of target.trees) trees.set(`${tree.source.peer}${tree.path}`, { tree, text });
    }
  }
  reportUnresolved(context, unresolved);
  const problems = unresolved.map(({ problem }) => problem);
  const files = distinct(wanted);
  const outDir = path.resolve(ports.cwd, flags.out ?? '.');
  const order = flags.sequential === true ? ({ order: 'sequential' } as const) : {};
  const downloads = new Downloads(session, files, reporter, {
    outDir,
    ...order,
    findTimeoutMs: flags.timeout ?? findTimeoutMs,
    now: () => ports.now(),
    notFoundTimeoutMs: flags.timeout ?? notFoundTimeoutMs,
    signal: stop.signal,
  });
  const treeGets = [...trees.values()].map(
    ({ tree }) =>
      new TreeGet(session, tree, reporter, {
        outDir,
        ...order,
        giveUpAfterMs: flags.timeout ?? findTimeoutMs,
        now: () => ports.now(),
        signal: stop.signal,
      }),
  );
  const failures = [...(await downloads.finished)];
  const ends = await Promise.all(treeGets.map(({ finished }) => finished));
  // The bars must be gone before anything else is written.
  await reporter.close();
  for (const [at, { text }] of [...trees.values()].entries()) {
    const problem = ends[at]?.problem;
    if (!problem || stop.signal.aborted) continue;
    problems.push(problem);
    const told = `${text}: ${problem.message}`;
    reportUnresolved(context, [{ ok: false, problem, candidates: [], text, told }]);
  }
  failures.push(...ends.flatMap((end) => end.problems));
  if (!stop.signal.aborted)
    for (const { path: place, files, seconds, problem } of ends)
      if (files === 0 && problem === undefined && place !== undefined) {
        output.event({
          event: 'done',
          id: null,
          path: place,
          size: 0,
          fetched: 0,
          seconds: Math.round(seconds * 1000) / 1000,
          sources: 0,
        });
        output.line(emptyFolderLine(place, ports.cwd));
      }
  // Nobody knows how many files are in a folder that was not found.
  const isFolder = ({ text }: UnresolvedTarget): boolean => text.endsWith('/');
  const folders = unresolved.filter(isFolder).length + ends.filter(({ problem }) => problem).length;
  const missing = { files: unresolved.filter((one) => !isFolder(one)).length, folders };
  const count = reporter.files + missing.files + missing.folders;
  // A folder that was stopped has more files than those that have ended.
  if (reporter.files > 0 && count > 1 && !settings.json && !stop.signal.aborted) {
    const [onlyFolder = outDir] = files.length === 0 && ends.length === 1 ? ends.map((end) => end.path) : [];
    output.note(reporter.line(shownPath(onlyFolder, ports.cwd), missing));
  }
  await tellOfFullDisk(context, reporter.refused, outDir);
  return exitCodeOfAll([...problems, ...failures]);
}

async function tellOfFullDisk(
  { output, stop }: CommandContext,
  refused: RefusedFiles,
  outDir: string,
): Promise<void> {
  if (refused.sizeBytes === 0 || stop.signal.aborted) return;
  const full = await fullDisk(outDir, refused);
  if (full === undefined) return;
  output.event(fullDiskEvent(full));
  if (!output.json) output.note(fullDiskLine(full));
}

/** Every place once, however many arguments led to it. */
function distinct(files: readonly WantedFile[]): readonly WantedFile[] {
  const key = ({ target: { id, folders, name } }: WantedFile): string => [id, ...folders, name].join('/');
  return [...new Map(files.map((file) => [key(file), file])).values()];
}

/** What suits who watches; people see paths relative to `base`. Ink is loaded only where something is drawn. */
export async function reporterFor(
  { output, ports }: CommandContext,
  base: string,
): Promise<DownloadReporter> {
  if (output.interactive && ports.env['TERM'] !== 'dumb') {
    const { BarsReporter } = await import('./bars-reporter.ts');
    const { openProgressScreen } = await import('../../tui/progress-screen.tsx');
    return new BarsReporter(() => openProgressScreen(ports.stdout), ports.stdout, base);
  }
  if (output.json) return new JsonReporter(output, () => ports.now());
  return new LinesReporter(output, () => ports.now(), base);
}
