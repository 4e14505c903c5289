/**
 * Five hundred transfers, two hundred at once, between two engines: whether their memory stays flat and within bounds.
 * There is nobody to compare with: it is about us alone.
 * Usage: npm run bench -- soak [--transfers 500] [--at-once 200] [--size 2M] [--json]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { contentIdOf } from '../../src/content/content-id.ts';
import { ManifestHasher } from '../../src/content/manifest-hasher.ts';
import type { ContentId } from '../../src/core/ids.ts';
import { defaultLimits, type EngineConfig } from '../../src/core/engine/engine-api.ts';
import { parseSize } from '../../src/core/quantity.ts';
import { EngineProcess } from '../harness/engine-process.ts';
import { residentMiB, usageOf } from '../harness/processes.ts';
import { atMost, median, print, type Row } from '../harness/race.ts';
import { withScene, writeRandomFile, type Scene } from '../harness/scene.ts';
import { startTracker } from '../harness/shoal.ts';

const sampleMs = 100;
const questionsAtOnce = 50;

interface Options {
  readonly transfers: number;
  readonly atOnce: number;
  readonly sizeBytes: number;
  readonly json: boolean;
}

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const options = optionsOf(args);
  return withScene((scene) => soak(scene, options));
}

function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      transfers: { type: 'string', default: '500' },
      'at-once': { type: 'string', default: '200' },
      size: { type: 'string', default: '2M' },
      json: { type: 'boolean', default: false },
    },
  });
  const size = parseSize(values.size);
  if (!size.ok) throw new Error(`--size: ${size.problem.message}`);
  const [transfers, atOnce] = [Number(values.transfers), Number(values['at-once'])];
  return { transfers, atOnce, sizeBytes: size.value, json: values.json };
}

async function soak(scene: Scene, { transfers, atOnce, sizeBytes, json }: Options): Promise<readonly Row[]> {
  const share = scene.makeFolder('share');
  const names = Array.from({ length: transfers }, (_, at) => `file-${at}.bin`);
  for (const name of names) writeRandomFile(path.join(share, name), sizeBytes);
  const tracker = await startTracker(scene);
  const source = new EngineProcess(scene, configOf(scene, 'source', share, tracker, atOnce));
  await source.shares(transfers);
  const getter = new EngineProcess(
    scene,
    configOf(scene, 'getter', scene.makeFolder('none'), tracker, atOnce),
  );
  await getter.shares(0);
  // One question only: a tracker answers nobody five hundred in a moment.
  const sources = (await getter.find(names[0] ?? ''))?.sources ?? [];
  const ids = names.map((name) => ({ name, id: idOf(path.join(share, name)) }));

  const before = { source: usageOf(source.child.pid), getter: usageOf(getter.child.pid) };
  const start = performance.now();
  const samples: { readonly done: number; readonly getter: number; readonly source: number }[] = [];
  const sampler = setInterval(
    () =>
      samples.push({
        done: getter.done,
        getter: residentMiB(getter.child.pid),
        source: residentMiB(source.child.pid),
      }),
    sampleMs,
  );
  const outDir = scene.makeFolder('out');
  // An engine answers so many questions at a time, not five hundred.
  for (let at = 0; at < ids.length; at += questionsAtOnce)
    await Promise.all(
      ids.slice(at, at + questionsAtOnce).map(({ name, id }) => {
        const target = { kind: 'content', id, name, folders: [], sources } as const;
        return getter.download({ target, outDir, bytesPerSecond: 0 });
      }),
    );
  await getter.finished(transfers);
  clearInterval(sampler);
  const seconds = (performance.now() - start) / 1000;

  const used = (process: EngineProcess, earlier: { readonly cpuSeconds: number }) => {
    const now = usageOf(process.child.pid);
    return { cpuSeconds: now.cpuSeconds - earlier.cpuSeconds, peakMiB: now.peakMiB };
  };
  const usage = { getter: used(getter, before.getter), source: used(source, before.source) };
  /** Growth from the second quarter of the transfers to the last. */
  const growth = (of: 'getter' | 'source'): number => {
    const quarter = (from: number, to: number): number =>
      median(
        samples.filter(({ done }) => done >= from * transfers && done < to * transfers).map((one) => one[of]),
      );
    return quarter(0.75, 1) - quarter(0.25, 0.5);
  };
  const rows: Row[] = [
    {
      name: 'shoal',
      seconds,
      leastSeconds: seconds,
      megabytesPerSecond: (transfers * sizeBytes) / 1e6 / seconds,
      firstIsFasterBy: 1,
      cpuSeconds: usage.getter.cpuSeconds + usage.source.cpuSeconds,
      usage,
    },
  ];
  const what = `${transfers} transfers of ${sizeBytes / 2 ** 20} MiB, ${atOnce} at once`;
  const goals = [
    atMost('getter: peak MiB', usage.getter.peakMiB, 300),
    atMost('source: peak MiB', usage.source.peakMiB, 300),
    atMost('getter: growth in MiB', growth('getter'), 20),
    atMost('source: growth in MiB', growth('source'), 20),
  ];
  print({ bench: 'soak', what, rows, goals }, json);
  return rows;
}

function idOf(filePath: string): ContentId {
  const bytes = readFileSync(filePath);
  const hasher = new ManifestHasher(bytes.length);
  hasher.update(bytes);
  return contentIdOf(hasher.finish());
}

function configOf(
  scene: Scene,
  name: string,
  share: string,
  tracker: readonly string[],
  atOnce: number,
): EngineConfig {
  const [host = '', port = ''] = (tracker[1] ?? '').split(':');
  return {
    home: scene.path(name),
    name,
    role: 'share',
    shares: [share],
    downloads: scene.makeFolder(`${name}-downloads`),
    host: '127.0.0.1',
    port: 0,
    trackers: [{ host, port: Number(port) }],
    limits: { ...defaultLimits, downloadsAtOnce: atOnce },
    insecure: false,
    log: { level: 'warn', file: undefined },
  };
}
