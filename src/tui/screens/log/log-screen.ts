/** The engine's log: its last lines, by level, following its end. */
import { showName } from '../../text/names.ts';
import type { LogLine } from '../../../core/engine/engine-api.ts';
import { toast } from '../../model/effects.ts';
import type { LogRow } from '../../model/engine-model.ts';
import { ListPane } from '../../screen/list-pane.ts';
import type { MakeScreen } from '../../screen/screen.ts';
import type { Column } from '../../text/columns.ts';
import { formatClock } from '../../text/numbers.ts';
import type { Role } from '../../text/segments.ts';

const levels = ['error', 'warn', 'info', 'debug'] as const;
const roles: Readonly<Record<LogLine['level'], Role>> = {
  error: 'error',
  warn: 'warn',
  info: 'plain',
  debug: 'dim',
};

const columns: readonly Column<LogRow>[] = [
  {
    key: 'time',
    title: 'TIME',
    minWidth: 8,
    weight: 0,
    priority: 2,
    align: 'left',
    cell: ({ line }) => [{ text: formatClock(line.atMs, true), role: 'dim' }],
  },
  {
    key: 'level',
    title: 'LEVEL',
    minWidth: 5,
    weight: 0,
    priority: 3,
    align: 'left',
    cell: ({ line }) => [{ text: line.level, role: roles[line.level] }],
  },
  {
    key: 'source',
    title: 'SOURCE',
    minWidth: 10,
    weight: 1,
    maxWidth: 24,
    priority: 4,
    align: 'left',
    cell: ({ line }) => [{ text: showName(line.source).text, role: 'dim' }],
  },
  {
    key: 'text',
    title: 'TEXT',
    minWidth: 16,
    weight: 6,
    priority: 1,
    align: 'left',
    cell: ({ line }) => [{ text: showName(line.text).text, role: roles[line.level] }],
  },
];

export const logScreen: MakeScreen = ({ engine, wall, downloadsDir }) => {
  let level: LogLine['level'] = 'info';
  const list = new ListPane<LogRow>({
    table: engine.log,
    belongs: ({ line }) => levels.indexOf(line.level) <= levels.indexOf(level),
    columns: () => columns,
    sorts: [{ key: 'time', title: 'time', letter: 't', descending: false, value: ({ number }) => number }],
    filter: { text: ({ line }) => `${line.level} ${line.source} ${line.text}` },
    followsEnd: true,
  });
  return {
    name: 'log',
    title: () => `Log (${level})`,
    lists: [list],
    empty: () => [[], [{ text: '  Nothing has been logged yet.' }]],
    actions: {
      level() {
        level = levels[(levels.indexOf(level) + 1) % levels.length] ?? 'info';
        list.view.rebuild();
        return [];
      },
      'save-log': () => [
        {
          type: 'run',
          task: async (ports) => {
            const lines = [...engine.log.rows()]
              .toSorted((one, other) => one.number - other.number)
              .map(
                ({ line }) =>
                  `${new Date(line.atMs).toISOString()} ${line.level} ${line.source} ${line.text}`,
              );
            const name = `shoal-${new Date(wall()).toISOString().replaceAll(/[:.]/g, '-')}.log`;
            const path = await ports.writeFile(downloadsDir(), name, `${lines.join('\n')}\n`);
            return [toast(`Log written to ${showName(path).text}`)];
          },
        },
      ],
    },
  };
};
