import { expect, test } from '@jest/globals';
import { EventLog } from '../../src/engine/event-log.ts';
import { trackerView } from '../helpers/views.ts';

test('that others cannot reach us is in the log once, and once more when it has changed', () => {
  const said: string[] = [];
  const log = new EventLog(({ level, text }) => said.push(`${level}: ${text}`));
  const tell = (isReachable: boolean): void =>
    log.receive({
      type: 'tracker',
      tracker: trackerView({ reach: { isReachable, host: '192.0.2.7', port: 40_001 } }),
    });
  for (const isReachable of [false, false, true, true]) tell(isReachable);
  expect(said.filter((line) => line.includes('reach you'))).toEqual([
    expect.stringMatching(/^warn: Others cannot reach you at 192\.0\.2\.7:40001/),
    'info: Others can reach you at 192.0.2.7:40001',
  ]);
});
