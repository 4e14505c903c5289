/** `shoal browse`: what a peer shares, one level or everything below a folder. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { notEmpty } from './flag-values.ts';
import { Listing } from './listing.ts';
import { shellWord } from './words.ts';

const example = `shoal browse alice
shoal browse --recursive alice:/music/live/`;

interface BrowseFlags {
  readonly recursive?: boolean;
}

export function browseCommand(run: Run): Command {
  return describedCommand('browse', 'List what a peer shares.', example)
    .argument(
      '<peer>',
      "a peer's name or id, or PEER:/folder/ as get takes it",
      notEmpty("a peer's name or id"),
    )
    .argument('[path]', 'folder to list (default: all)', virtualFolder)
    .option('--recursive', 'everything below, not one level only')
    .action(
      async (
        text: string,
        folder: string | undefined,
        { recursive = false }: BrowseFlags,
        command: Command,
      ) => {
        const { peer, path } = folder === undefined ? placeOf(text) : { peer: text, path: folder };
        return run(command, (context) => browse(context, peer, path, recursive));
      },
    );
}

/** Whose folder one word names. No name of a peer has a slash in it. */
function placeOf(text: string): { readonly peer: string; readonly path: string } {
  const colon = text.indexOf(':/');
  return colon > 0
    ? { peer: text.slice(0, colon), path: virtualFolder(text.slice(colon + 1)) }
    : { peer: text, path: '/' };
}

async function browse(
  context: CommandContext,
  peer: string,
  path: string,
  recursive: boolean,
): Promise<number> {
  return withEngine(context, async (session) => {
    const { output } = context;
    const listing = new Listing(context);
    const answer = await session.browse({ peer, path, recursive }, (entries) => listing.add(entries));
    listing.end();
    const { count } = listing;
    if (!answer.ok) {
      const isFolderMissing =
        answer.problem.code === 'not-found' && path !== '/' && (await session.ask('find-peer', { peer })).ok;
      if (!isFolderMissing) return failed(context, answer.problem);
      output.error(`${answer.problem.message}; ${whatThereIs(peer)}`);
      return exitCode.notFound;
    }
    if (count > 0 || path === '/') {
      if (count === 0) output.note(`${peer} shares nothing.`);
      return exitCode.done;
    }
    output.error(`${peer} shares no folder ${path}; ${whatThereIs(peer)}`);
    return exitCode.notFound;
  });
}

const whatThereIs = (peer: string): string => `shoal browse ${shellWord(peer)} shows what there is`;

/** A folder of a share as peers know it; the slashes at its ends may be left out. */
function virtualFolder(text: string): string {
  if (text.includes('\0')) throw new InvalidArgumentError('a path such as /music/');
  const path = text.startsWith('/') ? text : `/${text}`;
  return path.endsWith('/') ? path : `${path}/`;
}
