/** What people ask a catalogue, made from names that are in it. Invariant: the same seed, the same questions. */
import type { SharedFile } from '../../src/core/catalogue.ts';
import { baseName } from '../../src/core/search/file-type.ts';
import type { ContentId } from '../../src/core/ids.ts';
import { compileQuery } from '../../src/core/search/query.ts';
import type { CatalogReader } from '../../src/store/catalog-store.ts';
import { randomOf, type Names } from './names.ts';

const resultsWanted = 50;

export interface Question {
  readonly kind: 'search' | 'name' | 'sources';
  readonly text: string;
}

export interface Case {
  readonly name: string;
  readonly questions: readonly Question[];
}

/** `count` questions of each kind. */
export function casesOf(samples: readonly SharedFile[], names: Names, count: number): readonly Case[] {
  const random = randomOf(2);
  const sample = (): SharedFile => {
    const file = samples[Math.floor(random() * samples.length)];
    if (file === undefined) throw new Error('No files');
    return file;
  };
  const wordsOf = (file: SharedFile): string[] =>
    baseName(file.path)
      .split(/[ ._]+/)
      .filter((word) => /^[A-Z]/.test(word));
  const two = (): string => wordsOf(sample()).slice(0, 2).join(' ');
  const any = (): string => names.word();
  const search = (name: string, text: () => string): Case => ({
    name: `search, ${name}`,
    questions: Array.from({ length: count }, () => ({ kind: 'search', text: text() })),
  });
  return [
    search('two words of a name', () => `${two()} `),
    search('two words, type: and size:', () => `${two()} type:audio size:>5M`),
    search('last word unfinished', () => two().slice(0, -2)),
    search('two words at random', () => `${any()} ${any()} `),
    search('one word at random', () => `${any()} `),
    search('two letters', () => any().slice(0, 2)),
    search('only type: and size:', () => 'type:video size:>500M'),
    search('phrase', () => `"${two()}"`),
    {
      name: 'find by exact name',
      questions: Array.from({ length: count }, () => ({ kind: 'name', text: baseName(sample().path) })),
    },
    {
      name: 'sources of one content',
      questions: Array.from({ length: count }, () => ({ kind: 'sources', text: sample().id })),
    },
  ];
}

export async function ask(store: CatalogReader, { kind, text }: Question): Promise<void> {
  if (kind === 'name') await store.findName(text, resultsWanted);
  else if (kind === 'sources') await store.holders([text as ContentId], resultsWanted);
  else {
    const query = compileQuery(text);
    if (query.ok) await store.search(query.value, { limit: resultsWanted });
  }
}

/** What a question took: time by the clock, and of the processor on the thread that answers. */
export interface Took {
  readonly ms: number;
  readonly processorMs: number;
}

export async function askAll(store: CatalogReader, questions: readonly Question[]): Promise<readonly Took[]> {
  const took: Took[] = [];
  for (const question of questions) {
    const startedMs = performance.now();
    const processor = processorNow();
    await ask(store, question);
    const { user, system } = processorNow();
    took.push({
      ms: performance.now() - startedMs,
      processorMs: (user + system - processor.user - processor.system) / 1_000,
    });
  }
  return took;
}

/** Asking for the whole process first brings what the thread has used up to date: else it is of the last tick, up to 4 ms old. */
function processorNow(): NodeJS.CpuUsage {
  process.cpuUsage();
  return process.threadCpuUsage();
}
