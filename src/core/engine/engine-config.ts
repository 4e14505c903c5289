/** How an engine is started, and what of that may be set while it runs: plain data, the same on both sides. */
import { downloadsAtOnce, uploadSlots } from '../limits/cli.ts';

/** How the engine is started; plain data, checked by the command line before it gets here. */
export interface EngineConfig {
  /** The profile's folder: identity, caches, queue, logs. Made (0700) when missing. */
  readonly home: string;
  readonly name: string;
  /** `share` serves and registers; `guest` only asks and downloads, and is listed nowhere. */
  readonly role: 'share' | 'guest';
  readonly shares: readonly string[];
  readonly downloads: string;
  readonly host: string;
  readonly port: number;
  readonly trackers: readonly TrackerAddress[];
  /** Those given here win over what the profile remembers, and that over the defaults. */
  readonly limits: Partial<EngineLimits>;
  /** Without encryption, with peers that say the same: for trusted networks and comparisons. */
  readonly insecure: boolean;
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
}

/** What a user may set while the engine runs; the profile remembers it. Rates: 0 = unlimited. */
export interface EngineLimits {
  readonly downloadBytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
  readonly uploadSlots: number;
  readonly downloadsAtOnce: number;
  /** Whether the two rates hold for peers in private networks too. */
  readonly limitsLan: boolean;
}

/** The limits of a new profile. */
export const defaultLimits: EngineLimits = {
  downloadBytesPerSecond: 0,
  uploadBytesPerSecond: 0,
  uploadSlots,
  downloadsAtOnce,
  limitsLan: false,
};

export interface TrackerAddress {
  readonly host: string;
  readonly port: number;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
