/**
 * Frames on a local socket: cuts what comes into frames within the bounds of each kind, and passes them on in
 * order. Invariant: whatever comes, either frames or one `refuse` come out, and after that nothing.
 */
import type { Socket } from 'node:net';
import type { Result } from '../core/result.ts';
import { fail } from '../core/result.ts';
import { FrameReader } from '../protocol/frames.ts';
import { RemoteProtocolError } from '../protocol/errors.ts';
import { packPrefixed, readFrame, type LinkFrame } from './link-frames.ts';

export interface FrameStream {
  /** Sends the body of a frame. */
  readonly send: (body: Uint8Array) => void;
}

/** Reads frames of at most `maxBytes` from a socket. `take` gets each with its length, or the problem that ends it. */
export function openFrameStream(
  socket: Socket,
  maxBytes: number,
  take: (frame: Result<LinkFrame>, bytes: number) => void,
): FrameStream {
  let isBroken = false;
  const gate = (length: number): void => {
    if (length === 0 || length > maxBytes)
      throw new RemoteProtocolError(
        'frame-length',
        `A frame of ${length} bytes, at most ${maxBytes} may come`,
      );
  };
  const reader = new FrameReader({ admitLength: gate, admitMessage: () => undefined });
  const breakOff = (problem: Result<LinkFrame>): void => {
    isBroken = true;
    reader.discard();
    take(problem, 0);
  };
  socket.on('data', (chunk: Uint8Array) => {
    if (isBroken) return;
    try {
      reader.push(chunk);
      while (reader.next()) {
        const { source, start, end } = reader;
        const frame = readFrame(source, start, end);
        if (frame.ok) take(frame, end - start);
        else breakOff(frame);
      }
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      breakOff(fail('protocol', error.message));
    }
  });
  return {
    send(body) {
      if (!socket.destroyed && socket.writable) socket.write(packPrefixed(body));
    },
  };
}
