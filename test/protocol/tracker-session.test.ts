import { describe, expect, test } from '@jest/globals';
import { Packr } from 'msgpackr';
import {
  frameTimeoutMs,
  helloTimeoutMs,
  maxHeartbeatMs,
  maxHelloFrameBytes,
  maxPendingOutputBytes,
  maxShareFrameBytes,
  maxTrackerRequests,
} from '../../src/core/limits/wire.ts';
import { FileEntries } from '../../src/core/share/file-entries.ts';
import { createCodec } from '../../src/protocol/codec.ts';
import { LocalProtocolError, RemoteProtocolError } from '../../src/protocol/errors.ts';
import { TrackerClientSession } from '../../src/protocol/tracker-client-session.ts';
import {
  trackerMessages,
  type TrackerMessage,
  type TrackerMessageNamed,
} from '../../src/protocol/tracker-messages.ts';
import { TrackerServerSession } from '../../src/protocol/tracker-server-session.ts';
import { hear, heartbeatMs, join, leaseMs, refusal, trackerPair, welcome } from './conversation.ts';
import { content, trackerSamples } from './samples.ts';

const codec = createCodec(trackerMessages);
const packr = new Packr({ useRecords: false });

function frame(...values: unknown[]): Uint8Array {
  const body = packr.pack(values);
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes.set(body, 4);
  return bytes;
}

const told = (session: { takeOutput(): Uint8Array | undefined }): TrackerMessage | undefined => {
  const bytes = session.takeOutput();
  return bytes && codec.decode(bytes, 4, bytes.length);
};

/** What a peer said, with the files that it adds as they were sent. */
const plain = (events: readonly object[]): readonly object[] =>
  events.map((event) =>
    'files' in event && event.files instanceof FileEntries ? { ...event, files: listed(event.files) } : event,
  );

const listed = (files: FileEntries): TrackerMessageNamed<'add'>['files'] =>
  Array.from({ length: files.count }, (_, at) => ({
    id: files.id(at),
    sizeBytes: files.sizeBytes(at),
    path: files.path(at),
  }));

const newClient = (): TrackerClientSession =>
  new TrackerClientSession({ name: 'anna', port: 4000, agent: 'test', nowMs: 0, random: () => 0.5 });
const newServer = (): TrackerServerSession => new TrackerServerSession({ nowMs: 0, leaseMs });
const search = (requestId: number): TrackerMessage & { type: 'search' } => ({
  type: 'search',
  requestId,
  query: 'x',
  limit: 10,
});

const found = { id: content(1), sizeBytes: 1, names: ['/a'], sources: [] };

