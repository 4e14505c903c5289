import { describe, expect, test } from '@jest/globals';
import { EngineRates } from '../../../../src/core/engine/engine-rates.ts';
import { defaultLimits } from '../../../../src/core/engine/engine-api.ts';
import { receiveBufferBytes } from '../../../../src/core/limits/tracker.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import { Intake, type Taker } from '../../../../src/workers/jobs/fetch/intake.ts';
import { ReadPacer } from '../../../../src/workers/jobs/pacer.ts';

/** What would be read into next. */
const nextOf = ({ onread }: Intake): Uint8Array =>
  typeof onread.buffer === 'function' ? onread.buffer() : onread.buffer;

function taking(changes: Partial<Taker>): { readonly intake: Intake; readonly told: string[] } {
  const told: string[] = [];
  const intake = new Intake();
  intake.attach({
    landing: () => undefined,
    landed: (length) => told.push(`landed ${length}`) > 0,
    receive: (bytes) => told.push(`received ${bytes.length}`),
    mayRead: true,
    expectsHeader: false,
    ...changes,
  });
  return { intake, told };
}

describe('what is read at once', () => {
  test('is as much as there is room for where nothing is limited', () => {
    const piece = new Uint8Array(256 * 1024);
    expect(nextOf(taking({ quantumBytes: Infinity }).intake)).toHaveLength(receiveBufferBytes);
    expect(nextOf(taking({ landing: () => piece, quantumBytes: Infinity }).intake)).toBe(piece);
  });

  test('is a portion where there is a limit, which goes to its place all the same', () => {
    const piece = new Uint8Array(256 * 1024);
    const { intake, told } = taking({ landing: () => piece.subarray(1000), quantumBytes: 4096 });
    const place = nextOf(intake);
    expect([place.buffer === piece.buffer, place.byteOffset, place.length]).toEqual([true, 1000, 4096]);
    intake.onread.callback(4096, place);
    expect(told).toEqual(['landed 4096']);
    const headers = taking({ quantumBytes: 4096 });
    headers.intake.onread.callback(100, nextOf(headers.intake));
    expect(headers.told).toEqual(['received 100']);
  });

  test('follows the limit of a download and that of all', () => {
    const rates = new EngineRates();
    const own = new SharedRate();
    const pacers = [rates.downloadFrom('127.0.0.1'), own].map((rate) => new ReadPacer(rate, () => undefined));
    const quanta = (): number[] => pacers.map(({ quantumBytes }) => quantumBytes);
    expect(quanta()).toEqual([Infinity, Infinity]);
    rates.set({ ...defaultLimits, downloadBytesPerSecond: 20_000, limitsLan: true });
    own.setRate(1_000_000);
    expect(quanta()).toEqual([4096, 20_000]);
  });
});
