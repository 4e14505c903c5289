import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail } from '../../../../src/core/result.ts';
import { until } from '../../../helpers/poll.ts';
import { ScriptedDownload } from '../../../helpers/scripted-download.ts';

let bench: ScriptedDownload;
beforeEach(() => {
  bench = new ScriptedDownload();
});
afterEach(async () => {
  await bench.close();
});

describe('a download whose disk gets into trouble', () => {
  test('asks a source again that was just being given its work, and one that said something meanwhile', async () => {
    await bench.attaches();
    // The disk refuses while the answer to `attach` is on its way.
    bench.ref.tell({ type: 'detached', peer: bench.peer, at: 'here', problem: bench.io });
    bench.ref.tell({ type: 'attached', peer: bench.peer });
    bench.ref.tell(bench.delivery({ claim: 'everything' }));
    await until('it waits', () => bench.record.state === 'waiting');
    const before = bench.attached;
    bench.ref.tell({ type: 'retry' });
    await until('it is given work again', () => bench.attached > before);
    bench.ref.tell({ type: 'attached', peer: bench.peer });
    await until('it is asked for pieces', () => bench.wanted.length > 0);
  });

  test('gets no name by who lets go of it late', async () => {
    await bench.attaches();
    bench.ref.tell({ type: 'attached', peer: bench.peer });
    bench.write();
    bench.ref.tell(bench.delivery({ verified: [{ first: 0, count: bench.pieces }] }));
    await until('it is complete', () => bench.record.state === 'finishing');
    // Its last flush finds the file gone; and by the time that the source lets go, another is being filled.
    rmSync(bench.partPath);
    bench.ref.tell({ type: 'flushed', outcome: { ok: true, value: { ok: false, problem: bench.io } } });
    await until('it waits', () => bench.record.state === 'waiting');
    bench.ref.tell({ type: 'retry' });
    await until('it is open again', () => existsSync(bench.partPath) && bench.attached > 1);
    bench.letGo();
    bench.ref.tell({ type: 'attached', peer: bench.peer });
    await until('it is asked for pieces', () => bench.wanted.length > 0);
    expect(existsSync(path.join(bench.outDir, 'a'))).toBe(false);
    bench.write();
    bench.ref.tell(bench.delivery({ verified: [{ first: 0, count: bench.pieces }] }));
    await until('it is complete', () => bench.record.state === 'finishing');
    bench.letGo();
    await until('it is done', () => bench.record.state === 'done');
    expect(readFileSync(path.join(bench.outDir, 'a')).equals(bench.content.bytes)).toBe(true);
  });
});

describe('a download whose connection ends while it is told to fetch', () => {
  test('makes another, though nobody tells it', async () => {
    bench.endingSessions = 1;
    await until('it has another connection', () => bench.attached === 2);
    bench.ref.tell({ type: 'attached', peer: bench.peer });
    await until('it is asked for pieces', () => bench.wanted.length > 0);
    expect(bench.record.state).not.toBe('waiting');
  });
});

describe('a download that is stopped while it looks at what is there', () => {
  test('goes no further than the portion it is at', async () => {
    for (const name of ['a', 'a (1)'])
      writeFileSync(path.join(bench.outDir, name), bench.content.bytes.toReversed());
    const go = bench.holdChecks();
    await until('it looks', () => bench.checks === 1);
    const closed = bench.close();
    go();
    await closed;
    expect(bench.checks).toBe(1);
    expect(existsSync(bench.partPath)).toBe(false);
  });
});

describe('a download that can never be', () => {
  test('fails for good', async () => {
    await bench.attaches();
    const problem = { code: 'limit', message: 'The file is too large' } as const;
    bench.ref.tell({ type: 'detached', peer: bench.peer, at: 'here', problem });
    await until('it has failed', () => bench.record.state === 'failed');
    expect(bench.record).toMatchObject({ retry: 'never', problem });
  });
});

describe('a download that is not needed', () => {
  test('finds its file under the name that an earlier run gave it, also beside another of that name', async () => {
    writeFileSync(path.join(bench.outDir, 'a'), bench.content.bytes.toReversed());
    writeFileSync(path.join(bench.outDir, 'a (1)'), bench.content.bytes);
    await until('it is done', () => bench.record.state === 'done');
    expect(bench.record.path).toBe(path.join(bench.outDir, 'a (1)'));
    expect(existsSync(path.join(bench.outDir, 'a (2)'))).toBe(false);
  });
});

describe('a download whose source is blocked', () => {
  test('asks it for nothing and does not try it again and again, until the user says so', async () => {
    let isBlocked = true;
    let questions = 0;
    const other = new ScriptedDownload((message) => {
      if (message.type !== 'session') return false;
      questions += 1;
      if (isBlocked) message.replyTo.reply(fail('unauthorised', 'It is blocked here'));
      return isBlocked;
    });
    await until('it waits', () => other.record.state === 'waiting');
    expect(other.record).toMatchObject({ knownSources: 0, problem: { message: 'It is blocked here' } });
    // With this `random` a source that is only lost would be tried again at every beat.
    const seeks = other.seeks;
    other.ref.tell({ type: 'find-sources' });
    await until('the trackers were asked', () => other.seeks > seeks);
    expect(questions).toBe(1);
    isBlocked = false;
    other.ref.tell({ type: 'retry' });
    await other.attaches();
    await other.close();
  });
});
