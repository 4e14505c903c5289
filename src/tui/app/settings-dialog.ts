/** The settings of the session: each change shows at once and is kept in the profile. */
import { choiceField, dialog, type Answers, type Dialog } from '../model/dialog.ts';
import type { SettingsChange } from '../model/settings.ts';
import { themeNames } from '../text/theme.ts';
import type { Session } from './session.ts';

const onOff = (on: boolean): string => (on ? 'on' : 'off');
const switches = ['on', 'off'] as const;

export function settingsDialog(session: Session): Dialog {
  const { settings, theme } = session;
  // The one that is shown stays chosen from the environment where it was: `NO_COLOR` of today is not for ever.
  const themeOf = (chosen: string | undefined): SettingsChange['theme'] =>
    chosen === session.theme ? session.settings.theme : themeNames.find((name) => name === chosen);
  return dialog({
    title: 'Settings',
    body: () => [[{ text: 'Left and Right change; every change is kept.', role: 'dim' }]],
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
    changed: (answers) => [{ type: 'settings', change: changes(answers, themeOf(answers['theme'])) }],
  });
}

function changes(answers: Answers, theme: SettingsChange['theme']): SettingsChange {
  const on = (name: string): boolean => answers[name] === 'on';
  const glyphs = answers['glyphs'];
  return {
    theme,
    glyphs: glyphs === 'unicode' || glyphs === 'ascii' ? glyphs : 'auto',
    mouse: on('mouse'),
    notify: on('notify'),
    bell: on('bell'),
    title: on('title'),
    fullRepaint: on('fullRepaint'),
  };
}
