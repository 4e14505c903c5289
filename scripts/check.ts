/**
 * Every check of the project, in the order in which they are quickest to fail, and one summary.
 * Ends with status 1 when anything failed, and in CI also when a test was skipped that could be had there.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

type Check = { readonly name: string; readonly command: readonly string[] };

const reports = mkdtempSync(path.join(tmpdir(), 'shoal-check-'));
const jestReport = path.join(reports, 'jest.json');
const bin = (name: string): string => path.join('node_modules', '.bin', name);
const jest = [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--silent',
];
const wanted = process.argv.slice(2);

/**
 * Tests of small disks mount them. Who may not do that may in a namespace of its own, on most systems, and these have a
 * run of their own there; where he may not there either, they are left out.
 */
function inNamespace(): readonly Check[] {
  if (process.platform !== 'linux' || process.getuid?.() === 0 || wanted.length > 0) return [];
  const unshare = ['unshare', '--user', '--map-root-user', '--mount'];
  const [program = '', ...args] = unshare;
  if (spawnSync(program, [...args, 'true']).status !== 0) return [];
  return [{ name: 'disks', command: [...unshare, ...jest, 'test/actors/peer/disk-faults.test.ts'] }];
}

const checks: readonly Check[] = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('oxlint')] },
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.check.json'] },
  { name: 'imports', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'src'] },
  { name: 'tests', command: [...jest, '--json', `--outputFile=${jestReport}`, ...wanted] },
  ...inNamespace(),
];

const outcomes = checks.map(({ name, command }) => {
  const startedMs = performance.now();
  const [program = '', ...args] = command;
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return { name, ok: status === 0, seconds: (performance.now() - startedMs) / 1000 };
});

type Outcome = { status: string; fullName: string };
type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { assertionResults: Outcome[] }[];
};
const none: Report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };

function readReport(): Report {
  try {
    return JSON.parse(readFileSync(jestReport, 'utf8')) as Report;
  } catch {
    return none;
  }
}

/** How tests are called that this machine does not allow, whatever is installed. */
const impossible = /\(cannot be had here: /;

const counts = readReport();
const skipped = counts.testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status, fullName }) => status === 'pending' && !impossible.test(fullName));
rmSync(reports, { recursive: true, force: true });

console.log('');
for (const { name, ok, seconds } of outcomes) {
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${seconds.toFixed(1)} s`);
}
const skippedInCi = process.env['CI'] === 'true' && skipped.length > 0;
if (skippedInCi) console.log('FAILED  skipped tests are failures here');
console.log(
  `${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`,
);
process.exitCode = outcomes.every(({ ok }) => ok) && !skippedInCi && counts.numPassedTests > 0 ? 0 : 1;
