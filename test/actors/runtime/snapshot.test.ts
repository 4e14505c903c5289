import { expect, test } from '@jest/globals';
import { actor, ActorSystem } from '../../../src/actors/runtime/index.ts';

const idle = actor<never>('idle', () => ({ receive() {} }));

const house = actor<never>('house', (ctx) => {
  ctx.spawn(idle, undefined, { name: 'keeper' });
  for (let guest = 1; guest <= 3; guest++)
    ctx.spawn(idle, undefined, { name: `guest-${guest}`, restart: 'temporary' });
  return { receive() {} };
});

test('a snapshot of those who stand leaves out those who are never restarted', async () => {
  const system = new ActorSystem();
  await system.start(house, undefined).ready;
  const paths = async (only: 'all' | 'standing') => (await system.fullSnapshot(only)).map(({ path }) => path);
  expect(await paths('standing')).toEqual(['/house', '/house/keeper']);
  expect(await paths('all')).toHaveLength(5);
  await system.stop();
});
