/**
 * What goes wrong in one run, all of it drawn from a seed before anything happens. A plan knows whether its download
 * must arrive: some source stays good enough in the end, and so does the disk.
 */
import { drawConnection, drawPace, type ProxyPlan } from './fault-proxy.ts';
import { lies, type LiarPlan } from './lying-peer.ts';
import { Seeded } from './seeded.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

export interface FilePlan {
  /** Below the folder that is downloaded. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Of its bytes: the same for the same bytes. */
  readonly seed: number;
}

export type SourcePlan =
  | { readonly kind: 'honest'; readonly proxy: ProxyPlan }
  | { readonly kind: 'liar'; readonly liar: LiarPlan }
  /** Nobody listens there. */
  | { readonly kind: 'nobody' };

/** What one of the actors or threads of a peer suffers. */
export type Blow = 'thread' | 'download' | 'session' | 'upload' | 'pool';

export type Incident =
  | { readonly kind: 'blow'; readonly blow: Blow; readonly at: 'downloader' | 'sources' }
  /** The source is gone for good. */
  | { readonly kind: 'vanish'; readonly source: number }
  /** A good source that nobody knew of comes online. */
  | { readonly kind: 'come' }
  /** All that the source shares is written over, cut short or removed. */
  | { readonly kind: 'change'; readonly source: number; readonly how: 'rewrite' | 'truncate' | 'remove' }
  | { readonly kind: 'pause' }
  /** The downloader leaves, and another engine of the same user takes the download up. */
  | { readonly kind: 'restart' }
  /** Nothing more can be written, or the folder is away, for so long. */
  | { readonly kind: 'disk'; readonly how: 'fills' | 'read-only' | 'removed'; readonly forMs: number };

export interface TimedIncident {
  /** When this part of all bytes has come … */
  readonly atFraction: number;
  /** … or so much time has passed. */
  readonly afterMs: number;
  readonly incident: Incident;
}

/** Others who want the same of the honest sources at the same time, which have few slots for all of them. */
export interface CrowdPlan {
  /** Of each source. */
  readonly slots: number;
  readonly rivals: readonly RivalPlan[];
}

export interface RivalPlan {
  readonly bytesPerSecond: number;
  /** It vanishes then, done or not; undefined: it stays to the end. */
  readonly leavesAfterMs: number | undefined;
}

export interface FaultPlan {
  readonly seed: number;
  readonly insecure: boolean;
  /** Each file by itself, or all of them as a folder of the first source. */
  readonly kind: 'files' | 'tree';
  readonly files: readonly FilePlan[];
  readonly sources: readonly SourcePlan[];
  readonly crowd: CrowdPlan;
  /** 0: as fast as it goes. */
  readonly bytesPerSecond: number;
  readonly giveUpAfterMs: number | undefined;
  /** In the order in which they happen. */
  readonly incidents: readonly TimedIncident[];
  readonly mustArrive: boolean;
  /** Threads are killed: other runs may not use them. */
  readonly isDeadly: boolean;
}

export function drawPlan(seed: number): FaultPlan {
  const seeded = new Seeded(seed);
  const insecure = seeded.chance(0.25);
  const kind = seeded.chance(0.3) ? 'tree' : 'files';
  const files = kind === 'tree' ? drawTree(seeded) : drawFiles(seeded);
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sources = seeded.times(seeded.between(1, 4), (at) => drawSource(seeded, bytes, at === 0));
  const bytesPerSecond = seeded.pick([0, 0, 1, 2, 4]) * MiB;
  const incidents = seeded
    .times(seeded.pick([0, 0, 1, 1, 2, 3]), () => ({
      atFraction: seeded.next() * 0.9,
      afterMs: seeded.between(300, 3_000),
      incident: drawIncident(seeded, sources.length),
    }))
    .sort((one, other) => one.atFraction - other.atFraction);
  const mustArrive = arrives({ kind, insecure, sources, incidents });
  const giveUpAfterMs = seeded.pick([undefined, 1_500, 3_000]);
  return {
    seed,
    insecure,
    kind,
    files,
    sources,
    crowd: drawCrowd(new Seeded(seed + 0xc0de)),
    bytesPerSecond,
    giveUpAfterMs: mustArrive ? undefined : giveUpAfterMs,
    incidents,
    mustArrive,
    isDeadly: incidents.some(({ incident }) => incident.kind === 'blow' && incident.blow === 'thread'),
  };
}

