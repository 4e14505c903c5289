/**
 * What of the engine's events people find in its log: who can be reached, what was finished, what went wrong.
 * Invariant: a thing is said when it becomes so and not again while it stays so, and what is remembered for that
 * is bounded by what there is.
 */
import {
  hasEnded,
  type DownloadView,
  type EngineEvent,
  type LogLine,
  type ShareView,
  type TrackerView,
} from '../core/engine/engine-api.ts';
import { hostPort } from '../core/host.ts';
import { reachWords } from '../core/tracker/reach-words.ts';
import { displayName } from '../core/safe-name.ts';

type Say = (line: Pick<LogLine, 'level' | 'source' | 'text'>) => void;

export class EventLog {
  readonly #say: Say;
  readonly #trackers = new Map<string, string>();
  readonly #reaches = new Map<string, string>();
  readonly #downloads = new Map<number, string>();
  #shares = new Map<string, string>();

  constructor(say: Say) {
    this.#say = say;
  }

  receive(event: EngineEvent): void {
    const { type } = event;
    if (type === 'listening') this.#tell('info', 'listener', `Listening at ${hostPort(event)}`);
    else if (type === 'tracker') this.#tracker(event.tracker);
    else if (type === 'download') this.#download(event.download);
    else if (type === 'removed') for (const transfer of event.transfers) this.#downloads.delete(transfer);
    else if (type === 'skipped')
      this.#tell('warn', 'library', `${event.path} is not shared: ${event.problem.message}`);
    else if (type === 'shares') this.#share(event.shares);
    else if (type === 'stops-when-idle') this.#tell('info', 'engine', event.stopsWhenIdle ? whenIdle : stays);
    else if (type === 'fault') this.#tell('error', 'engine', event.problem.message);
  }

  #tracker(tracker: TrackerView): void {
    const address = hostPort(tracker);
    const { reach } = tracker;
    if (reach && isNews(this.#reaches, address, reachWords(reach)))
      this.#tell(reach.isReachable ? 'info' : 'warn', `tracker ${address}`, reachWords(reach));
    const trouble = tracker.problem?.message;
    // Attempt after attempt fails alike; only being there in between makes that news.
    if (trouble === undefined && tracker.state !== 'registered') return;
    if (!isNews(this.#trackers, address, trouble ?? tracker.state)) return;
    this.#tell(
      trouble === undefined ? 'info' : 'warn',
      `tracker ${address}`,
      trouble ?? `Connected, ${tracker.files} ${tracker.files === 1 ? 'file' : 'files'} registered`,
    );
  }

  #download(view: DownloadView): void {
    const { transfer, name, state, path, problem } = view;
    const isOver = hasEnded(view);
    const trouble = problem === undefined ? '' : problem.message;
    if (!isNews(this.#downloads, transfer, `${isOver ? state : ''} ${trouble}`)) return;
    if (isOver) this.#downloads.delete(transfer);
    const source = `download ${transfer}`;
    if (state === 'done') this.#tell('info', source, `Got ${name}, verified: ${path ?? view.outDir}`);
    else if (state === 'cancelled') this.#tell('info', source, `Cancelled ${name}`);
    else if (trouble !== '') this.#tell(state === 'failed' ? 'error' : 'warn', source, `${name}: ${trouble}`);
  }

  #share(shares: readonly ShareView[]): void {
    const known = this.#shares;
    this.#shares = new Map();
    for (const { folder, problem } of shares) {
      const trouble = problem?.message ?? '';
      this.#shares.set(folder, trouble);
      if (trouble !== '' && known.get(folder) !== trouble) this.#tell('warn', `share ${folder}`, trouble);
    }
  }

  #tell(level: LogLine['level'], source: string, text: string): void {
    this.#say({ level, source: displayName(source), text: displayName(text) });
  }
}

const whenIdle = 'Stops when all downloads are done';
const stays = 'Goes on until it is stopped';

function isNews<Key>(known: Map<Key, string>, key: Key, state: string): boolean {
  if ((known.get(key) ?? ' ') === state) return false;
  known.set(key, state);
  return true;
}
