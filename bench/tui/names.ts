/** File names as people have them: the same for the same number, no two numbers alike. */

const beginnings = [
  'Migration of',
  'Voices from',
  'A short history of',
  'Field notes on',
  'The return of',
  'Live at',
];
const middles = [
  'herring',
  'the northern lights',
  'old maps',
  'tidal pools',
  'café society',
  'slow trains',
  '鯨の歌',
];
const ends = ['.mkv', '.flac', '.pdf', '.tar.zst', '.mp4'];

export function madeUpName(at: number): string {
  const pick = (list: readonly string[], by: number): string => list[(at * by) % list.length] ?? '';
  return `${pick(beginnings, 5)} ${pick(middles, 3)} ${String(at).padStart(6, '0')}${pick(ends, 7)}`;
}
