/**
 * What is typed to filter a list: words that all must occur, `a|b` for either, `!word` for not, and operators
 * such as `ext:iso` that a list brings along. Pure. Invariant: parsed once, run on each row without allocating.
 */

/** An operator of a list: gives the test for a value, or undefined for a value that makes no sense (yet). */
export type FilterOperator<Row> = (value: string) => ((row: Row) => boolean) | undefined;

export interface FilterWords<Row> {
  /** What the words are looked for in, large and small letters alike. */
  text(row: Row): string;
  readonly operators?: Readonly<Record<string, FilterOperator<Row>>>;
}

/** What means something in a pattern. */
const syntax = /[\\^$.*+?()[\]{}|]/g;

type Test<Row> = (row: Row) => boolean;

/** The test for a text; undefined for one that lets everything through. */
export function parseFilter<Row>(text: string, words: FilterWords<Row>): Test<Row> | undefined {
  const tests = text.split(/\s+/).flatMap((word) => {
    const test = parseWord(word, words);
    return test === undefined ? [] : [test];
  });
  if (tests.length === 0) return undefined;
  return (row) => tests.every((test) => test(row));
}

function parseWord<Row>(word: string, words: FilterWords<Row>): Test<Row> | undefined {
  if (word.startsWith('!')) {
    const test = parseWord(word.slice(1), words);
    return test === undefined ? undefined : (row) => !test(row);
  }
  const colon = word.indexOf(':');
  const operator = operatorOf(word.slice(0, Math.max(0, colon)).toLowerCase(), words);
  if (operator !== undefined) return operator(word.slice(colon + 1).toLowerCase());
  const either = word.split('|').filter(Boolean);
  if (either.length === 0) return undefined;
  // A pattern leaves the texts as they are: to fold each of a hundred thousand costs more than to look through it.
  const pattern = new RegExp(either.map((part) => part.replaceAll(syntax, String.raw`\$&`)).join('|'), 'iu');
  return (row) => pattern.test(words.text(row));
}

/** By its name, which may be anything that was written. */
function operatorOf<Row>(
  name: string,
  { operators = {} }: FilterWords<Row>,
): FilterOperator<Row> | undefined {
  return Object.hasOwn(operators, name) ? operators[name] : undefined;
}

/** Whether a filter lets nothing through that the one before it did not: more was written of words that must occur. */
export const narrows = (before: string, after: string): boolean =>
  after.startsWith(before) && !/[!|:]/.test(after);
