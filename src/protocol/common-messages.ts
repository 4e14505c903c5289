/** The messages that both protocols share; see docs/protocol.md. `hello` differs and is in each table. */
import { maxErrorDetailBytes, maxErrorTextBytes, maxSmallFrameBytes } from '../core/limits/wire.ts';
import { optional, str, u32 } from './fields.ts';
import { defineMessages } from './table.ts';

export const commonMessages = defineMessages({
  /** `requestId` 0 is about the connection. `code` is a ProblemCode, `detail` what it is about (often ''). */
  error: {
    code: 3,
    from: 'both',
    phases: ['hello', 'ready'],
    maxBytes: 4096,
    fields: {
      requestId: u32,
      code: str(32),
      message: str(maxErrorTextBytes),
      detail: str(maxErrorDetailBytes),
      /** With `busy` and `limit`: not to try again before. */
      retryAfterMs: optional(u32),
    },
  },
  ping: { code: 4, from: 'both', phases: ['ready'], maxBytes: maxSmallFrameBytes, fields: { token: u32 } },
  pong: { code: 5, from: 'both', phases: ['ready'], maxBytes: maxSmallFrameBytes, fields: { token: u32 } },
  /** The last message of who sends it. */
  bye: {
    code: 6,
    from: 'both',
    phases: ['hello', 'ready'],
    maxBytes: 1024,
    fields: { reason: str(maxErrorTextBytes) },
  },
});
