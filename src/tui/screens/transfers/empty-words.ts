/** What stands where there are no rows: why, and which key comes next. */
import type { Line } from '../../text/segments.ts';

type Words = readonly (string | readonly [key: string, words: string])[];

const words = {
  downloads: [
    'Nothing is being downloaded.',
    '',
    ['/', 'search the network: write what you look for, then Enter'],
    ['Enter', 'on a result downloads it; Space marks several'],
    ['4', 'see who is online; b shows what a peer shares'],
    [']', 'uploads, done and failed ones'],
  ],
  uploads: [
    'Nobody downloads from you now.',
    '',
    ['3', 'your shares: a adds a folder, so that others can use you too'],
    ['B', 'how many may download at once, and how fast'],
    ['[', 'back to your downloads'],
  ],
  done: [
    'Nothing has been completed yet. What is verified and in its place is listed here.',
    '',
    ['/', 'search the network'],
    ['[', 'what is under way'],
  ],
  failed: [
    'Nothing has failed, and nothing was cancelled.',
    '',
    ['[', 'what is done'],
    ['!', 'all messages so far'],
  ],
  details: ['This download is not on the list any more.', '', ['Esc', 'back to the list']],
} as const satisfies Record<string, Words>;

export function emptyWords(of: keyof typeof words): readonly Line[] {
  const lines: readonly (string | readonly [string, string])[] = words[of];
  return [
    [],
    ...lines.map((line): Line =>
      typeof line === 'string'
        ? [{ text: `  ${line}` }]
        : [{ text: `  ${line[0].padEnd(6)}`, role: 'accent' }, { text: ` ${line[1]}` }],
    ),
  ];
}
