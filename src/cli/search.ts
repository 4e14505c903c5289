/** `shoal search`: asks the trackers for contents by words. A query that makes no sense is refused here, where it is wrong. */
import type { Command } from 'commander';
import type { SearchEnd, SearchResult } from '../core/catalogue.ts';
import { defaultSearchLimit, maxSearchLimit } from '../core/limits/cli.ts';
import { maxQueryLength } from '../core/limits/stores.ts';
import { formatSize } from '../core/quantity.ts';
import { noSuchFilter, unknownFilter } from '../core/search/query-parts.ts';
import { shortStart, tooShort } from '../core/search/short-start.ts';
import { compileQuery, type QueryProblem } from '../core/search/query.ts';
import { displayName } from '../core/safe-name.ts';
import { fit, textWidth } from '../tui/text/width.ts';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from './command.ts';
import type { EngineSession } from './engine-session.ts';
import { exitCode } from './exit-codes.ts';
import { wholeNumber } from './flag-values.ts';
import { sourceLine } from './get/source-line.ts';
import { table, type Column } from './table.ts';
import { partialNote } from './words.ts';

const example = `shoal search moby dick ext:epub
shoal search "sunset OR sunrise -beach type:image size:>2M"
shoal search peer:anna type:audio --limit 500`;

/** From here on an id and a name of some length fit one line. */
const minColumnsForIds = 110;

interface SearchFlags {
  readonly limit: number;
}

export function searchCommand(run: Run): Command {
  return (
    describedCommand('search', 'Find files by words in their names.', example)
      .argument(
        '<query...>',
        'words; also "a phrase", -word, OR, ext:pdf, type:video, size:>10M, peer:NAME, id:ID',
      )
      .option(
        '--limit <n>',
        `results at most, up to ${maxSearchLimit}`,
        wholeNumber(1, maxSearchLimit),
        defaultSearchLimit,
      )
      // So that `-word` is a word. Two dashes are still a flag, and none that we know.
      .allowUnknownOption()
      .action(async (words: readonly string[], { limit }: SearchFlags, command: Command) => {
        const mistyped = words.find((word) => word.startsWith('--'));
        if (mistyped !== undefined) command.allowUnknownOption(false).parse([mistyped], { from: 'user' });
        return run(command, (context) => search(context, words.join(' '), limit));
      })
  );
}

async function search(context: CommandContext, query: string, limit: number): Promise<number> {
  const compiled = compileQuery(query);
  if (!compiled.ok) return refused(context, query, compiled.problem);
  return withEngine(context, async (session) => {
    const answer = await session.ask('search', { query, limit });
    if (!answer.ok) {
      const code = failed(context, answer.problem);
      // Asked too often, not too much: later it is answered.
      return answer.problem.code === 'limit' ? exitCode.unavailable : code;
    }
    const { results: found, end } = answer.value;
    // Each catalogue gives so many.
    const results = found.slice(0, limit);
    const { output } = context;
    if (results.length > 0) {
      const partial = end.isPartial === true && { partial: true };
      output.event(...results.map((result) => ({ ...searchResultLine(result), ...partial })));
      output.line(...resultTable(results, output.columns));
      if (!output.json) output.note('', 'Get one with: shoal get ID');
    }
    const hasMore = end.cursor !== undefined || found.length > limit;
    const isAlone = results.length === 0 && end.suggestion === undefined && (await nobodyElse(session));
    output.note(...endNotes(query, results.length, limit, hasMore, isAlone, end));
    if (results.length === 0) output.note(...(await whyNothing(session, query, compiled.value.peers)));
    if (results.length > 0) return exitCode.done;
    // What is missing may have it: whoever asked does not know that it is nowhere.
    return end.isPartial === true ? exitCode.unavailable : exitCode.notFound;
  });
}

/** Shows where a query is wrong, below the words that say what is. */
function refused(context: CommandContext, query: string, problem: QueryProblem): number {
  const cells = (from: number, to: number): number => textWidth(displayName(query.slice(from, to)));
  const sign = '^'.repeat(Math.max(1, cells(problem.from, problem.to)));
  failed(context, problem);
  if (query.trim() !== '' && query.length <= maxQueryLength)
    context.output.note(`  ${query}`, `  ${' '.repeat(cells(0, problem.from))}${sign}`);
  return exitCode.usage;
}

