/** What the terminal is told while the TUI runs: progress in its title, an end by notification and bell. */
import { displayName } from '../../core/safe-name.ts';
import type { EngineEvent } from '../../core/engine/engine-api.ts';
import type { ToastSeries } from '../model/toasts.ts';
import { formatSpeed, plural } from '../text/numbers.ts';
import type { Controller } from './controller.ts';
import type { Terminal } from './terminal.ts';
import { downloadName } from '../transfer-text.ts';

const arrivals: ToastSeries = {
  name: 'here',
  sum: (count) => `${plural(count, 'download is', 'downloads are')} here, verified`,
};

export class Watch {
  readonly #controller: Controller;
  readonly #terminal: Terminal;
  readonly #name: string;
  readonly #unsubscribe: () => void;

  constructor(controller: Controller, terminal: Terminal, name: string) {
    this.#controller = controller;
    this.#terminal = terminal;
    this.#name = name;
    this.#unsubscribe = controller.watch({
      event: (event, before) => this.#event(event, before),
      drawn: () => this.#drawn(),
    });
    this.#drawn();
  }

  close(): void {
    this.#unsubscribe();
  }

  /** `before`: the state the download of the event was in. */
  #event(event: EngineEvent, before: string | undefined): void {
    if (event.type !== 'download' || event.download.state !== 'done') return;
    if (before === undefined || before === 'done') return;
    const { settings } = this.#controller.session;
    const name = displayName(downloadName(event.download));
    this.#controller.perform([
      { type: 'toast', level: 'info', text: `${name} is here, verified`, series: arrivals },
    ]);
    if (settings.notify) this.#terminal.notify(`Shoal: ${name} is here`);
    if (settings.bell) this.#terminal.bell();
  }

  #drawn(): void {
    const { engine, settings } = this.#controller.session;
    if (!settings.title) return this.#terminal.setTitle('');
    const { active } = engine.counts();
    const progress = active === 0 ? '' : ` ${active} at ${formatSpeed(engine.transfers.downPerSecond)}`;
    this.#terminal.setTitle(`shoal ${displayName(engine.status.name || this.#name)}${progress}`);
  }
}
