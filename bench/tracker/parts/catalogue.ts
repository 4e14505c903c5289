/**
 * A large catalogue by way of the network: registering what is new, registering what others have already, searching
 * while others register, coming back unchanged, and a restart after a crash.
 */
import { atLeast, atMost } from '../../harness/race.ts';
import { filesPerPeer } from '../../store/names.ts';
import { Crowd, Shares } from '../crowd.ts';
import type { Latencies } from '../latencies.ts';
import { rounded, type Figure, type Part } from '../part.ts';
import { searchAtOnce, searchAtRate, whileWriting } from '../searching.ts';
import { addressOf, type PeerPlace, type SimulatedPeer, type Welcome } from '../simulated-peer.ts';
import { TrackerProcess } from '../tracker-process.ts';

/** Peers that register at the same time. */
const registering = 8;
/** Searches under way at the same time, each with the next one at once. */
const searching = 4;
/** Connections that are encrypted before any of them greets: fewer than may wait for that, and done within its time. */
const secured = 256;
/** After which the other side is done with their handshakes as well. */
const settleMs = 100;
/** Searches of people, well below what two cores can do, and connections that they come by. */
const searchesPerSecond = 50;
const asking = 32;
/** Files that are registered meanwhile. */
const writtenPerSecond = 5_000;

export const catalogue: Part = {
  name: 'catalogue',
  what: 'a catalogue in SQLite, by way of the network',
  async run(scene, { files, peers }) {
    const dataDir = scene.makeFolder('catalogue');
    const settings = { dataDir, store: 'sqlite', limits: { searchesPerSecond: 1e6, searchBurst: 1e6 } };
    let tracker = await TrackerProcess.start(scene, settings);
    const { port } = tracker;
    const count = peers ?? Math.ceil(files / filesPerPeer);
    const writerPeers = Math.ceil(files / filesPerPeer);
    const each = peers === undefined ? filesPerPeer : Math.ceil(files / peers);
    const shares = new Shares(count, 1, each);
    const sharers = await Crowd.of(count);
    await sharers.enter(port);

    const made = sharers.peers.map(() => shares.next());
    const newSeconds = await timeOf(() =>
      sharers.each(registering, async (peer, at) => await peer.share(made[at] ?? [])),
    );
    const few = Math.ceil(count / 4);
    const others = await Crowd.of(few, 'other');
    await others.enter(port);
    const knownSeconds = await timeOf(() =>
      others.each(registering, async (peer, at) => await peer.share(made[at] ?? [])),
    );

    const asker = await Crowd.of(asking, 'asker');
    await asker.enter(port, 'guest');
    const atOnce = asker.some(searching);
    const two = (): string => shares.words(2);
    const three = (): string => shares.words(1).slice(0, 3);
    const narrow = (): string => `${shares.words(2)} type:video size:>1M`;
    const quiet = await searchAtOnce(atOnce, two);
    const atRate = (query: () => string) => searchAtRate(asker, searchesPerSecond, 20, query);
    const [rated, written] = await whileWriting(
      { port, peers: writerPeers, filesPerSecond: writtenPerSecond },
      async () => ({ two: await atRate(two), three: await atRate(three), narrow: await atRate(narrow) }),
    );
    const [crowded] = await whileWriting(
      { port, peers: writerPeers, filesPerSecond: Infinity },
      async () => ({
        two: await searchAtOnce(atOnce, two),
        three: await searchAtOnce(atOnce, three),
        narrow: await searchAtOnce(atOnce, narrow),
      }),
    );

    const back = await comeBack(sharers, port, each);
    const greetSeconds = await greetAgain(sharers, port, each);
    await tracker.crash();
    sharers.leave();
    const restart = performance.now();
    tracker = await TrackerProcess.start(scene, { ...settings, port });
    await asker.enter(port, 'guest');
    await asker.peers[0]?.ask({ type: 'search', query: shares.words(1), limit: 50 });
    const searchableSeconds = (performance.now() - restart) / 1_000;
    const again = await comeBack(sharers, port, each);
    const allBackSeconds = (performance.now() - restart) / 1_000;
    asker.leave();
    others.leave();
    sharers.leave();
    tracker.child.kill();

    const latency = (what: string, ms: Latency & { readonly refused?: number }): Figure => ({
      what,
      'p50 ms': rounded(ms.p50),
      'p99 ms': rounded(ms.p99),
      'p99.9 ms': rounded(ms['p99.9']),
      ...((ms.refused ?? 0) > 0 && { refused: ms.refused ?? 0 }),
    });
    const rate = (what: string, number: number, seconds: number): Figure => ({
      what,
      'a second': Math.round(number / seconds),
      seconds: rounded(seconds),
    });
    return {
      figures: [
        rate(`register ${count * each} new files`, count * each, newSeconds),
        rate(`register ${few * each} known files`, few * each, knownSeconds),
        latency(
          `two words, ${searchesPerSecond} searches a second and ${Math.round(written)} files`,
          rated.two,
        ),
        latency('… that found nothing', rated.two.nothing),
        latency('… all of them: sent so late by the bench itself', rated.two.late),
        latency('three letters of a word, likewise', rated.three),
        latency('two words and filters, likewise', rated.narrow),
        latency(`two words, ${searching} askers at once, no files`, quiet),
        latency(`two words, ${searching} askers at once, files as fast as can be`, crowded.two),
        latency('… that found nothing', crowded.two.nothing),
        latency('three letters of a word, likewise', crowded.three),
        latency('two words and filters, likewise', crowded.narrow),
        {
          ...rate(`come back unchanged, TLS handshake included, ${count} peers`, count, back.seconds),
          'TLS resumed': back.resumed,
        },
        rate('come back unchanged, on connections that are encrypted already', count, greetSeconds),
        { what: 'bytes of a return, both ways', bytes: back.bytes },
        { what: 'restart after a crash: searchable', seconds: rounded(searchableSeconds, 2) },
        {
          what: `restart: all ${count} back`,
          seconds: rounded(allBackSeconds, 2),
          'bytes each': again.bytes,
        },
      ],
      goals: [
        atLeast('new files registered a second', (count * each) / newSeconds, 30_000),
        atLeast('known files registered a second', (few * each) / knownSeconds, 100_000),
        atMost('two words at a rate, p99 ms', rated.two.p99, files > 2e6 ? 50 : 10),
        atMost('prefix at a rate, p99 ms', rated.three.p99, files > 2e6 ? 80 : 25),
        atMost('what filters add to p99, at a rate', rated.narrow.p99 / rated.two.p99, 1.5),
        atMost(`two words, ${searching} at once, p99 ms`, crowded.two.p99, files > 2e6 ? 50 : 10),
        atMost(`prefix, ${searching} at once, p99 ms`, crowded.three.p99, files > 2e6 ? 80 : 25),
        atLeast('unchanged returns a second, TLS handshakes included', count / back.seconds, 2_000),
        atLeast('unchanged returns a second, encrypted already', count / greetSeconds, 2_000),
        atMost('bytes of an unchanged return', back.bytes, 200),
        atMost('seconds until searchable', searchableSeconds, 2),
        atMost('seconds until all are back', allBackSeconds, 60),
      ],
    };
  },
};

