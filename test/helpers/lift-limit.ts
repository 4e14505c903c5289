/** Slow downloads leave a test the time to do something to them; then they need not be slow any more. */
import { connectEngine } from '../../src/engine/connect-engine.ts';
import { until } from './poll.ts';

/** Takes the limit off the only download of the engine that runs in the profile `home`. */
export async function liftLimit(home: string): Promise<void> {
  const engine = await connectEngine(home);
  if (!engine.ok) throw new Error(engine.problem.message);
  let isLifted = false;
  engine.value.subscribe((event) => {
    if (event.type === 'download') isLifted ||= event.download.limitBytesPerSecond === 0;
  });
  engine.value.send({ type: 'limit', transfers: [1], bytesPerSecond: 0 });
  await until('it has no limit', () => isLifted);
  engine.value.close();
}
