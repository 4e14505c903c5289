/** `npm run bench -- <name> [arguments]`: runs `bench/<name>/bench.ts`. */
import { readdirSync } from 'node:fs';

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'harness')
  .map((entry) => entry.name);

if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- <${names.join(' | ')}> [--json]`);
  process.exitCode = 64;
} else {
  const bench = (await import(`./${name}/bench.ts`)) as { run(args: readonly string[]): Promise<unknown> };
  await bench.run(args);
}
