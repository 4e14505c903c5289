import { describe, expect, test } from '@jest/globals';
import type { AttachedEngine, BlockedPeer, EngineCommand } from '../../../src/core/engine/engine-api.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { engineSnapshot } from '../../helpers/views.ts';
import { contentId, FakeEngine, peerId, play } from '../fakes.ts';

const mallory: BlockedPeer = { peer: peerId(5), name: 'mallory' };
const source = { ...mallory, host: '127.0.0.1', port: 1 };

/** Answers as an engine that has blocked these; all else is online or not. */
function blocking(...blocked: BlockedPeer[]) {
  const now = [...blocked];
  return (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type === 'block') now.push({ peer: command.peer, name: command.name });
    if (command.type === 'unblock')
      now.splice(
        now.findIndex(({ peer }) => peer === command.peer),
        1,
      );
    const { requestId } = { requestId: 0, ...command };
    if (command.type === 'find-peer') {
      const isKnown = command.peer === 'mallory';
      const answer = isKnown ? ok(source) : fail('not-found', `No peer ${command.peer} is online`);
      engine.emit({ type: 'answer-find-peer', requestId, answer });
    }
    if (command.type === 'snapshot') {
      const snapshot = engineSnapshot({ peer: peerId(1), blocked: [...now] });
      engine.emit({ type: 'answer-snapshot', requestId, answer: ok(snapshot) });
    }
  };
}

class Attached extends FakeEngine implements AttachedEngine {
  readonly pid = 1;
  closed = 0;
  constructor(answer: ReturnType<typeof blocking>) {
    super({} as never, answer);
  }
  close(): void {
    this.closed += 1;
    this.end(0);
  }
}

describe('block', () => {
  test('is done by the peer that runs, once', async () => {
    const answer = blocking();
    const engine = new Attached(answer);
    const attachedTo = (one: Attached) => ({ connectEngine: () => Promise.resolve(ok(one)) });
    const first = await play({ argv: ['block', 'mallory', '--json'], ports: attachedTo(engine) });
    expect([first.code, first.events, first.engines.length, engine.closed]).toEqual([
      0,
      [{ event: 'blocked', ...mallory, changed: true }],
      0,
      1,
    ]);
    const later = new Attached(answer);
    const again = await play({ argv: ['block', 'mallory'], ports: attachedTo(later) });
    expect(again.stdout.lines).toEqual([`Blocked already: mallory, id ${mallory.peer}`]);
    const sent = [...engine.sent, ...later.sent].filter(({ type }) => type === 'block');
    expect(sent).toEqual([{ type: 'block', ...mallory }]);
  });

  test('is done in the profile where no peer of it runs', async () => {
    const { code, stdout, engines } = await play({ argv: ['block', 'mallory'], answer: blocking() });
    expect([code, stdout.lines]).toEqual([0, [`Blocked: mallory, id ${mallory.peer}`]]);
    expect(engines[0]?.config).toMatchObject({ role: 'guest' });
  });

  test('takes an id of who is not online, no name of one, and not its own', async () => {
    const id = contentId(8) as unknown as typeof mallory.peer;
    const byId = await play({ argv: ['block', id, '--json'], answer: blocking() });
    expect(byId.events).toEqual([{ event: 'blocked', peer: id, name: id.slice(0, 8), changed: true }]);
    const nobody = await play({ argv: ['block', 'nobody'], answer: blocking() });
    expect([nobody.code, nobody.stderr.text]).toEqual([66, expect.stringContaining('by its id')]);
    expect((await play({ argv: ['block', peerId(1)], answer: blocking() })).code).toBe(64);
  });

  test('says so when it was not done', async () => {
    const answer = blocking();
    const { code } = await play({
      argv: ['block', 'mallory'],
      answer: (command, engine) => {
        if (command.type !== 'block') answer(command, engine);
      },
    });
    expect(code).toBe(1);
  });
});

describe('unblock and blocked', () => {
  const other = { peer: contentId(9) as unknown as typeof mallory.peer, name: 'mallory' };

  test('take a name or the beginning of an id, and name no more than one', async () => {
    const byName = await play({ argv: ['unblock', 'mallory', '--json'], answer: blocking(mallory) });
    expect(byName.events).toEqual([{ event: 'unblocked', ...mallory, changed: true }]);
    const several = await play({ argv: ['unblock', 'mallory'], answer: blocking(mallory, other) });
    expect([several.code, several.stderr.text]).toEqual([
      66,
      expect.stringContaining('2 peers called mallory'),
    ]);
    const byId = await play({
      argv: ['unblock', other.peer.slice(0, 8), '--json'],
      answer: blocking(mallory, other),
    });
    expect(byId.events).toEqual([{ event: 'unblocked', ...other, changed: true }]);
    expect((await play({ argv: ['unblock', 'bob'], answer: blocking(mallory) })).code).toBe(66);
  });

  test('take a name however it is written, an id before a name, and a name before the beginning of an id', async () => {
    const unblocked = async (text: string, ...blocked: BlockedPeer[]) =>
      (await play({ argv: ['unblock', text, '--json'], answer: blocking(...blocked) })).events;
    for (const text of ['Mallory', 'MALLÓRY', 'm\u0430llory'])
      expect(await unblocked(text, mallory)).toEqual([{ event: 'unblocked', ...mallory, changed: true }]);
    const begins = { ...mallory, name: other.peer.slice(0, 8) };
    expect(await unblocked(begins.name, other, begins)).toMatchObject([{ peer: begins.peer }]);
    expect(await unblocked(other.peer.toUpperCase(), { ...mallory, name: other.peer }, other)).toMatchObject([
      { peer: other.peer },
    ]);
  });

  test('list who is blocked', async () => {
    const some = await play({ argv: ['blocked', '--json'], answer: blocking(mallory) });
    expect(some.events).toEqual([mallory]);
    const lines = (await play({ argv: ['blocked'], answer: blocking(mallory) })).stdout.lines;
    expect(lines[1]).toContain(`mallory  ${mallory.peer}`);
    const nobody = await play({ argv: ['blocked'], answer: blocking() });
    expect([nobody.code, nobody.stdout.text, nobody.stderr.text]).toEqual([0, '', 'Nobody is blocked.\n']);
  });
});