describe('greeting a tracker', () => {
  test('hello is the first output, welcome opens the conversation on both sides', () => {
    const client = newClient();
    const server = newServer();
    expect(hear(server, client.takeOutput())).toEqual([
      { type: 'hello', minVersion: 1, maxVersion: 1, features: 31, name: 'anna', port: 4000, agent: 'test' },
    ]);
    expect([server.isReady, client.isReady]).toEqual([false, false]);
    expect(hear(client, server.accept(welcome))).toEqual([
      { type: 'welcome', version: 1, features: 31, leaseMs, ...welcome },
    ]);
    expect([server.isReady, client.isReady]).toEqual([true, true]);
    expect(client.agreed).toEqual({ version: 1, features: 31 });
  });

  test('no request may be sent before the welcome', () => {
    const client = newClient();
    expect(client.canAsk).toBe(false);
    expect(() => client.send(search(1))).toThrow(LocalProtocolError);
    expect(() => newServer().accept(welcome)).toThrow(LocalProtocolError);
  });

  test('a taken name is an error about the connection, with a suggestion', () => {
    const client = newClient();
    const server = newServer();
    hear(server, client.takeOutput());
    const refused = server.send({
      type: 'error',
      requestId: 0,
      code: 'name-taken',
      message: 'anna is online',
      detail: 'anna-2',
    });
    expect(hear(client, refused)).toMatchObject([{ type: 'error', code: 'name-taken', detail: 'anna-2' }]);
    expect(client.isReady).toBe(false);
  });

  test('a client of newer versions only is told which are spoken', () => {
    const server = newServer();
    expect(refusal(server, frame(1, 2, 5, 0, 'anna', 1, 'x'))).toBe('version');
    expect(told(server)).toEqual({
      type: 'error',
      requestId: 0,
      code: 'version',
      message: 'Versions 1 to 1 are spoken here, not 2 to 5',
      detail: 'version',
    });
  });

  test('a client that speaks newer versions too is met at ours, with the features that both have', () => {
    const server = newServer();
    hear(server, frame(1, 1, 5, 0xffff_ffff, 'anna', 1, 'x'));
    expect(hear(newClient(), server.accept(welcome))).toMatchObject([{ version: 1, features: 31 }]);
  });

  test('a welcome to a version that was not offered is refused', () => {
    expect(refusal(newClient(), frame(2, 2, 0, 'a', 0, 0, new Uint8Array(16), 1, 1, 'h', 1, 1))).toBe(
      'version',
    );
  });

  test.each<[string, Uint8Array]>([
    ['a request', codec.encode(search(1))],
    ['a ping', codec.encode({ type: 'ping', token: 1 })],
    ['a message of the other side', codec.encode(trackerSamples.welcome[0])],
    ['a type nobody knows', frame(99)],
  ])('%s instead of hello is refused', (_, bytes) => {
    expect(refusal(newServer(), bytes)).toBe('unexpected');
  });

  test('a second hello is refused, before the welcome and after', () => {
    const hello = codec.encode(trackerSamples.hello[0]);
    const server = newServer();
    hear(server, hello);
    expect(refusal(server, hello)).toBe('unexpected');
    expect(refusal(trackerPair().server, hello)).toBe('unexpected');
  });

  test('what follows hello at once is refused: the welcome must come first', () => {
    const hello = codec.encode(trackerSamples.hello[0]);
    expect(refusal(newServer(), join(hello, codec.encode(search(1))))).toBe('unexpected');
  });

  test('before hello no frame may be longer than 4 KiB', () => {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setUint32(0, maxHelloFrameBytes + 1);
    expect(refusal(newServer(), prefix)).toBe('frame-length');
  });
});

