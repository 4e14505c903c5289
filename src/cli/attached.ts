/** Commands that speak to the peer of the profile that runs already: they find it, ask it, and let go of it. */
import type { AttachedEngine } from '../core/engine-api.ts';
import { failed, type CommandContext } from './command.ts';
import { EngineSession } from './engine-session.ts';
import { shellWord } from './words.ts';

/** Runs `work` with the running peer; it goes on afterwards. Exit code 69 when there is none. */
export async function withRunningPeer(
  context: CommandContext,
  work: (session: EngineSession, engine: AttachedEngine) => Promise<number>,
): Promise<number> {
  const { ports, settings, stop } = context;
  const found = await ports.connectEngine(settings.home);
  if (!found.ok) return failed(context, found.problem);
  const session = new EngineSession(found.value);
  const code = await Promise.race([
    work(session, found.value),
    session.ended.then(() => failed(context, session.endProblem())),
    stop.requested.then(() => stop.exitCode('task')),
  ]);
  found.value.close();
  return code;
}

/** The flags that name this profile in another command, with a space before them. */
export function profileFlags({ settings }: CommandContext): string {
  const { name, nameGiven, home, homeGiven } = settings;
  return [
    ...(nameGiven ? [`--name ${shellWord(name)}`] : []),
    ...(homeGiven ? [`--home ${shellWord(home)}`] : []),
  ]
    .map((flag) => ` ${flag}`)
    .join('');
}
