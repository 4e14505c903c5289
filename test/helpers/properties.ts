/**
 * fast-check, as all tests use it. Invariant: each run tries the same cases, so that a change is judged by what it
 * changes and a failure comes back when it is looked into. `SHOAL_SEED=n` tries others, `SHOAL_SEED=random` others
 * each time: for a look for what nobody has thought of.
 */
import { configureGlobal } from 'fast-check';

const wanted = process.env['SHOAL_SEED'] ?? '1';
// Without a seed it takes one by the time of day, and tells it when a property fails.
if (wanted !== 'random') configureGlobal({ seed: Number(wanted) });

export * from 'fast-check';
