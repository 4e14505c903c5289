/** Bandwidth and slots of the engine, as numbers to write. */
import type { EngineLimits } from '../../core/engine/engine-api.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../../core/limits/uploads.ts';
import { choiceField, dialog, textField, type Answers } from '../model/dialog.ts';
import { hint, toast, type Effect } from '../model/effects.ts';
import { rateField, rateIn, rateNote } from '../model/rate-field.ts';
import type { Session } from './session.ts';

export function limitsDialog({ engine }: Session): readonly Effect[] {
  const { limits } = engine.status;
  if (limits === undefined) return [hint('The engine has not said its limits yet')];
  return [
    {
      type: 'dialog',
      dialog: dialog({
        title: 'Limits',
        body: () => [rateNote],
        fields: [
          rateField('down', 'Download', limits.downloadBytesPerSecond),
          rateField('up', 'Upload', limits.uploadBytesPerSecond),
          textField(
            'downloads',
            'Downloads at once',
            String(limits.downloadsAtOnce),
            refuseCount(maxDownloadsAtOnce),
          ),
          textField('slots', 'Upload slots', String(limits.uploadSlots), refuseCount(maxUploadSlots)),
          choiceField('lan', 'Private networks exempt', ['yes', 'no'], limits.limitsLan ? 'no' : 'yes'),
        ],
        buttons: [
          { letter: undefined, label: 'Set', submits: true, effects: (answers) => set(limits, answers) },
          { letter: undefined, label: 'Cancel', effects: () => [] },
        ],
      }),
    },
  ];
}

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
    downloadBytesPerSecond: rateIn(answers, 'down', before.downloadBytesPerSecond),
    uploadBytesPerSecond: rateIn(answers, 'up', before.uploadBytesPerSecond),
    downloadsAtOnce: Number(answers['downloads']),
    uploadSlots: Number(answers['slots']),
    limitsLan: answers['lan'] === 'no',
  };
  return [{ type: 'send', command: { type: 'set-limits', limits } }, toast('Limits set')];
}
