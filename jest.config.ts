import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from 'jest';

/**
 * Threads and programs that tests start load hundreds of modules each: what they are compiled to is kept from one
 * to the next. Workers of Jest take it from here, and all that they start from them.
 */
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');

/** Tests run as ES modules (needs `--experimental-vm-modules`, which `npm run jest` passes). */
const config: Config = {
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/test/**/*.test.tsx'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2024',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  /** What passes is over long before. What does not may have its time, for all else that a machine may be at. */
  testTimeout: 180_000,
  testSequencer: './test/helpers/longest-first.ts',
  maxWorkers: 2,
  /** What a worker has left open holds it up for good. Memory of all these tests is not given back in a moment. */
  workerGracefulExitTimeout: 30_000,
};

export default config;
