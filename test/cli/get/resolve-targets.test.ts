import { describe, expect, test } from '@jest/globals';
import { parseTarget, type ParsedTarget } from '../../../src/cli/get/get-target.ts';
import { EngineSession } from '../../../src/cli/engine-session.ts';
import { resolveTargets } from '../../../src/cli/get/resolve-targets.ts';
import type { ListEntry, SearchResult } from '../../../src/core/catalogue.ts';
import type { EngineCommand } from '../../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId } from '../../../src/core/ids.ts';
import { contentsAskedAtOnce, findTimeoutMs, targetsAskedAtOnce } from '../../../src/core/limits/cli.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { contentId, FakeEngine, peerId } from '../fakes.ts';

const bob = { peer: peerId(1), name: 'bob', host: '127.0.0.1', port: 1 };

const result = (id: ContentId, name: string): SearchResult => ({
  ...{ id, name, names: [name], sizeBytes: 9, type: 'other', sources: [bob] },
});

const parsed = (text: string): ParsedTarget => {
  const target = parseTarget(text);
  if (!target.ok) throw new Error(target.problem.message);
  return target.value;
};

/** Resolves by an engine that answers so; time passes only while is waited. */
async function resolve(
  texts: readonly string[],
  answer: (command: EngineCommand, engine: FakeEngine) => void,
  signal = new AbortController().signal,
) {
  const engine = new FakeEngine({} as never, answer);
  let nowMs = 0;
  const patience = {
    now: () => nowMs,
    wait: (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const answers = await resolveTargets(new EngineSession(engine), texts.map(parsed), patience, signal);
  return { answers, sent: engine.sent, waitedMs: nowMs };
}

describe('many targets', () => {
  test('are asked for a few at a time, and answered in their order', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const texts = Array.from({ length: 200 }, (_, at) => `file-${at}`);
    const { answers } = await resolve(texts, (command, engine) => {
      if (command.type !== 'find-name') return;
      waiting.push(() =>
        engine.emit({
          type: 'answer-find-name',
          requestId: command.requestId,
          answer: fail('not-found', command.name),
        }),
      );
      most = Math.max(most, waiting.length);
      // The last to ask is answered first.
      setImmediate(() => waiting.pop()?.());
    });
    expect(most).toBe(targetsAskedAtOnce);
    expect(answers.map((resolved) => !resolved.ok && resolved.problem.message)).toEqual(texts);
  });

  test.each(['limit', 'busy'] as const)('are asked for again when that was too much (%s)', async (code) => {
    let asked = 0;
    const { answers, waitedMs } = await resolve([contentId(7)], (command, engine) => {
      if (command.type !== 'find-contents') return;
      asked += 1;
      const answer = asked < 3 ? fail(code, 'Too much') : ok([]);
      engine.emit({ type: 'answer-find-contents', requestId: command.requestId, answer });
    });
    expect(answers).toMatchObject([{ ok: true, value: [{ target: { id: contentId(7) } }] }]);
    expect([asked, waitedMs > 0]).toEqual([3, true]);
  });

  test('are given up when it stays too much, and at once when the command is stopped', async () => {
    const refuse = (command: EngineCommand, engine: FakeEngine): void => {
      if (command.type === 'find-name')
        engine.emit({
          type: 'answer-find-name',
          requestId: command.requestId,
          answer: fail('limit', 'Too much'),
        });
    };
    const { answers, waitedMs } = await resolve(['song.mp3'], refuse);
    expect(answers).toMatchObject([{ ok: false, problem: { code: 'limit' } }]);
    expect(waitedMs).toBe(findTimeoutMs);
    const stopped = await resolve(['song.mp3'], refuse, AbortSignal.abort());
    expect(stopped).toMatchObject({ answers: [{ ok: false }], waitedMs: 0 });
  });

  test('that are ids are asked for many at a time, each once, and called what a tracker calls them', async () => {
    const ids = Array.from({ length: contentsAskedAtOnce + 1 }, (_, at) =>
      encodeId(new Uint8Array(new Uint32Array(8).fill(at).buffer)),
    ) as ContentId[];
    const questions: (readonly string[])[] = [];
    const { answers } = await resolve([...ids, ...ids.slice(0, 1)], (command, engine) => {
      if (command.type !== 'find-contents') return;
      questions.push(command.ids);
      // Nobody shares the second now.
      const results = command.ids.filter((id) => id !== ids[1]).map((id) => result(id, `name-${id}`));
      engine.emit({ type: 'answer-find-contents', requestId: command.requestId, answer: ok(results) });
    });
    expect(questions).toEqual([ids.slice(0, contentsAskedAtOnce), ids.slice(contentsAskedAtOnce)]);
    const names = [...ids, ...ids.slice(0, 1)].map((id, at) => (at === 1 ? id : `name-${id}`));
    expect(answers.map((resolved) => resolved.ok && resolved.value[0]?.target.name)).toEqual(names);
    expect(answers[1]).toMatchObject({ value: [{ sizeBytes: undefined, target: { sources: [] } }] });
    expect(answers[2]).toMatchObject({ value: [{ sizeBytes: 9, target: { sources: [bob] } }] });
  });

  test('that an older tracker names nothing of are asked for one by one', async () => {
    const { answers } = await resolve([contentId(1), contentId(2)], (command, engine) => {
      if (command.type === 'find-contents')
        engine.emit({
          type: 'answer-find-contents',
          requestId: command.requestId,
          answer: ok([result(contentId(1), '')]),
        });
      if (command.type === 'find-name')
        engine.emit({
          type: 'answer-find-name',
          requestId: command.requestId,
          answer: ok([result(contentId(1), 'song.mp3')]),
        });
    });
    expect(answers.map((resolved) => resolved.ok && resolved.value[0]?.target.name)).toEqual([
      'song.mp3',
      contentId(2),
    ]);
  });

  test('in one folder cost one list of it, and one look for its peer', async () => {
    const names = Array.from({ length: 50 }, (_, at) => `song-${at}.mp3`);
    const entries = names.map((name, at): ListEntry => ({
      kind: 'file',
      path: `/a/${name}`,
      id: contentId(at),
      sizeBytes: at,
    }));
    const targets = [...names.map((name) => `bob:/a/${name}`), 'bob:/a/live', 'bob:/a/nothing'];
    const { answers, sent } = await resolve(targets, (command, engine) => {
      if (command.type === 'find-peer')
        engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer: ok(bob) });
      if (command.type !== 'browse') return;
      const page = (part: readonly ListEntry[], last: boolean): void =>
        engine.emit({ type: 'answer-browse', requestId: command.requestId, answer: ok(part), last });
      page(entries.slice(0, 20), false);
      page([...entries.slice(20), { kind: 'folder', path: '/a/live/', files: 1, sizeBytes: 1 }], true);
    });
    expect(sent.map(({ type }) => type).toSorted()).toEqual(['browse', 'find-peer']);
    expect(answers.slice(0, 50).map((resolved) => resolved.ok && resolved.value[0]?.target.name)).toEqual(
      names,
    );
    expect(answers.slice(50)).toMatchObject([
      { ok: true, trees: [{ path: '/a/live/' }] },
      { ok: false, problem: { code: 'not-found' } },
    ]);
  });
});
