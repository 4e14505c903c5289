/** The folders that are shared: adding, leaving out, looking for changes. Files on the disk are never touched. */
import type { ShareView } from '../../../core/engine/engine-api.ts';
import { addedShareAwaitedMs } from '../../../core/limits/screen.ts';
import { confirmation } from '../../model/dialog.ts';
import { ask, hint, open, send, toast, type Effect } from '../../model/effects.ts';
import { prompt } from '../../model/prompt.ts';
import { Table } from '../../model/table.ts';
import type { Area } from '../../screen/area.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { byGlyphs } from '../../text/columns.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { graphemes } from '../../text/width.ts';
import { shareColumns, type ShareRow } from './share-columns.ts';

const folderField = 'share-folder';

export const sharesScreen: MakeScreen = ({ engine, history, now }) => {
  const table = new Table<ShareRow>();
  const list = sharesList(table);
  let taken: readonly ShareView[] | undefined;
  /** A folder that was just added: the cursor goes to it when it is listed, unless that takes too long. */
  let awaited: { readonly folder: string; readonly untilMs: number } | undefined;

  const share = (written: string): readonly Effect[] => {
    if (written === '') return [];
    return [
      { type: 'remember', field: folderField, text: written },
      {
        type: 'run',
        task: async (ports) => {
          const folder = ports.resolvePath(written);
          return [addFolder(folder, () => (awaited = { folder, untilMs: now() + addedShareAwaitedMs }))];
        },
      },
    ];
  };

  const goToAwaited = (nowMs: number): void => {
    if (awaited === undefined) return;
    const { folder, untilMs } = awaited;
    // A filter may hide it: what the list has looked at and does not show is not waited for.
    const isLookedAt = table.get(folder) !== undefined && !list.view.pending;
    if (nowMs >= untilMs || list.goTo(folder, nowMs) || isLookedAt) awaited = undefined;
  };

  const addShare = (): Effect => ({
    type: 'prompt',
    prompt: prompt({
      field: folderField,
      label: 'Share which folder?',
      history: history(folderField),
      submit: (text) => share(text.trim()),
      complete: async (before, ports) => {
        const texts = await ports.completePath(before, 'folder');
        return { from: 0, texts: [...graphemes(before)].length === 0 ? [] : texts };
      },
    }),
  });

  return {
    name: 'shares',
    title: () => 'Folders',
    count: () => engine.status.shares.length,
    lists: [list],
    header: (area) => [totals(engine.status.shares, area)],
    empty: () => [
      [],
      [{ text: '  You share nothing yet.' }],
      [],
      [{ text: '  ' }, { text: 'a', role: 'accent', bold: true }, { text: ' shares a folder: what is in it can be found and downloaded by others,' }],
      [{ text: '  under its name, never where it lies on your disk. New files are noticed by themselves.' }],
    ], // prettier-ignore
    settle(nowMs) {
      goToAwaited(nowMs);
      const { shares } = engine.status;
      if (shares === taken) return;
      taken = shares;
      const listed = new Set<string>(shares.map(({ folder }) => folder));
      for (const view of shares) table.set(view.folder, { share: view });
      for (const id of [...table.ids()]) if (!listed.has(String(id))) table.delete(id);
    },
    // It has a place in the list only after it was drawn with it.
    wakeAt: (nowMs) => (awaited !== undefined && table.get(awaited.folder) !== undefined ? nowMs : undefined),
    actions: {
      'add-share': () => [addShare()],
      'open-share'() {
        const row = list.current;
        return row === undefined
          ? []
          : [open('share-files', { kind: 'folder', path: `/${row.share.name}/` })];
      },
      unshare() {
        const rows = list.selection();
        if (rows.length === 0) return [];
        const folders = new Set(rows.map((row) => row.share.folder));
        return [
          askToUnshare(
            () => engine.status.shares.filter(({ folder }) => folders.has(folder)),
            () => list.view.marks.clear(),
          ),
        ];
      },
      rescan() {
        const rows = list.selection();
        list.view.marks.clear();
        if (rows.length === 0) return [hint('No folder is shared yet')];
        return [
          ...rows.map(({ share: { folder } }) => send({ type: 'rescan', folder })),
          toast(`Looking for changes in ${plural(rows.length, 'folder')}`),
        ];
      },
    },
  };
};

function addFolder(folder: string, added: () => void): Effect {
  return ask({ type: 'add-share', folder }, ({ answer }) => {
    if (!answer.ok) return [toast(showName(answer.problem.message).text, 'error')];
    added();
    return [
      toast(`Shared: ${showName(folder).text}. It is hashed now, and found by others as that goes on.`),
    ];
  });
}

/** `shares`: those of the chosen that are shared whenever it is called. `begun` is called once it is confirmed. */
function askToUnshare(shares: () => readonly ShareView[], begun: () => void): Effect {
  return {
    type: 'dialog',
    dialog: confirmation('Stop sharing?', () => unshareWords(shares()), {
      label: 'Stop sharing',
      effects() {
        begun();
        return shares().map(unshare);
      },
    }),
  };
}

const unshare = ({ folder }: ShareView): Effect =>
  ask({ type: 'remove-share', folder }, ({ answer }) => [
    answer.ok
      ? toast(`No longer shared: ${showName(folder).text}`)
      : toast(showName(answer.problem.message).text, 'error'),
  ]);

function unshareWords(shares: readonly ShareView[]): readonly Line[] {
  return [
    ...shares
      .slice(0, 6)
      .map(({ folder, files }): Line => [
        { text: showName(folder).text },
        { text: `  ${plural(files, 'file')}`, role: 'dim' },
      ]),
    ...(shares.length > 6 ? [[{ text: `and ${plural(shares.length - 6, 'other')}` }]] : []),
    [],
    [{ text: 'Others can no longer find or download what is in it.' }],
    [{ text: 'Your files stay where they are.' }],
  ];
}

function totals(shares: readonly ShareView[], { width }: Area): Line {
  const files = shares.reduce((sum, share) => sum + share.files, 0);
  const bytes = shares.reduce((sum, share) => sum + share.bytes, 0);
  const left = shares.reduce((sum, share) => sum + share.hashing.files, 0);
  const parts = [`${plural(files, 'file')}, ${formatBytes(bytes)} shared`];
  if (left > 0) parts.push(`${plural(left, 'file')} still to be hashed`);
  return [{ text: ` ${parts.join('; ')}`.slice(0, width), role: 'dim' }];
}

function sharesList(table: Table<ShareRow>): ListPane<ShareRow> {
  return new ListPane<ShareRow>({
    table,
    columns: byGlyphs(shareColumns),
    sorts: [
      {
        key: 'folder',
        title: 'folder',
        letter: 'f',
        descending: false,
        value: ({ share: { folder } }) => folder.toLowerCase(),
      },
      { key: 'files', title: 'files', letter: 'n', descending: true, value: ({ share: { files } }) => files },
      { key: 'size', title: 'size', letter: 'z', descending: true, value: ({ share: { bytes } }) => bytes },
    ],
    filter: { text: ({ share: { folder, name } }) => `${folder} ${name}` },
  });
}