type Latency = ReturnType<Latencies['summary']>;

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** Everybody leaves and comes back with the same share: the welcome says that nothing is missing. */
async function comeBack(
  sharers: Crowd,
  port: number,
  files: number,
): Promise<{ seconds: number; bytes: number; resumed: number }> {
  sharers.leave();
  const sentBefore = sharers.peers.map((peer) => peer.sentBytes + peer.receivedBytes);
  const start = performance.now();
  await sharers.each(64, async (peer, at) => {
    checkShare(peer, files, await peer.enter({ host: '127.0.0.1', port, from: addressOf(at) }));
  });
  const seconds = (performance.now() - start) / 1_000;
  const bytes = sharers.peers.map((peer, at) => peer.sentBytes + peer.receivedBytes - (sentBefore[at] ?? 0));
  const resumed = sharers.peers.filter((peer) => peer.hasResumed).length;
  return { seconds, bytes: Math.max(...bytes), resumed };
}

/** The same without the time for TLS: so many connect at a time, and only their greeting and its answer count. */
async function greetAgain(sharers: Crowd, port: number, files: number): Promise<number> {
  sharers.leave();
  let seconds = 0;
  for (let from = 0; from < sharers.peers.length; from += secured) {
    const some = sharers.peers.slice(from, from + secured);
    const place = (at: number): PeerPlace => ({ host: '127.0.0.1', port, from: addressOf(from + at) });
    await sharers.each(64, (peer, at) => peer.secure(place(at)), some);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    seconds += await timeOf(() =>
      sharers.each(64, async (peer) => checkShare(peer, files, await peer.greet()), some),
    );
  }
  return seconds;
}

function checkShare({ name }: SimulatedPeer, files: number, { count }: Welcome): void {
  if (count !== files) throw new Error(`${name} is known with ${count} files`);
}
