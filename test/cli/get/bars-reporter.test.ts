import { describe, expect, test } from '@jest/globals';
import xterm from '@xterm/headless';
import type { DownloadView, EngineCommand, TreeFile } from '../../../src/core/engine/engine-api.ts';
import { ok } from '../../../src/core/result.ts';
import { contentId, peerId, start, until, type FakeEngine } from '../fakes.ts';
import { downloadView } from '../../helpers/views.ts';

const view = (changes: Partial<DownloadView>): DownloadView =>
  downloadView({
    transfer: 1,
    id: contentId(1),
    name: 'a\u001b[2J.bin',
    state: 'downloading',
    sizeBytes: 1000,
    doneBytes: 0,
    fetchedBytes: 0,
    sources: 1,
    usedSources: 1,
    ...changes,
  });

/** The lines above the cursor of a terminal that got `text`. */
async function shown(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: active.cursorY }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
}

/** Starts every download and leaves the rest to the test. */
function begun(command: EngineCommand, engine: FakeEngine): void {
  if (command.type === 'find-contents')
    engine.emit({ type: 'answer-find-contents', requestId: command.requestId, answer: ok([]) });
  if (command.type !== 'download') return;
  const transfer = engine.sent.filter(({ type }) => type === 'download').indexOf(command) + 1;
  engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(transfer) });
  queueMicrotask(() => engine.emit({ type: 'download', download: view({ transfer, doneBytes: 500 }) }));
}

describe('get on a terminal', () => {
  test('draws a bar for each file, then leaves a line for each and nothing else', async () => {
    const playing = start({ argv: ['get', contentId(1), contentId(2)], answer: begun, tty: true });
    await until(() => /50%[^]*50%[^]*0 of 2 files/.test(playing.stdout.text), 'the bars');
    expect(await shown(playing.stdout.text)).toEqual([
      expect.stringMatching(/^a\ufffd\[2J\.bin .*█+·+ {2}50% .*1 source$/),
      expect.stringMatching(/^a\ufffd\[2J\.bin .*█+·+ {2}50% .*1 source$/),
      expect.stringMatching(/^0 of 2 files/),
    ]);
    const over = { state: 'done', doneBytes: 1000, fetchedBytes: 1000 } as const;
    for (const transfer of [1, 2])
      playing.engines[0]?.emit({
        type: 'download',
        download: view({ transfer, ...over, path: `/out/${transfer}\u001b]0;x\u0007` }),
      });
    const { code, stdout, stderr } = await playing.finished;
    expect(code).toBe(0);
    expect(await shown(stdout.text)).toEqual([
      expect.stringMatching(/^Verified {2}\/out\/1\ufffd\]0;x\ufffd {2}1 KiB in 0\.0 s/),
      expect.stringMatching(/^Verified {2}\/out\/2/),
    ]);
    expect(stderr.text).toBe('2 of 2 files verified in /nowhere: 2 KiB in 0.0 s\n');
  });

  test('of more files than it has lines only those that failed leave a line, beside the sum', async () => {
    const bob = { peer: peerId(5), name: 'bob', host: '127.0.0.1', port: 4005 };
    const playing = start({
      argv: ['get', 'bob:/a/b/'],
      tty: true,
      answer: (command, engine) => {
        if (command.type === 'find-peer')
          engine.emit({ type: 'answer-find-peer', requestId: command.requestId, answer: ok(bob) });
        if (command.type === 'download')
          engine.emit({ type: 'answer-download', requestId: command.requestId, answer: ok(7) });
      },
    });
    await until(() => (playing.engines[0]?.sent ?? []).some(({ type }) => type === 'download'));
    const [engine] = playing.engines;
    const tree = (changes: Partial<DownloadView>): DownloadView =>
      view({ transfer: 7, id: undefined, name: 'b', sizeBytes: 4000, ...changes });
    const file = (at: number): TreeFile => ({
      ...{ id: contentId(1), path: `/a/b/${at}`, sizeBytes: 100, filePath: `/out/b/${at}`, doneBytes: 100 },
      ...{ fetchedBytes: 100, sources: 1, problem: undefined, outcome: 'done' as const },
    });
    const problem = { code: 'not-shared', message: 'It is gone' } as const;
    engine?.emit(
      { type: 'download', download: tree({ files: { total: 40, done: 0, failed: 0 } }) },
      { type: 'tree-files', transfer: 7, files: Array.from({ length: 30 }, (_, at) => file(at)) },
      { type: 'tree-files', transfer: 7, files: [{ ...file(30), outcome: 'failed', problem }] },
    );
    await until(() => playing.stdout.text.includes('31 of 40 files'), 'the sum');
    expect(await shown(playing.stdout.text)).toEqual([
      'Failed    /out/b/30: It is gone (not-shared)',
      expect.stringMatching(/^█+▊?·+ {2}77% 31 of 40 files, 1 failed, 3 KiB of 3\.9 KiB/),
    ]);
    engine?.emit(
      { type: 'tree-files', transfer: 7, files: Array.from({ length: 9 }, (_, at) => file(31 + at)) },
      { type: 'download', download: tree({ state: 'done', doneBytes: 3900, path: '/out/b' }) },
    );
    const { stdout, stderr } = await playing.finished;
    expect(await shown(stdout.text)).toEqual(['Failed    /out/b/30: It is gone (not-shared)']);
    expect(stderr.lines).toEqual([
      expect.stringMatching(/^39 of 40 files verified in \/out\/b: 3\.8 KiB in/),
    ]);
  });

  test('Ctrl-C takes the bars away', async () => {
    const playing = start({ argv: ['get', contentId(1)], answer: begun, tty: true });
    await until(() => playing.stdout.text.includes('50%'), 'the bar');
    playing.signal('SIGINT');
    const { code, stdout, stderr } = await playing.finished;
    expect([code, await shown(stdout.text)]).toEqual([130, []]);
    expect(stderr.text).toContain('goes on');
  });

  test('a terminal that cannot redraw gets plain lines', async () => {
    const playing = start({
      argv: ['get', contentId(1)],
      answer: begun,
      tty: true,
      ports: { env: { TERM: 'dumb' } },
    });
    await until(() => (playing.engines[0]?.sent.length ?? 0) > 1);
    playing.engines[0]?.emit({ type: 'download', download: view({ state: 'done', path: '/out/a' }) });
    const { stdout } = await playing.finished;
    expect(stdout.text).toMatch(/^Verified {2}\/out\/a .*\n$/);
  });
});
