/** Who plays in the swarm benches: limited sources of one file, peers, folders to download into. */
import { linkSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { defaultLimits, type EngineConfig } from '../../src/core/engine/engine-api.ts';
import { EngineProcess } from '../harness/engine-process.ts';
import type { Contender, Round } from '../harness/race.ts';
import { writeRandomFile, type Scene } from '../harness/scene.ts';

export const sourceBytesPerSecond = 20_000_000;
export const fileName = 'file.bin';

/** The same file in several folders. */
export function copies(
  scene: Scene,
  sizeBytes: number,
  count: number,
): { folders: string[]; source: string } {
  const source = path.join(scene.makeFolder('original'), fileName);
  writeRandomFile(source, sizeBytes);
  const folders = Array.from({ length: count }, (_, at) => {
    const folder = scene.makeFolder(`shared-${at}`);
    linkSync(source, path.join(folder, fileName));
    return folder;
  });
  return { folders, source };
}

export async function startSource(
  scene: Scene,
  name: string,
  share: string,
  tracker: readonly string[],
): Promise<EngineProcess> {
  const downloads = scene.makeFolder(`${name}-downloads`);
  const source = new EngineProcess(
    scene,
    configOf(scene, name, share, downloads, tracker, sourceBytesPerSecond),
  );
  await source.shares(1);
  return source;
}

export function configOf(
  scene: Scene,
  name: string,
  share: string,
  downloads: string,
  tracker: readonly string[],
  uploadBytesPerSecond: number,
): EngineConfig {
  const [host = '', port = ''] = (tracker[1] ?? '').split(':');
  return {
    home: scene.path(name),
    name,
    role: 'share',
    shares: [share],
    downloads,
    host: '127.0.0.1',
    port: 0,
    trackers: [{ host, port: Number(port) }],
    // Loopback is as good as a private network, which is exempt unless this is said.
    limits: { ...defaultLimits, uploadBytesPerSecond, limitsLan: true },
    insecure: false,
    log: { level: 'warn', file: undefined },
  };
}

/** Every round brings the file into empty folders and sees that it is whole. */
export function into(
  scene: Scene,
  count: number,
  sizeBytes: number,
  bring: (outDirs: readonly string[]) => Promise<Round>,
): Contender['run'] {
  return async () => {
    const outDirs = Array.from({ length: count }, (_, at) => scene.path(`out-${at}`));
    for (const outDir of outDirs) mkdirSync(outDir);
    const round = await bring(outDirs);
    for (const outDir of outDirs) {
      if (statSync(path.join(outDir, fileName)).size !== sizeBytes) throw new Error('A file is not whole');
      rmSync(outDir, { recursive: true, maxRetries: 5 });
    }
    return round;
  };
}
