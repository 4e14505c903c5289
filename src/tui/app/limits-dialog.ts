/** Bandwidth and slots of the engine, as numbers to write. */
import type { EngineLimits } from '../../core/engine-api.ts';
import { maxUploadConnections, maxDownloadActors } from '../../core/limits.ts';
import { formatSize, parseSize } from '../../core/quantity.ts';
import { choiceField, dialog, textField, type Answers } from '../model/dialog.ts';
import { toast, type Effect } from '../model/effects.ts';
import type { Session } from './session.ts';

export function limitsDialog({ engine }: Session): readonly Effect[] {
  const { limits } = engine.status;
  if (limits === undefined) return [toast('The engine has not said its limits yet', 'warning')];
  return [
    {
      type: 'dialog',
      dialog: dialog({
        title: 'Limits',
        body: [[{ text: 'Speeds as 500K or 2M each second; empty or 0 is no limit.', role: 'dim' }]],
        fields: [
          textField('down', 'Download', written(limits.downloadBytesPerSecond), refuseSpeed),
          textField('up', 'Upload', written(limits.uploadBytesPerSecond), refuseSpeed),
          textField(
            'downloads',
            'Downloads at once',
            String(limits.downloadsAtOnce),
            refuseCount(maxDownloadActors),
          ),
          textField('slots', 'Upload slots', String(limits.uploadSlots), refuseCount(maxUploadConnections)),
          choiceField('lan', 'Also in private networks', ['no', 'yes'], limits.limitsLan ? 'yes' : 'no'),
        ],
        buttons: [
          { letter: undefined, label: 'Set', submits: true, effects: (answers) => set(limits, answers) },
          { letter: undefined, label: 'Cancel', effects: () => [] },
        ],
      }),
    },
  ];
}

const written = (bytesPerSecond: number): string =>
  bytesPerSecond === 0 ? '' : formatSize(bytesPerSecond).replaceAll(' ', '');

/** Bytes a second; undefined for what is no speed. */
function speedOf(text: string): number | undefined {
  const trimmed = text.trim().replace(/\/s$/, '');
  if (trimmed === '' || trimmed === '0') return 0;
  const parsed = parseSize(trimmed);
  return parsed.ok ? parsed.value : undefined;
}

const refuseSpeed = (text: string): string | undefined =>
  speedOf(text) === undefined ? `"${text.trim()}" is not a speed: write 500K, 2M or 0` : undefined;

const refuseCount =
  (most: number) =>
  (text: string): string | undefined => {
    const count = Number(text);
    return Number.isInteger(count) && count >= 1 && count <= most
      ? undefined
      : `Write a number from 1 to ${most}`;
  };

function set(before: EngineLimits, answers: Answers): readonly Effect[] {
  const limits: EngineLimits = {
    downloadBytesPerSecond: speedOf(answers['down'] ?? '') ?? before.downloadBytesPerSecond,
    uploadBytesPerSecond: speedOf(answers['up'] ?? '') ?? before.uploadBytesPerSecond,
    downloadsAtOnce: Number(answers['downloads']),
    uploadSlots: Number(answers['slots']),
    limitsLan: answers['lan'] === 'yes',
  };
  return [{ type: 'send', command: { type: 'set-limits', limits } }, toast('Limits set')];
}
