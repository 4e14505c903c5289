/** What a connection can be told by others: plain data, as they may be on other threads. */
import type { Newcomers } from './swarms.ts';

/** Why a connection is told to end. */
export type Farewell = 'replaced' | 'silent' | 'lost' | 'crowded';

export type ConnectionCommand = { readonly type: 'close'; readonly why: Farewell } | Newcomers;
