import { describe, expect, test } from '@jest/globals';
import type { ShareView } from '../../../../src/core/engine/engine-api.ts';
import { addedShareAwaitedMs } from '../../../../src/core/limits/screen.ts';
import { goldenScreens } from '../golden.ts';
import { openController, typed } from '../../open-tui.ts';
import { encodeId, type ContentId } from '../../../../src/core/ids.ts';
import type { EngineCommand, EngineEvent, ShareEntry } from '../../../../src/core/engine/engine-api.ts';

const share = (folder: string, changes: Partial<ShareView> = {}): ShareView => ({
  folder,
  name: folder.slice(folder.lastIndexOf('/') + 1),
  state: 'watching',
  files: 1204,
  bytes: 88_100_000_000,
  hashing: { files: 0, bytes: 0 },
  scannedMs: new Date(2026, 10, 22, 14, 1).getTime(),
  problem: undefined,
  ...changes,
});

const snapshot = {
  shares: [
    share('/home/me/Music'),
    share('/home/me/Papers', { state: 'hashing', files: 40, bytes: 410, hashing: { files: 60, bytes: 590 } }),
    share('/media/\u001b[2Jusb', {
      state: 'failed',
      files: 0,
      bytes: 0,
      problem: { code: 'io', message: 'permission denied' },
    }),
  ],
};

const id = encodeId(new Uint8Array(32).fill(7)) as ContentId;
const entries: Readonly<Record<string, readonly ShareEntry[]>> = {
  '/Music/': [
    { kind: 'folder', path: '/Music/live/', files: 2, sizeBytes: 4_000, sentBytes: 0, timesSent: 0 },
    { kind: 'file', path: '/Music/blue moon.mp3', sizeBytes: 5_000_000, id, sentBytes: 12_000_000, timesSent: 3 },
  ],
  '/Music/live/': [
    { kind: 'file', path: '/Music/live/one.flac', sizeBytes: 2_000, id, sentBytes: 0, timesSent: 0 },
  ],
}; // prettier-ignore

type Of<Type extends EngineCommand['type']> = Extract<EngineCommand, { readonly type: Type }>;
const done = { ok: true, value: undefined } as const;
const answers = {
  'share-entries': ({ requestId, path }: Of<'share-entries'>): readonly EngineEvent[] => [
    { type: 'answer-share-entries', requestId, answer: { ok: true, value: entries[path] ?? [] } },
  ],
  'add-share': ({ requestId, folder }: Of<'add-share'>): readonly EngineEvent[] => [
    {
      type: 'answer-add-share',
      requestId,
      answer: folder.includes('nope')
        ? { ok: false, problem: { code: 'not-found', message: `nothing at ${folder}` } }
        : done,
    },
  ],
  'remove-share': ({ requestId }: Of<'remove-share'>): readonly EngineEvent[] => [
    { type: 'answer-remove-share', requestId, answer: done },
  ],
};

function open(...keys: readonly string[]) {
  const tui = openController({ snapshot, answers, columns: 120 });
  tui.press('3');
  tui.clock.advance(2_000);
  tui.press(...keys);
  tui.clock.advance(2_000);
  return tui;
}

