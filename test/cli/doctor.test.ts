import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineCommand, TrackerView } from '../../src/core/engine/engine-api.ts';
import { ok } from '../../src/core/result.ts';
import { FakeEngine, peerId, play, type Scene } from './fakes.ts';
import { engineSnapshot, trackerView } from '../helpers/views.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shoal-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const healthy = trackerView({ id: peerId(9) });

/** An engine with these trackers, and a peer of this profile that listens at `ownPort` if it is given. */
const engine =
  (tracker: TrackerView, ownPort?: number) =>
  (command: EngineCommand, engine: FakeEngine): void => {
    if (command.type === 'peers') {
      const own = { peer: peerId(1), name: 'me', host: '127.0.0.1', port: ownPort ?? 0, files: 1, bytes: 1 };
      const answer = ok(ownPort === undefined ? [] : [own]);
      engine.emit({ type: 'answer-peers', requestId: command.requestId, answer });
    }
    if (command.type === 'snapshot')
      engine.emit({
        type: 'answer-snapshot',
        requestId: command.requestId,
        answer: ok(engineSnapshot({ peer: peerId(1), port: undefined, trackers: [tracker] })),
      });
  };

const doctor = (scene: Partial<Scene> = {}) =>
  play({ argv: ['doctor', '--json', '--home', folder], answer: engine(healthy), ...scene });

const verdicts = (events: readonly Record<string, unknown>[]) =>
  Object.fromEntries(events.map(({ check, ok }) => [check, ok]));

describe('doctor', () => {
  test('finds a healthy machine healthy, each finding with its keys', async () => {
    const { code, events } = await doctor();
    expect(code).toBe(0);
    expect(verdicts(events)).toEqual({
      runtime: true,
      hash: true,
      home: true,
      disk: expect.any(Boolean),
      listen: true,
      'tracker port': true,
      engine: true,
      tracker: true,
      reachability: true,
    });
    for (const event of events) expect(Object.keys(event)).toEqual(['check', 'ok', 'detail']);
    expect(events.find(({ check }) => check === 'tracker')?.['detail']).toContain(peerId(9));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each<[string, Partial<Scene>, number]>([
    ['runtime', { ports: { runtime: { version: '22.1.0', pinned: undefined } } }, 1],
    [
      'hash',
      {
        ports: {
          measureHashing: () =>
            Promise.resolve({ implementation: 'hash-wasm', native: false, bytesPerSecond: 1 }),
        },
      },
      0,
    ],
    ['engine', { answer: () => undefined, launched: (engine) => engine.end(70) }, 1],
  ])('a bad %s shows', async (check, scene, expected) => {
    const { code, events } = await doctor(scene);
    expect(verdicts(events)[check]).toBe(false);
    expect(code).toBe(expected);
  });

  test.each<[string, TrackerView, number]>([
    ['the default one, which a peer brings up itself', { ...healthy, id: undefined }, 0],
    ['one that was asked for', { ...healthy, port: 5001, id: undefined }, 1],
    [
      'one with another key',
      { ...healthy, problem: { code: 'key-changed', message: 'its key has changed' } },
      1,
    ],
  ])('a tracker that is not there: %s', async (_which, tracker, expected) => {
    const { code, events } = await doctor({ answer: engine(tracker) });
    expect(verdicts(events)['tracker']).toBe(false);
    expect(code).toBe(expected);
  });

  test.each([
    ['The tracker at 127.0.0.1:5001 cannot be reached', 'The tracker at 127.0.0.1:5001 cannot be reached'],
    ['nobody answers', '127.0.0.1:5001: nobody answers'],
  ])('names a tracker once: %s', async (message, detail) => {
    const tracker = trackerView({ port: 5001, id: undefined, problem: { code: 'unreachable', message } });
    const { events } = await doctor({ answer: engine(tracker) });
    expect(events.find(({ check }) => check === 'tracker')?.['detail']).toBe(detail);
  });

  test('a home that cannot be written is essential', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { code, events, engines } = await doctor({
      argv: ['doctor', '--json', '--home', path.join(folder, 'file', 'home')],
    });
    expect([code, verdicts(events)['home'], engines.length]).toEqual([1, false, 0]);
  });

  test('a peer of this profile is called up where the tracker says it is', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const reachable = await doctor({ answer: engine(healthy, port) });
    await new Promise((resolve) => server.close(resolve));
    const gone = await doctor({ answer: engine(healthy, port) });
    expect([reachable.code, gone.code]).toEqual([0, 1]);
    expect(verdicts(gone.events)['reachability']).toBe(false);
  });

  test.each([true, false])('what the tracker has told the running peer counts: %s', async (isReachable) => {
    const reach = { isReachable, host: '192.0.2.7', port: 40_001 };
    const snapshot = engineSnapshot({ trackers: [trackerView(), trackerView({ reach })] });
    const running = Object.assign(
      new FakeEngine({} as never, ({ type, ...command }, engine) => {
        if (type === 'snapshot' && 'requestId' in command)
          engine.emit({ type: 'answer-snapshot', requestId: command.requestId, answer: ok(snapshot) });
      }),
      { pid: 1, close: () => undefined },
    );
    const { code, events } = await doctor({ ports: { connectEngine: () => Promise.resolve(ok(running)) } });
    const finding = events.find(({ check }) => check === 'reachability');
    expect(finding).toMatchObject({ ok: isReachable, detail: expect.stringContaining('192.0.2.7:40001') });
    // Whoever cannot be reached downloads all the same.
    expect(code).toBe(0);
  });

  test('for people it is a line a finding', async () => {
    const { stdout } = await doctor({ argv: ['doctor', '--home', folder] });
    expect(stdout.lines[0]).toMatch(/^ok {4}runtime {9}Node 26\.10\.0, pinned 26\.10\.0$/);
  });
});
