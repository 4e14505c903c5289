/** All messages that were shown above the status line, newest last. */
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import { Table } from '../../model/table.ts';
import { timesTold, type Toast, type ToastLevel } from '../../model/toasts.ts';
import type { Column } from '../../text/columns.ts';
import { formatClock } from '../../text/numbers.ts';
import type { Role } from '../../text/segments.ts';

const roles: Readonly<Record<ToastLevel, Role>> = {
  hint: 'dim',
  info: 'plain',
  warning: 'warn',
  error: 'error',
};

const columns: readonly Column<Toast>[] = [
  {
    key: 'time',
    title: 'TIME',
    minWidth: 8,
    weight: 0,
    priority: 2,
    align: 'left',
    cell: ({ atMs }) => [{ text: formatClock(atMs, true), role: 'dim' }],
  },
  {
    key: 'level',
    title: 'LEVEL',
    minWidth: 7,
    weight: 0,
    priority: 3,
    align: 'left',
    cell: ({ level }) => [{ text: level, role: roles[level] }],
  },
  {
    key: 'text',
    title: 'MESSAGE',
    minWidth: 16,
    weight: 1,
    priority: 1,
    align: 'left',
    cell: (toast) => {
      const times = timesTold(toast);
      return [{ text: times > 1 ? `${toast.text} (${times} times)` : toast.text, role: roles[toast.level] }];
    },
  },
];

export const messagesScreen: MakeScreen = ({ messages }) => {
  const table = new Table<Toast>();
  const list = new ListPane<Toast>({
    table,
    columns: () => columns,
    sorts: [{ key: 'time', title: 'time', letter: 't', descending: false, value: ({ id }) => id }],
    filter: { text: ({ text }) => text },
    followsEnd: true,
  });
  return {
    name: 'messages',
    title: () => 'Messages',
    lists: [list],
    empty: () => [[], [{ text: '  There have been no messages.' }]],
    actions: {},
    opened: () => [{ type: 'seen-errors' }],
    settle() {
      const now = new Set(messages().map(({ id }) => id));
      for (const toast of messages()) table.set(toast.id, toast);
      for (const id of [...table.ids()]) if (!now.has(Number(id))) table.delete(id);
    },
  };
};
