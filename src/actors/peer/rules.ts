/**
 * What the user of this engine has set: limits and blocked peers. Outlives the restarts of the actors that keep
 * to it. Only the desk changes it; the profile remembers it.
 * Invariant: what is set holds from the moment it is set, whether it could be written down or not.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BlockedPeer, EngineLimits } from '../../core/engine/engine-api.ts';
import { defaultLimits } from '../../core/engine/engine-api.ts';
import { validLimits } from '../../core/engine/engine-limits.ts';
import { EngineRates } from '../../core/engine/engine-rates.ts';
import type { PeerId } from '../../core/ids.ts';
import { maxBlockedPeers } from '../../core/limits/uploads.ts';
import type { Problem } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { sqliteProblem } from '../../profile/database.ts';
import { Preferences } from '../../profile/preferences.ts';

export class Rules {
  /** The limits on speed as the threads see them. */
  readonly rates = new EngineRates();
  readonly #preferences: Preferences;
  readonly #blocked = new Map<PeerId, BlockedPeer>();
  #limits: EngineLimits;

  /** `given`: limits that win over those the profile remembers. Throws what the database says. */
  constructor(database: DatabaseSync, given: Partial<EngineLimits>) {
    this.#preferences = new Preferences(database);
    this.#limits = { ...defaultLimits, ...this.#preferences.limits(), ...validLimits({ ...given }) };
    this.rates.set(this.#limits);
    for (const blocked of this.#preferences.blocked()) this.#blocked.set(blocked.peer, blocked);
  }

  get limits(): EngineLimits {
    return this.#limits;
  }

  /** The peers that get nothing of us and are asked for nothing. */
  get blocked(): readonly BlockedPeer[] {
    return [...this.#blocked.values()];
  }

  isBlocked(peer: PeerId): boolean {
    return this.#blocked.has(peer);
  }

  /** Returns what went wrong when it was written down, if anything did. */
  setLimits(changes: Partial<EngineLimits>): Problem | undefined {
    const valid = validLimits({ ...changes });
    this.#limits = { ...this.#limits, ...valid };
    this.rates.set(this.#limits);
    return remember(() => this.#preferences.saveLimits(valid));
  }

  /** Problems: `limit`, when far too many are blocked, and those of writing it down. */
  block(peer: PeerId, name: string): Problem | undefined {
    if (this.#blocked.size >= maxBlockedPeers && !this.#blocked.has(peer))
      return { code: 'limit', message: `No more than ${maxBlockedPeers} peers can be blocked` };
    const blocked = { peer, name: displayName(name) };
    this.#blocked.set(peer, blocked);
    return remember(() => this.#preferences.block(blocked));
  }

  unblock(peer: PeerId): Problem | undefined {
    this.#blocked.delete(peer);
    return remember(() => this.#preferences.unblock(peer));
  }
}

function remember(write: () => void): Problem | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return sqliteProblem(error);
  }
}
