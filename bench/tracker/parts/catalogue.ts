/**
 * A large catalogue by way of the network: registering what is new, registering what others have already, searching
 * while others register, coming back unchanged, and a restart after a crash.
 */
import { atLeast, atMost } from '../../harness/race.ts';
import { filesPerPeer } from '../../store/names.ts';
import { Crowd, Shares } from '../crowd.ts';
import { Latencies } from '../latencies.ts';
import { rounded, type Figure, type Part } from '../part.ts';
import { addressOf, type SimulatedPeer } from '../simulated-peer.ts';
import { TrackerProcess } from '../tracker-process.ts';

/** Peers that register at the same time. */
const registering = 8;
/** Searches under way at the same time. */
const searching = 4;
const searches = 2_000;

export const catalogue: Part = {
  name: 'catalogue',
  what: 'a catalogue in SQLite, by way of the network',
  async run(scene, { files }) {
    const dataDir = scene.makeFolder('catalogue');
    const settings = { dataDir, store: 'sqlite', limits: { searchesPerSecond: 1e6, searchBurst: 1e6 } };
    let tracker = await TrackerProcess.start(scene, settings);
    const { port } = tracker;
    const count = Math.ceil(files / filesPerPeer);
    const shares = new Shares(count);
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

    const asker = await Crowd.of(searching, 'asker');
    await asker.enter(port, 'guest');
    const quiet = await search(asker, () => shares.words(2));
    const [writer] = (await Crowd.of(1, 'writer')).peers;
    if (writer === undefined) throw new Error('There is no writer');
    await writer.enter({ host: '127.0.0.1', port, from: '127.100.0.1' });
    const writes = busy(writer, shares);
    const busyTwo = await search(asker, () => shares.words(2));
    const prefix = await search(asker, () => shares.words(1).slice(0, 3));
    const filtered = await search(asker, () => `${shares.words(2)} type:video size:>1M`);
    writes.stop();
    await writes.done;

    const back = await comeBack(sharers, port);
    await tracker.crash();
    sharers.leave();
    const restart = performance.now();
    tracker = await TrackerProcess.start(scene, { ...settings, port });
    await asker.enter(port, 'guest');
    await asker.peers[0]?.ask({ type: 'search', query: shares.words(1), limit: 50 });
    const searchableSeconds = (performance.now() - restart) / 1_000;
    const again = await comeBack(sharers, port);
    const allBackSeconds = (performance.now() - restart) / 1_000;
    asker.leave();
    others.leave();
    sharers.leave();
    tracker.child.kill();

    const latency = (what: string, ms: Summary): Figure => ({
      what,
      'p50 ms': rounded(ms.p50),
      'p99 ms': rounded(ms.p99),
      'p99.9 ms': rounded(ms['p99.9']),
    });
    const rate = (what: string, number: number, seconds: number): Figure => ({
      what,
      'a second': Math.round(number / seconds),
      seconds: rounded(seconds),
    });
    return {
      figures: [
        rate(`register ${count * filesPerPeer} new files`, count * filesPerPeer, newSeconds),
        rate(`register ${few * filesPerPeer} known files`, few * filesPerPeer, knownSeconds),
        latency('search, two words', quiet),
        latency('search, two words, while files are registered', busyTwo),
        latency('… that found nothing', busyTwo.nothing),
        latency('search, three letters of a word, likewise', prefix),
        latency('search, two words and filters, likewise', filtered),
        {
          ...rate(`come back unchanged, ${count} peers`, count, back.seconds),
          'TLS resumed': back.resumed,
        },
        { what: 'bytes of a return, both ways', bytes: back.bytes },
        { what: 'restart after a crash: searchable', seconds: rounded(searchableSeconds, 2) },
        {
          what: `restart: all ${count} back`,
          seconds: rounded(allBackSeconds, 2),
          'bytes each': again.bytes,
        },
      ],
      goals: [
        atLeast('new files registered a second', (count * filesPerPeer) / newSeconds, 30_000),
        atLeast('known files registered a second', (few * filesPerPeer) / knownSeconds, 100_000),
        atMost('two words, p99 ms', busyTwo.p99, files > 2e6 ? 50 : 10),
        atMost('prefix, p99 ms', prefix.p99, files > 2e6 ? 80 : 25),
        atMost('what filters add to p99', filtered.p99 / busyTwo.p99, 1.5),
        atLeast('unchanged returns a second', count / back.seconds, 2_000),
        atMost('bytes of an unchanged return', back.bytes, 200),
        atMost('seconds until searchable', searchableSeconds, 2),
        atMost('seconds until all are back', allBackSeconds, 60),
      ],
    };
  },
};

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

type Summary = ReturnType<Latencies['summary']>;

/** Of questions that found something, and of those that found nothing, for which something else is looked for. */
async function search(asker: Crowd, query: () => string): Promise<Summary & { readonly nothing: Summary }> {
  const latencies = { found: new Latencies(), nothing: new Latencies() };
  let left = searches;
  await asker.each(asker.peers.length, async (peer) => {
    while (left-- > 0) {
      const asked = performance.now();
      const reply = await peer.ask({ type: 'search', query: query(), limit: 50 });
      const hasFound = reply.type === 'results' && reply.results.length > 0;
      latencies[hasFound ? 'found' : 'nothing'].add(performance.now() - asked);
    }
  });
  return { ...latencies.found.summary(), nothing: latencies.nothing.summary() };
}

/** Somebody whose share grows and grows, until it is told to stop. */
function busy(peer: SimulatedPeer, shares: Shares): { stop: () => void; done: Promise<void> } {
  const stopping = new AbortController();
  const work = async (): Promise<void> => {
    const digest = peer.newShare();
    const most = 90_000;
    for (let generation = 1; !stopping.signal.aborted; generation++)
      await peer.share(digest.count < most ? shares.next() : [], generation, digest);
  };
  return { stop: () => stopping.abort(), done: work() };
}

/** Everybody leaves and comes back with the same share: the welcome says that nothing is missing. */
async function comeBack(
  sharers: Crowd,
  port: number,
): Promise<{ seconds: number; bytes: number; resumed: number }> {
  sharers.leave();
  const sentBefore = sharers.peers.map((peer) => peer.sentBytes + peer.receivedBytes);
  const start = performance.now();
  await sharers.each(64, async (peer, at) => {
    const welcome = await peer.enter({ host: '127.0.0.1', port, from: addressOf(at) });
    if (welcome.count !== filesPerPeer) throw new Error(`${peer.name} is known with ${welcome.count} files`);
  });
  const seconds = (performance.now() - start) / 1_000;
  const bytes = sharers.peers.map((peer, at) => peer.sentBytes + peer.receivedBytes - (sentBefore[at] ?? 0));
  const resumed = sharers.peers.filter((peer) => peer.hasResumed).length;
  return { seconds, bytes: Math.max(...bytes), resumed };
}
