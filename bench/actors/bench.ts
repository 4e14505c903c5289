/**
 * How fast actors are: tells and questions on one thread and across threads, against a bare port in the same
 * run, and how long a restart takes. `--json` prints the figures as one JSON document.
 */
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { actor, ActorSystem, type ActorRef, type ChildOptions } from '../../src/actors/runtime/index.ts';
import { alternate, median, type Figure, type Measure } from './rounds.ts';
import { announce, sinkActor, tick, type SinkMessage } from './subjects.ts';

const localTells = 512 * 8000;
/** The sink reports after this many messages. */
const burst = 512;
const burstsAhead = 8;
const crossTells = 512 * 800;
const questions = 5_000;
const questionsAtOnce = 64;
const rounds = 7;
const inTimeMs = 30_000;

export interface ActorsReport {
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly figures: readonly Figure[];
  /** Cross-thread tells over bare posts, medians. */
  readonly crossOverBare: number;
}

export async function run(args: readonly string[] = []): Promise<ActorsReport> {
  const system = new ActorSystem();
  const bare = new Worker(new URL('./bare-worker.ts', import.meta.url), { workerData: crossTells });
  const figures = await alternate(await measures(system, bare), rounds);
  await bare.terminate();
  await system.stop();
  const of = (name: string): number => figures.find((figure) => figure.name === name)?.median ?? Number.NaN;
  const report: ActorsReport = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    figures,
    crossOverBare: of('tell, other thread') / of('bare postMessage'),
  };
  if (args.includes('--json')) console.log(JSON.stringify(report, undefined, 2));
  else print(report);
  return report;
}

async function measures(system: ActorSystem, bare: Worker): Promise<Measure[]> {
  const local = await familyOf(system, {});
  const placed = await familyOf(system, { placement: 'thread' });
  const crashed = await familyOf(system, {});
  const killed = await familyOf(system, { placement: 'thread' });
  return [
    { name: 'tell, same thread', kind: 'rate', once: () => local.pump(localTells, tick) },
    { name: 'tell, other thread', kind: 'rate', once: () => placed.pump(crossTells, announce) },
    { name: 'bare postMessage', kind: 'rate', once: () => post(bare) },
    { name: 'question, same thread', kind: 'time', once: () => askInTurn(system, local.sink) },
    { name: 'question, other thread', kind: 'time', once: () => askInTurn(system, placed.sink) },
    { name: 'bare postMessage and back', kind: 'time', once: () => postInTurn(bare) },
    { name: 'questions at once, same thread', kind: 'rate', once: () => askAtOnce(system, local.sink) },
    { name: 'questions at once, other thread', kind: 'rate', once: () => askAtOnce(system, placed.sink) },
    {
      name: 'restart of an actor',
      kind: 'time',
      once: () => restart(system, crashed, (path) => system.crash(path), 50),
    },
    {
      name: 'restart of a thread',
      kind: 'time',
      once: () => restart(system, killed, (path) => system.kill(path), 1),
    },
  ];
}

interface Family {
  readonly sink: ActorRef<SinkMessage>;
  /** Sends `total` messages, as many at a time as the sink has taken; resolves to `total` when it has them all. */
  readonly pump: (total: number, make: (number: number) => SinkMessage) => Promise<number>;
}

type PumpMessage =
  number | { total: number; make: (number: number) => SinkMessage; done: (total: number) => void };

/** A parent that survives any number of restarts, with a sink where the options say. */
async function familyOf(system: ActorSystem, options: ChildOptions): Promise<Family> {
  let sink: ActorRef<SinkMessage> | undefined;
  const parent = actor<PumpMessage>(
    'parent',
    (ctx) => {
      const to = ctx.spawn(sinkActor, { every: burst, onEvery: ctx.self }, options);
      sink = to;
      let job = {
        total: 0,
        make: tick as (number: number) => SinkMessage,
        done: (_total: number): void => {},
      };
      let sent = 0;
      let taken = 0;
      const send = (): void => {
        for (const end = Math.min(job.total, sent + burst); sent < end; sent += 1) to.tell(job.make(sent));
      };
      return {
        receive(message) {
          if (typeof message === 'object') {
            job = message;
            sent = 0;
            taken = 0;
            for (let ahead = 0; ahead < burstsAhead; ahead += 1) send();
            return;
          }
          taken += burst;
          if (taken >= job.total) job.done(job.total);
          else send();
        },
      };
    },
    { supervision: { strategy: 'one-for-one', maxRestarts: 1_000_000, withinMs: 1 } },
  );
  const { ref, ready } = system.start(parent, undefined);
  await ready;
  if (sink === undefined) throw new Error('the parent spawned nothing');
  const pump: Family['pump'] = (total, make) =>
    new Promise((resolve) => ref.tell({ total, make, done: resolve }));
  return { sink, pump };
}

async function post(bare: Worker): Promise<number> {
  const done = new Promise((resolve) => bare.once('message', resolve));
  for (let number = 0; number < crossTells; number += 1) bare.postMessage(announce(number));
  await done;
  return crossTells;
}

async function askInTurn(system: ActorSystem, sink: ActorRef<SinkMessage>): Promise<number> {
  const start = performance.now();
  for (let number = 0; number < questions; number += 1) await system.ask(sink, { type: 'ping' }, inTimeMs);
  return (performance.now() - start) / questions;
}

async function postInTurn(bare: Worker): Promise<number> {
  const start = performance.now();
  for (let number = 0; number < questions; number += 1) {
    const answer = new Promise((resolve) => bare.once('message', resolve));
    bare.postMessage({ type: 'ping' });
    await answer;
  }
  return (performance.now() - start) / questions;
}

async function askAtOnce(system: ActorSystem, sink: ActorRef<SinkMessage>): Promise<number> {
  const each = Math.ceil(questions / questionsAtOnce);
  const asker = async (): Promise<void> => {
    for (let number = 0; number < each; number += 1) await system.ask(sink, { type: 'ping' }, inTimeMs);
  };
  await Promise.all(Array.from({ length: questionsAtOnce }, asker));
  return each * questionsAtOnce;
}

/** From the failure to the first answer of the next incarnation. */
async function restart(
  system: ActorSystem,
  { sink }: Family,
  fail: (path: string) => boolean,
  times: number,
): Promise<number> {
  const values: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    fail(sink.path);
    while (!(await system.ask(sink, { type: 'ping' }, inTimeMs)).ok);
    values.push(performance.now() - start);
    await turn();
  }
  return median(values);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function print({ node, cpu, cpus: count, figures, crossOverBare }: ActorsReport): void {
  console.log(`Node ${node}, ${count} × ${cpu}, ${rounds} alternating rounds\n`);
  console.log('| Measure | Median | Least | Most | Per processor second |');
  console.log('| --- | --: | --: | --: | --: |');
  for (const { name, unit, median: middle, rounds: values, perCpuSecond } of figures) {
    const cells = [middle, Math.min(...values), Math.max(...values)].map(
      (value) => `${round(value)} ${unit}`,
    );
    console.log(`| ${[name, ...cells, perCpuSecond === undefined ? '' : round(perCpuSecond)].join(' | ')} |`);
  }
  console.log(`\nCross-thread tells over bare posts: ${round(crossOverBare)} ×`);
}

function round(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