describe('shared folders', () => {
  test('are listed with how far each is, in words', () => {
    const text = open().text();
    expect(text).toMatch(/\/home\/me\/Music .* up to date/);
    expect(text).toMatch(/Papers .* hashing 41% 40\/100/);
    expect(text).toMatch(/␛\[2Jusb .* failed: permission/);
    expect(text).toContain('60 files still to be hashed');
  });

  test('a adds the folder that is written, the home by its name', async () => {
    const tui = open('a', ...typed('~/Films'), 'Enter');
    await new Promise(setImmediate);
    tui.clock.advance(500);
    expect(tui.engine.asked('add-share').map(({ folder }) => folder)).toEqual(['/home/me/Films']);
    expect(tui.text()).toContain('Shared: /home/me/Films');
    expect(tui.ports.calls).toContainEqual(['saveHistory', 'share-folder', ['~/Films']]);
  });

  test('the cursor goes to the folder that was added, once it is listed', async () => {
    const tui = open('a', ...typed('~/Opera'), 'Enter');
    await new Promise(setImmediate);
    tui.clock.advance(500);
    tui.engine.emit({ type: 'shares', shares: [...snapshot.shares, share('/home/me/Opera')] });
    tui.clock.advance(2_000);
    expect(tui.text()).toMatch(/^> \/home\/me\/Opera/m);
    tui.press('G');
    tui.clock.advance(2_000);
    expect(tui.text()).not.toMatch(/^> \/home\/me\/Opera/m);
  });

  test('one that the filter hides is not waited for, nor does clearing the filter take the cursor there', async () => {
    const tui = open('f', ...typed('music'), 'Enter', 'a', ...typed('~/Opera'), 'Enter');
    await new Promise(setImmediate);
    tui.clock.advance(500);
    tui.engine.emit({ type: 'shares', shares: [...snapshot.shares, share('/home/me/Opera')] });
    tui.clock.advance(60_000);
    expect(tui.clock.timers).toBe(0);
    tui.press('f', 'Ctrl+U', 'Enter');
    tui.clock.advance(2_000);
    expect(tui.text()).toMatch(/^> \/home\/me\/Music/m);
    expect(tui.text()).toContain('/home/me/Opera');
  });

  test('one that is listed long after it was added, or under another spelling, is not gone to', async () => {
    const tui = open('a', ...typed('~/Opera'), 'Enter');
    await new Promise(setImmediate);
    tui.clock.advance(addedShareAwaitedMs);
    tui.engine.emit({ type: 'shares', shares: [...snapshot.shares, share('/home/me/Opera')] });
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('/home/me/Opera');
    expect(tui.text()).toMatch(/^> \/home\/me\/Music/m);
  });

  test('Tab completes the path', async () => {
    const tui = open('a', ...typed('~/Fi'));
    tui.ports.paths = ['~/Films/'];
    tui.press('Tab');
    await new Promise(setImmediate);
    tui.press('Enter');
    await new Promise(setImmediate);
    expect(tui.engine.asked('add-share').map(({ folder }) => folder)).toEqual(['/home/me/Films/']);
  });

  test('one that cannot be had is told of with the reason', async () => {
    const tui = open('a', ...typed('/nope'), 'Enter');
    await new Promise(setImmediate);
    tui.clock.advance(500);
    expect(tui.text()).toContain('nothing at /nope');
  });

  test('d asks before it stops sharing; Enter means no; nothing is ever deleted', () => {
    const tui = open('d');
    expect(tui.text()).toContain('Your files stay where they are');
    tui.press('Enter');
    expect(tui.engine.asked('remove-share')).toEqual([]);
    tui.press('d', 'y');
    expect(tui.engine.asked('remove-share').map(({ folder }) => folder)).toEqual(['/home/me/Music']);
  });

  test('marks stay when the question whether to stop sharing is answered with no', () => {
    const tui = open('Ctrl+A');
    const marks = () => tui.session.screens.get('shares').lists[0].view.marks.size;
    const all = marks();
    expect(all).toBeGreaterThan(1);
    tui.press('d', 'n', 'd', 'Esc');
    expect(marks()).toBe(all);
    tui.press('d', 'y');
    expect(tui.engine.asked('remove-share')).toHaveLength(all);
    expect(marks()).toBe(0);
  });

  test('R looks for changes in all that are marked', () => {
    const tui = open('Space', 'Space', 'R');
    expect(tui.engine.asked('rescan').map(({ folder }) => folder)).toEqual([
      '/home/me/Music',
      '/home/me/Papers',
    ]);
  });

  test('Enter shows the files and what others got of each, and goes into folders and out again', () => {
    const tui = open('Enter');
    expect(tui.text()).toMatch(/blue moon.mp3 +4.77M +11.4M +3/);
    tui.press('g', 'Enter');
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('one.flac');
    tui.press('Left');
    tui.clock.advance(2_000);
    expect(tui.text()).toMatch(/> live/);
    tui.press('Left');
    expect(tui.text()).toContain('/home/me/Music');
  });

  test('y copies the id of a file', () => {
    const tui = open('Enter');
    tui.press('G', 'y');
    expect(tui.terminal).toEqual([`copy ${id}`]);
  });
});

describe('golden screens of shares', () => {
  const scene = { snapshot, answers };
  goldenScreens({ name: 'shares', scene, shows: /Music/, play: (tui) => { tui.press('3'); tui.clock.advance(1_000); } });
  goldenScreens({ name: 'share-files', scene, shows: /blue moon/, play: (tui) => { tui.press('3'); tui.clock.advance(1_000); tui.press('Enter'); tui.clock.advance(1_000); } });
  goldenScreens({ name: 'shares-empty', scene: {}, shows: /share nothing/, play: (tui) => { tui.press('3'); } });
}); // prettier-ignore
