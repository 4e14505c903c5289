/**
 * A tracker as a process of its own: takes its configuration as JSON, prints where it listens, and stops at SIGTERM as
 * the command does.
 */
import { launchTracker } from '../../src/engine/launch-tracker.ts';
import type { TrackerConfig } from '../../src/core/tracker/tracker-api.ts';

const tracker = launchTracker(JSON.parse(process.argv[2] ?? '{}') as TrackerConfig);
const ready = await tracker.ready;
process.stdout.write(`${JSON.stringify(ready)}\n`);
process.on('SIGTERM', () => void tracker.stop());
process.exitCode = await tracker.ended;
