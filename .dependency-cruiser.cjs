/**
 * The folder rules of docs/architecture.md, checked on every test run.
 * A folder not listed here may import nothing but itself.
 */
const may = (folder, ...targets) => ({
  name: folder.replace(/^src\//, '').replaceAll('/', '-'),
  severity: 'error',
  comment: `${folder} may import only: ${[folder, ...targets].join(', ')}`,
  from: { path: `^${folder}/` },
  to: { pathNot: [`^${folder}/`, ...targets] },
});

const node = '^(node:|[a-z0-9_/]+$)';
const pkg = (name) => `node_modules/${name}/`;
const runtime = '^src/actors/runtime/';
const core = '^src/core/';
const protocol = '^src/protocol/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'a cycle of imports has no owner',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    may('src/core'),
    may('src/protocol', core, pkg('msgpackr')),
    may('src/identity', core, node, pkg('@peculiar/x509'), pkg('reflect-metadata')),
    may('src/content', core, node, pkg('@napi-rs/blake-hash'), pkg('hash-wasm'), pkg('@noble/hashes')),
    may(
      'src/actors/runtime',
      pkg('msgpackr'),
      '^(node:)?(worker_threads|events|perf_hooks|timers|buffer|url)$',
    ),
    may('src/actors/tracker', runtime, core, protocol, '^src/store/', '^src/identity/', node),
    may(
      'src/actors/peer',
      runtime,
      core,
      protocol,
      '^src/workers/contract\\.ts$',
      // What a scan and a hash job send, with the functions that read it: pure, no worker code.
      '^src/workers/(found|hashed)-files\\.ts$',
      '^src/workers/pool\\.ts$',
      '^src/workers/transfer-contract\\.ts$',
      '^src/workers/tree-contract\\.ts$',
      '^src/workers/channel\\.ts$',
      '^src/profile/',
      '^src/identity/',
      '^src/content/',
      node,
    ),
    may(
      'src/workers',
      core,
      protocol,
      '^src/identity/',
      '^src/content/',
      node,
      pkg('piscina'),
      pkg('comlink'),
    ),
    may('src/store', core, node, pkg('@redis/client')),
    may('src/profile', core, '^src/content/', '^src/identity/', node, pkg('env-paths')),
    {
      name: 'engine',
      severity: 'error',
      comment: 'threads know nothing of how they are shown',
      from: { path: '^src/engine/' },
      to: { path: '^src/(cli|tui)/' },
    },
    {
      name: 'metrics-in-one-place',
      severity: 'error',
      comment: 'counting is ours (core/tracker/tracker-counters.ts); the library only writes the page',
      from: { path: '^src/', pathNot: '^src/engine/tracker-metrics\\.ts$' },
      to: { path: pkg('prom-client') },
    },
    may('src/tui', core, node, pkg('ink'), pkg('react'), pkg('string-width')),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
