/** `shoal limits`: shows the limits of the peer of this profile that runs, or sets them while it does. */
import type { Command } from 'commander';
import type { EngineLimits } from '../../core/engine/engine-api.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../../core/limits/uploads.ts';
import { formatSize } from '../../core/quantity.ts';
import { askRunningPeer } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { rate, wholeNumber, yesOrNo } from '../flag-values.ts';

const example = `shoal limits
shoal limits --up 2M --down 10M
shoal limits --up 0 --lan-exempt no`;
const note = 'They hold at once, and the profile remembers them. A single download: shoal queue limit.';

interface LimitsFlags {
  readonly up?: number;
  readonly down?: number;
  readonly lanExempt?: boolean;
  readonly uploadSlots?: number;
  readonly downloadsAtOnce?: number;
}

export function limitsCommand(run: Run): Command {
  return describedCommand('limits', 'Show or set the limits of the running peer.', example, note)
    .option('--up <rate>', 'bytes per second to all others together, such as 5M; 0: unlimited', rate)
    .option('--down <rate>', 'bytes per second from all others together; 0: unlimited', rate)
    .option('--lan-exempt <yes|no>', 'whether the two do not hold in private networks', yesOrNo)
    .option('--upload-slots <n>', 'uploads at once; others wait in a queue', wholeNumber(1, maxUploadSlots))
    .option('--downloads-at-once <n>', 'downloads at once', wholeNumber(1, maxDownloadsAtOnce))
    .action(async (flags: LimitsFlags, command: Command) =>
      run(command, (context) => limits(context, flags)),
    );
}

async function limits(context: CommandContext, flags: LimitsFlags): Promise<number> {
  return askRunningPeer(context, async (session) => {
    const changes = changesOf(flags);
    if (Object.keys(changes).length > 0) session.send({ type: 'set-limits', limits: changes });
    // Answered after they were set.
    const snapshot = await session.ask('snapshot', {});
    if (!snapshot.ok) return failed(context, snapshot.problem);
    show(context, snapshot.value.limits);
    const isRateSet = (flags.up ?? 0) > 0 || (flags.down ?? 0) > 0;
    if (isRateSet && !snapshot.value.limits.limitsLan)
      context.output.note(
        'This does not hold in private networks, such as the one in your home: --lan-exempt no limits them too.',
      );
    return exitCode.done;
  });
}

function changesOf({
  up,
  down,
  lanExempt,
  uploadSlots,
  downloadsAtOnce,
}: LimitsFlags): Partial<EngineLimits> {
  return {
    ...(up !== undefined && { uploadBytesPerSecond: up }),
    ...(down !== undefined && { downloadBytesPerSecond: down }),
    ...(lanExempt !== undefined && { limitsLan: !lanExempt }),
    ...(uploadSlots !== undefined && { uploadSlots }),
    ...(downloadsAtOnce !== undefined && { downloadsAtOnce }),
  };
}

function show({ output }: CommandContext, now: EngineLimits): void {
  const { uploadBytesPerSecond, downloadBytesPerSecond, uploadSlots, downloadsAtOnce, limitsLan } = now;
  output.event({
    event: 'limits',
    up: uploadBytesPerSecond,
    down: downloadBytesPerSecond,
    lanExempt: !limitsLan,
    uploadSlots,
    downloadsAtOnce,
  });
  output.line(
    `Up: ${rateText(uploadBytesPerSecond)}, ${uploadSlots} uploads at once`,
    `Down: ${rateText(downloadBytesPerSecond)}, ${downloadsAtOnce} downloads at once`,
    `Private networks: ${limitsLan ? 'limited as well' : 'exempt'}`,
  );
}

const rateText = (bytesPerSecond: number): string =>
  bytesPerSecond === 0 ? 'unlimited' : `${formatSize(bytesPerSecond)}/s`;
