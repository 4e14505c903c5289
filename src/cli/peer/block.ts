/**
 * `shoal block`, `shoal unblock`, `shoal blocked`: who gets nothing of this profile and is asked for nothing, in the peer
 * that runs and in the profile. Invariant: what is told was seen to be so.
 */
import type { Command } from 'commander';
import type { BlockedPeer } from '../../core/engine/engine-api.ts';
import { idLength, isId, type PeerId } from '../../core/ids.ts';
import { minIdPrefix } from '../../core/limits/cli.ts';
import { nameKey } from '../../core/peer-name.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from '../command.ts';
import { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import { notEmpty } from '../flag-values.ts';
import { table } from '../table.ts';

const note = `The profile remembers it, whether its peer runs or not; one that runs ends its connections with whom it blocks.
A peer is known by its key: whoever makes a new one is somebody new.`;

const peerArgument = notEmpty("a peer's name or id");

export function blockCommand(run: Run): Command {
  return describedCommand('block', 'Give a peer nothing and ask it for nothing.', 'shoal block mallory', note)
    .argument('<peer>', "a peer's name, if it is online, or its id", peerArgument)
    .action(async (peer: string, _flags: object, command: Command) =>
      run(command, (context) => withRules(context, (session) => block(context, session, peer))),
    );
}

export function unblockCommand(run: Run): Command {
  return describedCommand('unblock', 'Take a peer from those that are blocked.', 'shoal unblock mallory')
    .argument('<peer>', 'its name or the first letters of its id, as shoal blocked shows them', peerArgument)
    .action(async (peer: string, _flags: object, command: Command) =>
      run(command, (context) => withRules(context, (session) => unblock(context, session, peer))),
    );
}

export function blockedCommand(run: Run): Command {
  return describedCommand('blocked', 'List who is blocked.', 'shoal blocked').action(
    async (_flags: object, command: Command) =>
      run(command, (context) => withRules(context, (session) => list(context, session))),
  );
}

/** With the peer of the profile, or with a guest where none runs: what either is told, the profile remembers. */
async function withRules(
  context: CommandContext,
  work: (session: EngineSession) => Promise<number>,
): Promise<number> {
  const { ports, settings, stop } = context;
  const running = await ports.connectEngine(settings.home);
  if (!running.ok)
    return running.problem.code === 'unreachable'
      ? withEngine(context, work)
      : failed(context, running.problem);
  try {
    return await Promise.race([
      work(new EngineSession(running.value)),
      stop.requested.then(() => stop.exitCode('task')),
    ]);
  } finally {
    running.value.close();
  }
}

async function block(context: CommandContext, session: EngineSession, text: string): Promise<number> {
  const before = await session.ask('snapshot', {});
  if (!before.ok) return failed(context, before.problem);
  const found = await whoIs(session, text);
  if (!found.ok) return failed(context, found.problem);
  const { peer, name } = found.value;
  if (peer === before.value.peer) {
    context.output.error(`${displayName(text)}: that is this profile itself`);
    return exitCode.usage;
  }
  const wasSo = before.value.blocked.some((one) => one.peer === peer);
  if (!wasSo) session.send({ type: 'block', peer, name });
  // Answered after it was done.
  const after = await session.ask('snapshot', {});
  if (!after.ok) return failed(context, after.problem);
  if (!after.value.blocked.some((one) => one.peer === peer))
    return failed(context, { code: 'limit', message: `${name} was not blocked: too many are already` });
  return tell(context, 'blocked', found.value, wasSo ? 'Blocked already' : 'Blocked', !wasSo);
}

/** One whose id is known may be blocked wherever it is. */
async function whoIs(session: EngineSession, text: string): Promise<Result<BlockedPeer>> {
  const found = await session.ask('find-peer', { peer: text });
  if (found.ok) return ok({ peer: found.value.peer, name: found.value.name });
  if (isId(text)) return ok({ peer: text as PeerId, name: text.slice(0, 8) });
  if (found.problem.code !== 'not-found') return found;
  return fail('not-found', `${found.problem.message}; who is not online is blocked by its id`);
}

async function unblock(context: CommandContext, session: EngineSession, text: string): Promise<number> {
  const before = await session.ask('snapshot', {});
  if (!before.ok) return failed(context, before.problem);
  const meant = theOne(text, before.value.blocked);
  if (!meant.ok) return failed(context, meant.problem);
  const { peer } = meant.value;
  session.send({ type: 'unblock', peer, name: meant.value.name });
  const after = await session.ask('snapshot', {});
  if (!after.ok) return failed(context, after.problem);
  return tell(context, 'unblocked', meant.value, 'Unblocked', true);
}

/** Known by its id, or else by a name that is the same to people, or else by how its id begins. */
function theOne(text: string, blocked: readonly BlockedPeer[]): Result<BlockedPeer> {
  const word = text.toLowerCase();
  const key = nameKey(text);
  const isCalledSo = ({ name }: BlockedPeer): boolean => {
    const its = nameKey(name);
    return key.ok && its.ok ? its.value === key.value : name === text;
  };
  const isPrefix = word.length >= minIdPrefix && word.length <= idLength;
  const ways = [
    ({ peer }: BlockedPeer) => peer === word,
    isCalledSo,
    ({ peer }: BlockedPeer) => isPrefix && peer.startsWith(word),
  ];
  const [only, ...others] =
    ways.map((isMeant) => blocked.filter(isMeant)).find((meant) => meant.length > 0) ?? [];
  const shown = displayName(text);
  if (only === undefined) return fail('not-found', `nobody called ${shown} is blocked; see shoal blocked`);
  return others.length === 0
    ? ok(only)
    : fail('ambiguous', `${others.length + 1} peers called ${shown} are blocked; give the id of one`);
}

async function list(context: CommandContext, session: EngineSession): Promise<number> {
  const { output } = context;
  const snapshot = await session.ask('snapshot', {});
  if (!snapshot.ok) return failed(context, snapshot.problem);
  const { blocked } = snapshot.value;
  output.event(...blocked.map(({ peer, name }) => ({ peer, name })));
  const rows = blocked.map(({ peer, name }) => [name, peer]);
  if (rows.length > 0)
    output.line(...table([{ title: 'NAME', shrink: 'middle' }, { title: 'ID' }], rows, output.columns));
  else output.note('Nobody is blocked.');
  return exitCode.done;
}

function tell(
  { output }: CommandContext,
  event: 'blocked' | 'unblocked',
  { peer, name }: BlockedPeer,
  words: string,
  changed: boolean,
): number {
  output.event({ event, peer, name, changed });
  output.line(`${words}: ${name}, id ${peer}`);
  return exitCode.done;
}