/** What of a query may have kept it from finding anything: a filter that is none, peers that are not online. */
async function whyNothing(
  session: EngineSession,
  query: string,
  peers: readonly string[],
): Promise<readonly string[]> {
  const filter = unknownFilter(query);
  const notes = filter === undefined ? [] : [`${noSuchFilter(filter)}.`];
  const answers = await Promise.all(peers.map((peer) => session.ask('find-peer', { peer })));
  for (const answer of answers)
    if (!answer.ok && answer.problem.code === 'not-found') notes.push(`${answer.problem.message}.`);
  return notes;
}

/** Whether the trackers know nobody at all: then there is nothing to be found by other words. */
async function nobodyElse(session: EngineSession): Promise<boolean> {
  const answer = await session.ask('peers', {});
  return answer.ok && answer.value.isPartial !== true && answer.value.peers.length === 0;
}

/** What people are told of how a search ended: why there is nothing, or that there is more. */
function endNotes(
  query: string,
  count: number,
  limit: number,
  hasMore: boolean,
  isAlone: boolean,
  { suggestion, isCut, isPartial }: SearchEnd,
): readonly string[] {
  const notes: string[] = [];
  if (count === 0) {
    const start = shortStart(query);
    const advice = suggestion
      ? `Did you mean: ${suggestion}`
      : isAlone
        ? 'Nobody is online now.'
        : start === undefined
          ? 'Fewer words, or the start of one, find more.'
          : `${tooShort(start)}.`;
    notes.push(`Nothing found for ${JSON.stringify(query)}. ${advice}`);
  } else if (hasMore && limit < maxSearchLimit)
    notes.push(`These are the first ${count}: --limit ${Math.min(maxSearchLimit, limit * 4)} shows more.`);
  else if (hasMore || isCut === true)
    notes.push(`These are the first ${count}: there may be more, which more words or filters find.`);
  if (isPartial === true) notes.push(partialNote);
  return notes;
}

/** A result as scripts get it; `folder` where the trackers say in which the file of that name lies. */
export function searchResultLine({ id, name, sizeBytes, type, sources, folder }: SearchResult): object {
  return {
    id,
    name,
    size: sizeBytes,
    type,
    sources: sources.map(sourceLine),
    ...(folder !== undefined && { folder }),
  };
}

/**
 * Results for people: the id in full so that it can be copied, below its row where a row would be too long. Where
 * several have one name it is said in which folder each lies: in a column where nothing need fit, else below its row.
 */
export function resultTable(
  results: readonly SearchResult[],
  columns: number | undefined,
): readonly string[] {
  const alike = namesOfSeveral(results);
  const folderOf = ({ name, folder = '' }: SearchResult): string => (alike.has(name) ? folder : '');
  const hasFolders = columns === undefined && results.some((result) => folderOf(result) !== '');
  const hasIds = columns === undefined || columns >= minColumnsForIds;
  const layout: readonly Column[] = [
    { title: 'NAME', shrink: 'middle' },
    { title: 'SIZE', align: 'right' },
    { title: 'TYPE' },
    { title: 'SOURCES', align: 'right' },
    ...(hasFolders ? [{ title: 'FOLDER' }] : []),
    ...(hasIds ? [{ title: 'ID' }] : []),
  ];
  const rows = results.map((result) => [
    result.name,
    formatSize(result.sizeBytes),
    result.type,
    String(result.sources.length),
    ...(hasFolders ? [folderOf(result)] : []),
    ...(hasIds ? [result.id] : []),
  ]);
  const [titles = '', ...lines] = table(layout, rows, columns);
  if (columns === undefined) return [titles, ...lines];
  const below = (result: SearchResult): readonly string[] => {
    const folder = displayName(folderOf(result));
    return [
      ...(folder === '' ? [] : [fit(`  in ${folder}`, columns, 'left', 'middle').trimEnd()]),
      ...(hasIds ? [] : [`  ${result.id}`]),
    ];
  };
  return [titles, ...lines.flatMap((line, at) => [line, ...results.slice(at, at + 1).flatMap(below)])];
}

function namesOfSeveral(results: readonly SearchResult[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(results.flatMap(({ name }) => (seen.size === seen.add(name).size ? [name] : [])));
}