describe('a conversation with a tracker', () => {
  test('every message arrives as it was sent, at every split', () => {
    const asked: TrackerMessage[] = [];
    const { client, server } = trackerPair();
    for (const message of Object.values(trackerSamples).flat() as TrackerMessage[]) {
      const spec = trackerMessages[message.type];
      if (spec.from !== 'client' || message.type === 'hello') continue;
      const bytes = client.send(message as never);
      for (let size = 1; size <= bytes.length; size++) {
        const { server: fresh } = trackerPair();
        expect(plain(hear(fresh, bytes, 0, size))).toEqual([message]);
      }
      expect(plain(hear(server, bytes))).toEqual([message]);
      if ('answers' in spec) asked.push(message);
      if ('requestId' in message && 'answers' in spec) {
        const end = server.send({
          type: 'error',
          requestId: message.requestId,
          code: 'busy',
          message: '',
          detail: '',
        });
        expect(hear(client, end, 0, 1)).toMatchObject([{ type: 'error', requestId: message.requestId }]);
      }
    }
    expect(asked.length).toBeGreaterThan(6);
    expect([client.askedCount, server.owedCount]).toEqual([0, 0]);
  });

  test('answers end their request, pages but the last do not', () => {
    const { client, server } = trackerPair();
    hear(server, client.send(search(7)));
    const page = { type: 'results', requestId: 7, more: true, results: [found] } as const;
    expect(hear(client, server.send(page))).toEqual([page]);
    expect([client.askedCount, server.owedCount]).toEqual([1, 1]);
    hear(client, server.send({ ...page, more: false }));
    expect([client.askedCount, server.owedCount]).toEqual([0, 0]);
    expect(() => server.send(page)).toThrow(LocalProtocolError);
    expect(refusal(client, codec.encode(page))).toBe('unsolicited');
  });

  test('no more results are accepted than were asked for, nor pages without an end', () => {
    const page = { type: 'results', requestId: 7, more: true, results: [found, found] } as const;
    const { client } = trackerPair();
    client.send({ ...search(7), limit: 3 });
    expect(refusal(client, codec.encode(page))).toBeUndefined();
    expect(refusal(client, codec.encode(page))).toBe('unsolicited');
    const patient = trackerPair().client;
    patient.send({ type: 'find-name', requestId: 7, name: 'x', limit: 3 });
    expect(refusal(patient, codec.encode({ ...page, results: [] }))).toBe('unsolicited');
    const finder = trackerPair().client;
    expect(finder.isFinding).toBe(true);
    finder.send({ type: 'find-contents', requestId: 7, ids: [found.id] });
    expect(refusal(finder, codec.encode(page))).toBe('unsolicited');
  });

  test('sync may be answered in two ways, and in no third', () => {
    const sync = { type: 'sync', generation: 1, count: 1, digest: new Uint8Array(16) } as const;
    const { client, server } = trackerPair();
    hear(server, client.send({ ...sync, requestId: 1 }));
    expect(() =>
      server.send({ type: 'committed', requestId: 1, generation: 1, count: 1, rejected: [] }),
    ).toThrow(LocalProtocolError);
    hear(client, server.send({ type: 'in-sync', requestId: 1 }));
    hear(server, client.send({ ...sync, requestId: 2 }));
    hear(client, server.send({ type: 'buckets', requestId: 2, digests: new Uint8Array(2048) }));
    client.send({ ...sync, requestId: 3 });
    expect(refusal(client, codec.encode({ type: 'sources', requestId: 3, contents: [] }))).toBe(
      'unsolicited',
    );
  });

  test('answers that nobody asked for are refused by their type alone', () => {
    const { client } = trackerPair();
    const start = Uint8Array.from([0, 15, 255, 255, 0x94, 34, 1, 0xc2]);
    expect(refusal(client, start)).toBe('unsolicited');
    const second = trackerPair().client;
    const error = { type: 'error', requestId: 5, code: 'busy', message: '', detail: '' } as const;
    expect(refusal(second, codec.encode(error))).toBe('unsolicited');
  });

  test('request ids are new until they wrap, and never one that is open', () => {
    const { client } = trackerPair();
    const first = client.nextRequestId();
    client.send(search(first));
    expect(client.nextRequestId()).toBe(first + 1);
    expect(() => client.send(search(first))).toThrow(LocalProtocolError);
    expect(() => client.send(search(0))).toThrow(LocalProtocolError);
  });

  test('an open request id is refused, and so is 0', () => {
    const { server } = trackerPair();
    expect(refusal(server, join(codec.encode(search(5)), codec.encode(search(5))))).toBe('unexpected');
    expect(refusal(trackerPair().server, codec.encode(search(0)))).toBe('unexpected');
  });

  test('no more requests than allowed are sent or accepted', () => {
    const { client, server } = trackerPair();
    for (let id = 1; id <= maxTrackerRequests; id++) hear(server, client.send(search(id)));
    expect(client.canAsk).toBe(false);
    expect(() => client.send(search(1000))).toThrow(LocalProtocolError);
    expect(refusal(server, codec.encode(search(1000)))).toBe('too-many-requests');
    expect(told(server)).toMatchObject({ type: 'error', requestId: 0, code: 'limit' });
  });

  test('a message type of a newer version is answered and the conversation goes on', () => {
    const { client, server } = trackerPair();
    client.send(search(9));
    expect(hear(server, join(frame(99, 9, 'new', [1]), codec.encode(search(1))))).toEqual([search(1)]);
    const answer = server.takeOutput();
    expect(hear(client, answer)).toEqual([
      {
        type: 'error',
        requestId: 9,
        code: 'bad-request',
        message: 'Message type 99 is not known here',
        detail: '99',
      },
    ]);
  });

  test('messages that may only come from the other side are refused', () => {
    const { client, server } = trackerPair();
    expect(refusal(server, codec.encode({ type: 'in-sync', requestId: 1 }))).toBe('unexpected');
    expect(refusal(client, codec.encode(search(1)))).toBe('unexpected');
    expect(() => client.send({ type: 'in-sync', requestId: 1 } as never)).toThrow(LocalProtocolError);
  });

  test('each type has its own limit, refused from the first bytes', () => {
    const start = (length: number, code: number): Uint8Array => {
      const bytes = Uint8Array.from([0, 0, 0, 0, 0x94, code, 1, 1]);
      new DataView(bytes.buffer).setUint32(0, length);
      return bytes;
    };
    for (const [type, { code, from, maxBytes, phases }] of Object.entries(trackerMessages)) {
      if (from === 'server' || !(phases as readonly string[]).includes('ready')) continue;
      expect([type, refusal(trackerPair().server, start(maxBytes, code))]).toEqual([type, undefined]);
      expect([type, refusal(trackerPair().server, start(maxBytes + 1, code))]).toEqual([
        type,
        'frame-length',
      ]);
    }
    expect(refusal(trackerPair().server, start(maxShareFrameBytes + 1, 20).subarray(0, 4))).toBe(
      'frame-length',
    );
    expect(refusal(trackerPair().server, start(64 * 1024 + 1, 99))).toBe('frame-length');
  });

  test('after the remote broke the protocol nothing more is read, and it is told why', () => {
    const { server } = trackerPair();
    expect(refusal(server, Uint8Array.from([0, 0, 0, 2, 0x91, 0xc1]))).toBe('malformed');
    expect(server.hasEnded).toBe(true);
    expect(told(server)).toEqual({
      type: 'error',
      requestId: 0,
      code: 'protocol',
      message: 'The message does not begin with a code',
      detail: 'malformed',
    });
    expect(hear(server, codec.encode(search(1)))).toEqual([]);
    expect(server.deadlineMs()).toBe(Infinity);
  });

  test('bye is the last that is heard, and the last that is said', () => {
    const { client, server } = trackerPair();
    const bye = client.send({ type: 'bye', reason: 'stopped' });
    expect(() => client.send(search(1))).toThrow(LocalProtocolError);
    expect(hear(server, join(bye, codec.encode(search(1))))).toEqual([{ type: 'bye', reason: 'stopped' }]);
    expect(hear(server, codec.encode(search(1)))).toEqual([]);
    expect(server.hasEnded).toBe(true);
    expect(hear(client, server.send({ type: 'bye', reason: '' }))).toHaveLength(1);
  });

  test('after our bye, pings are not answered and none are sent', () => {
    const { client } = trackerPair();
    client.send({ type: 'bye', reason: '' });
    hear(client, codec.encode({ type: 'ping', token: 1 }));
    client.tick(heartbeatMs + 1);
    expect(client.takeOutput()).toBeUndefined();
    expect(client.deadlineMs()).toBe(leaseMs);
  });

  test('a chunk must be read to its end before the next', () => {
    const { server } = trackerPair();
    server.receive(codec.encode(search(1)), 0);
    expect(() => server.receive(codec.encode(search(2)), 0)).toThrow(LocalProtocolError);
  });

  test('what a sync needs fits the messages', () => {
    const { client, server } = trackerPair();
    const path = `/${'ä'.repeat(200)}`;
    const files = Array.from({ length: 512 }, (_, at) => ({ id: content(at & 255), sizeBytes: at, path }));
    expect(plain(hear(server, client.send({ type: 'add', files })))).toEqual([{ type: 'add', files }]);
  });

  test('files that are added in a way of later versions are understood', () => {
    const { server } = trackerPair();
    const added = frame(20, [[new Uint8Array(32).fill(1), 5, '/a', 'new']], 'newer');
    const files = [{ id: content(1), sizeBytes: 5, path: '/a' }];
    expect(plain(hear(server, added))).toEqual([{ type: 'add', files }]);
    expect(refusal(server, frame(20, [[new Uint8Array(31), 5, '/a']]))).toBe('bad-field');
  });
});

