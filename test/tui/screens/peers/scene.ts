/** Peers and what one of them shares, for the tests of the Peers tab. */
import type { ListEntry, PeerSummary } from '../../../../src/core/catalogue.ts';
import type { EngineCommand, EngineEvent, EngineSnapshot } from '../../../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { engineSnapshot, trackerView, uploadView } from '../../../helpers/views.ts';

export const peerId = (seed: number): PeerId => encodeId(new Uint8Array(32).fill(seed)) as PeerId;
const contentId = (seed: number): ContentId => encodeId(new Uint8Array(32).fill(seed)) as ContentId;
const me = engineSnapshot().peer;

const summary = (seed: number, name: string, files: number, bytes: number): PeerSummary => ({
  peer: seed === 0 ? me : peerId(seed),
  name,
  host: '192.0.2.1',
  port: 4000 + seed,
  files,
  bytes,
});

export const peers: readonly PeerSummary[] = [
  summary(0, 'me', 3, 900_000),
  summary(11, 'kestrel', 1_204_341, 88_100_000_000_000),
  summary(12, 'bad\u202eguy\u001b[2J', 2, 4_000),
  summary(13, '小鳥', 0, 0),
];

export const snapshot: Partial<EngineSnapshot> = {
  trackers: [
    trackerView({ host: 'hub-a', port: 7000, latencyMs: 12, peers: 58, files: 3 }),
    trackerView({
      host: 'hub-b',
      port: 7000,
      state: 'waiting',
      problem: { code: 'unreachable', message: 'nobody answers' },
      nextAttemptMs: new Date(2026, 10, 22, 14, 6, 44).getTime(),
    }),
  ],
  uploads: [uploadView({ peer: peerId(11), sentBytes: 5_000_000 })],
  blocked: [{ peer: peerId(12), name: 'bad\u202eguy\u001b[2J' }],
};

const file = (path: string, sizeBytes: number, seed: number): ListEntry => ({
  kind: 'file',
  path,
  sizeBytes,
  id: contentId(seed),
});
const folder = (path: string, files: number, sizeBytes: number): ListEntry => ({
  kind: 'folder',
  path,
  files,
  sizeBytes,
});

const shares: Readonly<Record<string, readonly ListEntry[]>> = {
  '/': [folder('/music/', 4, 9_000_000), folder('/papers/', 1, 100)],
  '/music/': [folder('/music/live/', 2, 4_000_000), file('/music/blue moon.mp3', 5_000_000, 21), file('/music/\u202egpj.exe', 9, 22)],
  '/music/live/': [file('/music/live/one.flac', 2_000_000, 23), file('/music/live/two.flac', 2_000_000, 24)],
  '/papers/': [file('/papers/thesis.pdf', 100, 25)],
}; // prettier-ignore

type Of<Type extends EngineCommand['type']> = Extract<EngineCommand, { readonly type: Type }>;

export const answers = {
  peers: ({ requestId }: Of<'peers'>): readonly EngineEvent[] => [
    { type: 'answer-peers', requestId, answer: { ok: true, value: peers } },
  ],
  browse: ({ requestId, path }: Of<'browse'>): readonly EngineEvent[] => [
    { type: 'answer-browse', requestId, answer: { ok: true, value: shares[path] ?? [] }, last: true },
  ],
  'find-peer': ({ requestId, peer }: Of<'find-peer'>): readonly EngineEvent[] => {
    const found = peers.find((one) => one.peer === peer);
    const problem = { code: 'not-found', message: 'It has left' } as const;
    return [
      {
        type: 'answer-find-peer',
        requestId,
        answer: found === undefined ? { ok: false, problem } : { ok: true, value: found },
      },
    ];
  },
};
