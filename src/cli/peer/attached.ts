/** Commands that speak to the peer of the profile that runs already: they find it, ask it, and let go of it. */
import type { AttachedEngine } from '../../core/engine/engine-api.ts';
import type { Problem } from '../../core/result.ts';
import { failed, type CommandContext } from '../command.ts';
import { EngineSession } from '../engine-session.ts';
import { shellWord } from '../words.ts';

type Work = (session: EngineSession, engine: AttachedEngine) => Promise<number>;

/** Asks the running peer something; a signal ends the waiting. Exit code 69, or that of `otherwise`, when there is none. */
export async function askRunningPeer(
  context: CommandContext,
  work: Work,
  otherwise?: Problem,
): Promise<number> {
  const { stop } = context;
  const asking: Work = (session, engine) =>
    Promise.race([work(session, engine), stop.requested.then(() => stop.exitCode('task'))]);
  return withRunningPeer(context, asking, otherwise);
}

/** Runs `work` with the running peer, which goes on afterwards. Exit code 69, or that of `otherwise`, when there is none. */
export async function withRunningPeer(
  context: CommandContext,
  work: Work,
  otherwise?: Problem,
): Promise<number> {
  const found = await context.ports.connectEngine(context.settings.home);
  if (!found.ok) return failed(context, otherwise ?? found.problem);
  const code = await work(new EngineSession(found.value), found.value);
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
