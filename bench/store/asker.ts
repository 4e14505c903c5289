/** A thread that puts questions to a catalogue which another one writes, and says how long each took. */
import { parentPort, workerData } from 'node:worker_threads';
import { openReader } from '../../src/store/open-store.ts';
import { askAll, type Question } from './questions.ts';

const opened = await openReader(workerData as string);
if (!opened.ok) throw new Error(opened.problem.message);
parentPort?.on('message', (questions: readonly Question[]) => {
  void askAll(opened.value, questions).then((took) => parentPort?.postMessage(took));
});
