import { describe, expect, test } from '@jest/globals';
import type { DownloadView, EngineCommand } from '../../../../src/core/engine/engine-api.ts';
import { openController } from '../../open-tui.ts';
import { details, downloads, snapshot } from './scene.ts';

const [first, second] = downloads;
if (first === undefined || second === undefined) throw new Error('the scene has no downloads');

function open(...keys: readonly string[]) {
  const tui = openController({ snapshot, answers: { details } });
  tui.press('Esc', '2', ...keys);
  return tui;
}

type Tui = ReturnType<typeof open>;

const told = ({ engine }: Tui): readonly EngineCommand[] =>
  engine.commands.filter(({ type }) => type !== 'snapshot' && type !== 'details');

/** Meanwhile this has become of a download. */
function meanwhile(tui: Tui, download: DownloadView): void {
  tui.engine.emit({ type: 'download', download });
  tui.clock.advance(600);
}

const finished = (view: DownloadView): DownloadView => ({
  ...view,
  state: 'done',
  doneBytes: view.sizeBytes ?? 0,
  path: `/home/me/Downloads/${view.name}`,
});

describe('what is confirmed is done to what is there then', () => {
  test('a download that has finished while the question stood is not cancelled, and nobody is told that it was', () => {
    const tui = open('x');
    expect(tui.text()).toContain('Cancel 1 download?');
    meanwhile(tui, finished(first));
    expect(tui.text()).not.toContain('Cancel 1 download?');
    expect(tui.text()).toContain('Nothing is left to do that to');
    tui.press('y');
    expect(told(tui)).toEqual([]);
    expect(tui.text()).not.toContain('Cancelled');
  });

  test('even when it finished so short a time ago that nothing has been drawn since', () => {
    const tui = open('x');
    tui.engine.emit({ type: 'download', download: finished(first) });
    tui.press('y');
    expect(told(tui)).toEqual([]);
  });

  test('of several, those that still run are cancelled', () => {
    const tui = open('Space', 'Space', 'x');
    expect(tui.text()).toContain('Cancel 2 downloads?');
    meanwhile(tui, finished(first));
    expect(tui.text()).toContain('Cancel 1 download?');
    tui.press('y');
    expect(told(tui)).toEqual([{ type: 'cancel', transfers: [second.transfer] }]);
    expect(tui.text()).toContain('Cancelled: kernel-src-6.12.tar.zst');
  });

  test('one that is gone from the list is neither removed nor deleted', () => {
    for (const key of ['d', 'D']) {
      const tui = open(key);
      tui.engine.emit({ type: 'removed', transfers: [first.transfer] });
      tui.press('y');
      expect(told(tui)).toEqual([]);
    }
  });

  test('the question tells how much there is now', () => {
    const tui = open('D');
    expect(tui.text()).toContain('2.34G are gone for good.');
    meanwhile(tui, { ...first, doneBytes: 3 * 1024 ** 3 });
    expect(tui.text()).toContain('3.00G are gone for good.');
  });

  test('of a folder it does not say that its finished files are deleted', () => {
    const only = downloads.filter(({ id }) => id === undefined);
    const tui = openController({ snapshot: { ...snapshot, downloads: only }, answers: { details } });
    tui.press('Esc', '2', 'D');
    expect(tui.text()).toContain('Finished files stay; unfinished ones are gone for good.');
    expect(open('Ctrl+A', 'D').text()).toContain('21.9G are gone for good; finished files of 1 folder stay.');
  });

  test('removing one that has been completed meanwhile does not call it incomplete', () => {
    const tui = open('d');
    expect(tui.text()).toContain('is not completed');
    meanwhile(tui, finished(first));
    expect(tui.text()).toContain('What is on the disk stays there.');
    expect(tui.text()).not.toContain('is not completed');
  });

  test('a limit is not set for one that is gone', () => {
    const tui = open('l');
    tui.engine.emit({ type: 'removed', transfers: [first.transfer] });
    tui.type('2M');
    tui.press('Enter');
    expect(told(tui)).toEqual([]);
    expect(tui.text()).toContain('gone from the list');
  });
});
