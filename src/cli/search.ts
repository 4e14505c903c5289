/** `shoal search`: asks the trackers for contents by words. */
import type { Command } from 'commander';
import type { SearchResult } from '../core/catalogue.ts';
import { defaultSearchLimit, maxSearchResults } from '../core/limits.ts';
import { formatSize } from '../core/quantity.ts';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { wholeNumber } from './flag-values.ts';
import { table, type Column } from './table.ts';

const example = `shoal search moby dick ext:epub
shoal search "sunset -beach type:image size:>2M"`;

/** From here on an id and a name of some length fit one line. */
const minColumnsForIds = 110;

interface SearchFlags {
  readonly limit: number;
}

export function searchCommand(run: Run): Command {
  return (
    describedCommand('search', 'Find files by words in their names.', example)
      .argument('<query...>', 'words; also -word, ext:pdf, type:video, size:>10M, size:<1G')
      .option('--limit <n>', 'results at most', wholeNumber(1, maxSearchResults), defaultSearchLimit)
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
  return withEngine(context, async (session) => {
    const answer = await session.ask('search', { query, limit });
    if (!answer.ok) return failed(context, answer.problem);
    const { output } = context;
    if (answer.value.length === 0) {
      output.note(`Nothing found for ${JSON.stringify(query)}. Fewer words, or the start of one, find more.`);
      return exitCode.notFound;
    }
    output.event(...answer.value.map(searchResultLine));
    output.line(...resultTable(answer.value, output.columns));
    if (!output.json) output.note('', 'Get one with: shoal get ID');
    return exitCode.done;
  });
}

/** A result as scripts get it. */
export function searchResultLine({ id, name, sizeBytes, type, sources }: SearchResult): object {
  return {
    id,
    name,
    size: sizeBytes,
    type,
    sources: sources.map(({ peer, name, host, port }) => ({ peer, name, host, port })),
  };
}

/** Results for people: the id in full so that it can be copied, below its row where a row would be too long. */
export function resultTable(
  results: readonly SearchResult[],
  columns: number | undefined,
): readonly string[] {
  const layout: readonly Column[] = [
    { title: 'NAME', shrink: 'middle' },
    { title: 'SIZE', align: 'right' },
    { title: 'TYPE' },
    { title: 'SOURCES', align: 'right' },
    { title: 'ID' },
  ];
  const rows = results.map(({ id, name, sizeBytes, type, sources }) => [
    name,
    formatSize(sizeBytes),
    type,
    String(sources.length),
    id,
  ]);
  if (columns === undefined || columns >= minColumnsForIds) return table(layout, rows, columns);
  const [titles = '', ...lines] = table(layout.slice(0, -1), rows, columns);
  return [titles, ...lines.flatMap((line, at) => [line, `  ${results[at]?.id ?? ''}`])];
}
