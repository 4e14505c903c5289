/**
 * The job behind one connection to who has what we want, mostly dialled: fetches what its actor wants, for any number of
 * files at once.
 */
import { EngineRates } from '../../../core/engine/engine-rates.ts';
import { fail, type Result } from '../../../core/result.ts';
import { openChannel } from '../../channel.ts';
import type { Ended, FetchControl, FetchHost, FetchInput } from '../../transfer-contract.ts';
import { FetchClient } from './fetch-client.ts';
import { dialledLine, type FetchLine } from './fetch-line.ts';

/** Dials, and ends when either side leaves or the channel closes; what the other side does never makes it throw. */
export function fetch(input: FetchInput): Promise<Ended> {
  return fetchOver(input, (closed) => dialledLine(input, closed));
}

/** The same over a connection that `begin` gives; it is to be destroyed once the promise it is given settles. */
export async function fetchOver(
  { peer, link, rates }: Pick<FetchInput, 'peer' | 'link' | 'rates'>,
  begin: (closed: Promise<void>) => Promise<Result<FetchLine>>,
): Promise<Ended> {
  let client: FetchClient | undefined;
  const closed = fail('closed', 'The connection is closed');
  const control: FetchControl = {
    manifest: async (id) => client?.manifest(id) ?? closed,
    list: async (request) => client?.list(request) ?? closed,
    open: async (content) => client?.open(content) ?? closed,
    want: (content, ranges) => client?.downloader.want(content, ranges),
    leave: (content, ranges) => client?.downloader.leave(content, ranges),
    close: async (content) => client?.close(content),
    openTree: (tree) => client?.files.open(tree),
    wantFiles: (tree, files) => client?.files.want(tree, files),
    dropFiles: (tree, files) => client?.files.drop(tree, files) ?? [],
    closeTree: (tree) => client?.files.close(tree),
    stop: () => client?.connection.end({ code: 'closed', message: 'Stopped' }),
  };
  const channel = openChannel<FetchHost>(link, control);
  try {
    const line = await begin(channel.closed);
    if (!line.ok) return line;
    const { host, connect, attach, resume } = line.value;
    client = new FetchClient(
      channel.remote,
      peer,
      new EngineRates(rates).downloadFrom(host),
      connect,
      resume,
    );
    attach(client);
    resume();
    const problem = await client.connection.ended;
    await client.end(problem);
    return client.connection.unlessAtFault({ problem });
  } finally {
    channel.close();
  }
}