describe('keep-alive with a tracker', () => {
  test('the client pings now and then whatever a tracker asks of it', () => {
    const server = newServer();
    const client = newClient();
    hear(server, client.takeOutput());
    hear(client, server.accept({ ...welcome, heartbeatMs: 0xffff_ffff }));
    expect(client.deadlineMs()).toBe(maxHeartbeatMs);
  });

  test('the client pings every heartbeat in which it said nothing, spread by 15 %', () => {
    const { client, server } = trackerPair();
    expect(client.deadlineMs()).toBe(heartbeatMs);
    client.tick(heartbeatMs - 1);
    expect(client.takeOutput()).toBeUndefined();
    client.tick(heartbeatMs);
    hear(server, client.takeOutput(), heartbeatMs);
    expect(server.heardMs).toBe(heartbeatMs);
    hear(client, server.takeOutput(), heartbeatMs + 50);
    expect(client.heardMs).toBe(heartbeatMs + 50);
    expect(client.deadlineMs()).toBe(2 * heartbeatMs);

    for (const [random, share] of [
      [0, 0.85],
      [1, 1.15],
    ] as const) {
      const other = new TrackerClientSession({
        name: '',
        port: 0,
        agent: '',
        nowMs: 0,
        random: () => random,
      });
      const its = newServer();
      hear(its, other.takeOutput());
      hear(other, its.accept(welcome));
      expect(other.deadlineMs()).toBeCloseTo(heartbeatMs * share);
    }
  });

  test('saying something puts the next ping off', () => {
    const { client } = trackerPair();
    hear(client, undefined);
    client.tick(10_000);
    client.send(search(1));
    expect(client.deadlineMs()).toBe(10_000 + heartbeatMs);
  });

  test('a silent remote is given up after its lease, on both sides', () => {
    const { client, server } = trackerPair();
    expect(() => server.tick(leaseMs - 1)).not.toThrow();
    expect(server.deadlineMs()).toBe(leaseMs);
    expect(() => server.tick(leaseMs)).toThrow(
      new RemoteProtocolError('timeout', 'Nothing was heard for 90 s'),
    );
    expect(told(server)).toMatchObject({ code: 'timeout' });
    expect(() => client.tick(leaseMs)).toThrow(RemoteProtocolError);
  });

  test('a greeting that does not come in time is not waited for', () => {
    for (const session of [newClient(), newServer()]) {
      session.takeOutput();
      expect(session.deadlineMs()).toBe(helloTimeoutMs);
      session.tick(helloTimeoutMs - 1);
      expect(() => session.tick(helloTimeoutMs)).toThrow('The greeting did not come in time');
    }
  });

  test('trickling bytes do not extend the time for a message', () => {
    const { server } = trackerPair();
    const bytes = codec.encode(search(1));
    for (let at = 0; at < 9; at++) hear(server, bytes.subarray(at, at + 1), at * 1000);
    expect(server.deadlineMs()).toBe(frameTimeoutMs);
    expect(() => server.tick(frameTimeoutMs)).toThrow('A message was begun and not finished in time');
  });

  test('the time for a message begins anew with the next one', () => {
    const { server } = trackerPair();
    const bytes = join(codec.encode(search(1)), codec.encode(search(2)));
    hear(server, bytes.subarray(0, 6), 0);
    hear(server, bytes.subarray(6, 15), 20_000);
    server.tick(frameTimeoutMs);
    expect(server.deadlineMs()).toBe(20_000 + frameTimeoutMs);
  });

  test('a pong must answer a ping', () => {
    const { client } = trackerPair();
    const pong = (token: number): Uint8Array => codec.encode({ type: 'pong', token });
    expect(refusal(trackerPair().client, pong(1))).toBe('unsolicited');
    client.tick(heartbeatMs);
    client.tick(2 * heartbeatMs);
    expect(refusal(client, join(pong(1), pong(2)))).toBeUndefined();
    expect(refusal(client, pong(2))).toBe('unsolicited');
  });

  test('more pings at once than we care to answer end the conversation', () => {
    const { server } = trackerPair();
    const ping = codec.encode({ type: 'ping', token: 1 });
    const count = Math.floor(maxPendingOutputBytes / ping.length);
    expect(refusal(server, join(...Array.from({ length: count }, () => ping)))).toBeUndefined();
    expect(refusal(server, ping)).toBe('flood');
  });

  test('a tracker cannot make us ping without pause', () => {
    const client = newClient();
    const server = newServer();
    hear(server, client.takeOutput());
    hear(client, server.accept({ ...welcome, heartbeatMs: 0, leaseMs: 0 } as never));
    expect(client.deadlineMs()).toBe(1000);
    expect(() => client.tick(1000)).not.toThrow();
  });
});