/** From a seed of its own, so that it changes nothing else of a plan. */
function drawCrowd(seeded: Seeded): CrowdPlan {
  const rivals = seeded.times(seeded.pick([0, 0, 1, 1, 2, 3]), () => ({
    bytesPerSecond: seeded.pick([0, 1, 2]) * MiB,
    leavesAfterMs: seeded.pick([undefined, seeded.between(100, 3_000)]),
  }));
  return { slots: rivals.length === 0 ? 8 : seeded.pick([1, 1, 2]), rivals };
}

function drawSize(seeded: Seeded): number {
  const piece = 256 * KiB;
  return seeded.pick([
    0,
    1,
    seeded.between(2, 5_000),
    piece - 1,
    piece,
    piece + 1,
    2 * piece,
    2 * piece + 1,
    seeded.between(2 * piece, 3 * MiB),
    seeded.between(2 * piece, 3 * MiB),
    seeded.between(MiB, 5 * MiB),
  ]);
}

/** Two of them may be the same. */
function drawFiles(seeded: Seeded): FilePlan[] {
  return seeded.times(seeded.between(1, 3), (at) => {
    const sizeBytes = drawSize(seeded);
    return { path: `file-${at}`, sizeBytes, seed: seeded.between(1, 1_000) };
  });
}

function drawTree(seeded: Seeded): FilePlan[] {
  const small = seeded.times(seeded.between(1, 120), (at) => {
    const folders = 'abc'.slice(0, seeded.between(0, 3)).split('').join('/');
    const sizeBytes = seeded.chance(0.05) ? 512 * KiB : seeded.between(0, 9_000);
    return { path: `${folders && `${folders}/`}s${at}`, sizeBytes, seed: seeded.between(1, 60) };
  });
  const large = seeded.times(seeded.pick([0, 0, 1, 2]), (at) => ({
    path: `large-${at}`,
    sizeBytes: seeded.between(513 * KiB, 3 * MiB),
    seed: seeded.between(1, 1_000),
  }));
  return [...small, ...large];
}

function drawSource(seeded: Seeded, bytes: number, isFirst: boolean): SourcePlan {
  const roll = seeded.next();
  if (roll < 0.62 || (isFirst && roll < 0.8)) {
    const connections = seeded.times(seeded.between(0, 4), () => drawConnection(seeded, bytes));
    // Some stay bad.
    const afterwards = seeded.chance(0.15) ? drawConnection(seeded, bytes) : drawPace(seeded);
    return { kind: 'honest', proxy: { connections, afterwards } };
  }
  if (roll < 0.93)
    return { kind: 'liar', liar: { lie: seeded.pick(lies), share: seeded.pick([0.1, 0.5, 1]) } };
  return { kind: 'nobody' };
}

function drawIncident(seeded: Seeded, sources: number): Incident {
  const source = seeded.between(0, sources - 1);
  const forMs = seeded.between(200, 2_500);
  return seeded.pick<() => Incident>([
    () => ({
      kind: 'blow',
      blow: seeded.pick<Blow>(['thread', 'thread', 'download', 'session', 'upload', 'pool']),
      at: seeded.pick(['downloader', 'sources']),
    }),
    () => ({ kind: 'vanish', source }),
    () => ({ kind: 'come' }),
    () => ({ kind: 'change', source, how: seeded.pick(['rewrite', 'truncate', 'remove']) }),
    () => ({ kind: seeded.pick(['pause', 'restart']) }),
    () => ({ kind: 'disk', how: seeded.pick(['fills', 'read-only', 'removed']), forMs }),
  ])();
}

/** A source that only lost time can be had from. */
function staysGood(source: SourcePlan, insecure: boolean): boolean {
  if (source.kind !== 'honest') return false;
  const { connections, afterwards } = source.proxy;
  if (afterwards.greeting !== 'accept' || afterwards.faults.length > 0) return false;
  const faults = connections.flatMap((connection) => connection.faults);
  // Without encryption what is corrupted looks like a lie. Two silences look like a source that is no use.
  const silences = faults.filter(({ kind }) => kind === 'stall' || kind === 'half-close').length;
  return silences <= 1 && !(insecure && faults.some(({ kind }) => kind === 'corrupt'));
}

type Essence = Pick<FaultPlan, 'kind' | 'insecure' | 'sources' | 'incidents'>;

function arrives({ kind, insecure, sources, incidents }: Essence): boolean {
  const lost = new Set(
    incidents.flatMap(({ incident }) =>
      incident.kind === 'vanish' || incident.kind === 'change' ? [incident.source] : [],
    ),
  );
  const good = sources.map((source, at) => staysGood(source, insecure) && !lost.has(at));
  // A tree is listed by its own peer. Others may bring large files wrong, which costs nothing but time.
  if (kind === 'tree') return good[0] ?? false;
  return good.includes(true) || incidents.some(({ incident }) => incident.kind === 'come');
}
