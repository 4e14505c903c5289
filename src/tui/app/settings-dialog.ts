/** The settings of the session: each change shows at once and is kept in the profile. */
import { choiceField, dialog, type Answers, type Dialog } from '../model/dialog.ts';
import type { Effect } from '../model/effects.ts';
import type { SettingsChange } from '../model/settings.ts';
import { themeNames } from '../text/theme.ts';
import type { Session } from './session.ts';

const onOff = (on: boolean): string => (on ? 'on' : 'off');
const switches = ['on', 'off'] as const;

export function settingsDialog({ settings, theme }: Session): Dialog {
  return dialog({
    title: 'Settings',
    body: [[{ text: 'Left and Right change; every change is kept.', role: 'dim' }]],
    fields: [
      choiceField('theme', 'Theme', themeNames, theme),
      choiceField('glyphs', 'Signs', ['auto', 'unicode', 'ascii'], settings.glyphs),
      choiceField('mouse', 'Mouse', switches, onOff(settings.mouse)),
      choiceField('notify', 'Notify when a download is done', switches, onOff(settings.notify)),
      choiceField('bell', 'Bell when a download is done', switches, onOff(settings.bell)),
      choiceField('title', "Progress in the terminal's title", switches, onOff(settings.title)),
      choiceField('fullRepaint', 'Paint whole frames (next start)', switches, onOff(settings.fullRepaint)),
    ],
    buttons: [{ letter: undefined, label: 'Close', effects: () => [] }],
    changed: (answers) => changes(answers),
  });
}

function changes(answers: Answers): readonly Effect[] {
  const on = (name: string): boolean => answers[name] === 'on';
  const theme = themeNames.find((name) => name === answers['theme']);
  const glyphs = answers['glyphs'];
  const change: SettingsChange = {
    theme,
    glyphs: glyphs === 'unicode' || glyphs === 'ascii' ? glyphs : 'auto',
    mouse: on('mouse'),
    notify: on('notify'),
    bell: on('bell'),
    title: on('title'),
    fullRepaint: on('fullRepaint'),
  };
  return [{ type: 'settings', change }];
}
