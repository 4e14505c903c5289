/**
 * Performs effects: the one place where the TUI acts on the engine, the terminal and the disk. Invariant: an
 * effect that fails is told to the user; it never ends the program.
 */
import { remember } from '../model/history.ts';
import type { EngineClient } from '../../core/engine/engine-api.ts';
import type { Effect } from '../model/effects.ts';
import { inputLine } from '../model/input-line.ts';
import { beforeCursor, offerCompletion } from '../model/prompt.ts';
import { seeErrors } from '../model/toasts.ts';
import {
  closeScreen,
  currentPrompt,
  currentScreen,
  goToTab,
  openScreen,
  popLayer,
  pushLayer,
  replaceLayer,
} from '../model/ui-state.ts';
import type { TuiClock, TuiEnd, TuiPorts } from './ports.ts';
import { Requests } from './requests.ts';
import type { Session } from './session.ts';
import type { TerminalHand } from './terminal-hand.ts';

export interface PerformerOptions {
  readonly session: Session;
  readonly client: EngineClient;
  readonly ports: TuiPorts;
  readonly clock: TuiClock;
  readonly terminal: TerminalHand;
  readonly end: (end: TuiEnd) => void;
}

export class Performer {
  readonly requests: Requests;
  readonly #options: PerformerOptions;

  constructor(options: PerformerOptions) {
    this.#options = options;
    this.requests = new Requests(
      options.clock,
      (command) => options.client.send(command),
      (effects) => this.perform(effects),
    );
  }

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#one(effect);
    if (effects.length > 0) this.#options.session.changed();
  }

  #one(effect: Effect): void {
    const { session, client, terminal } = this.#options;
    switch (effect.type) {
      case 'send':
        client.send(effect.command);
        return;
      case 'ask':
        this.requests.ask(effect);
        return;
      case 'toast':
        session.toast(effect.level, effect.text, effect.series);
        return;
      case 'seen-errors':
        session.ui = { ...session.ui, toasts: seeErrors(session.ui.toasts) };
        return;
      case 'tab':
        session.ui = goToTab(session.ui, effect.tab);
        this.#shown(undefined);
        return;
      case 'open':
        session.ui = openScreen(session.ui, effect.screen);
        this.#shown(effect.target);
        return;
      case 'close-screen':
        session.ui = closeScreen(session.ui);
        this.#shown(undefined);
        return;
      case 'shown':
        this.#shown(effect.target);
        return;
      case 'act': {
        const screen = session.screens.get(currentScreen(session.ui));
        this.perform(screen.actions[effect.action]?.({ list: session.focusedList(screen) }) ?? []);
        return;
      }
      case 'dialog':
        session.ui = pushLayer(session.ui, { kind: 'dialog', dialog: effect.dialog });
        return;
      case 'menu':
        session.ui = pushLayer(session.ui, { kind: 'menu', menu: effect.menu });
        return;
      case 'prompt':
        session.ui = pushLayer(session.ui, { kind: 'input', prompt: effect.prompt });
        return;
      case 'help':
        session.ui = pushLayer(session.ui, { kind: 'help', filter: inputLine(), top: 0 });
        return;
      case 'close-layer':
        session.ui = popLayer(session.ui);
        return;
      case 'sort':
        effect.list.sortBy(effect.key, effect.descending);
        return;
      case 'filter':
        effect.list.filterBy(effect.text);
        return;
      case 'remember':
        this.#remember(effect.field, effect.text);
        return;
      case 'complete':
        this.#complete(effect);
        return;
      case 'copy':
        if (terminal.copy(effect.text))
          session.toast('info', `${effect.what}: ${effect.text.replaceAll('\n', ' ')}`);
        else session.toast('warning', 'Too much for a clipboard: mark fewer');
        return;
      case 'settings':
        this.#settings(effect.change);
        return;
      case 'run':
        void this.#run(effect.task);
        return;
      case 'suspended':
        void terminal.lend(() => this.#run(effect.task));
        return;
      case 'redraw':
        terminal.redraw();
        return;
      case 'suspend':
        terminal.suspend();
        return;
      case 'end':
        this.#options.end(effect.end);
        return;
    }
  }

  #shown(target: Parameters<NonNullable<ReturnType<Session['screens']['get']>['opened']>>[0]): void {
    const { session } = this.#options;
    const screen = session.screens.get(currentScreen(session.ui));
    this.perform(screen.opened?.(target) ?? []);
  }

  #remember(field: string, text: string): void {
    const { session, ports } = this.#options;
    const before = session.histories.get(field) ?? [];
    const texts = remember(before, text);
    if (texts === before) return;
    session.histories.set(field, texts);
    void this.#run(async () => {
      await ports.saveHistory(field, texts);
      return [];
    });
  }

  #complete({ before, completion }: Extract<Effect, { readonly type: 'complete' }>): void {
    const { session } = this.#options;
    const prompt = currentPrompt(session.ui);
    if (prompt === undefined || beforeCursor(prompt) !== before) return;
    const step = offerCompletion(prompt, completion);
    session.ui = replaceLayer(session.ui, { kind: 'input', prompt: step.prompt });
    this.perform(step.effects);
  }

  #settings(change: Extract<Effect, { readonly type: 'settings' }>['change']): void {
    const { session, ports, terminal } = this.#options;
    session.applySettings({ ...session.settings, ...change });
    terminal.setMouse(session.settings.mouse);
    void this.#run(async () => {
      await ports.saveSettings(session.settings);
      return [];
    });
  }

  async #run(task: (ports: TuiPorts) => Promise<readonly Effect[]>): Promise<void> {
    try {
      this.perform(await task(this.#options.ports));
    } catch (error) {
      this.#options.session.toast('error', error instanceof Error ? error.message : String(error));
    }
  }
}
