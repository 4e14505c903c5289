'use strict';
/*
 * Joins the built modules that a thread loads into one script: most of a start was finding, reading and linking
 * hundreds of small ones. Each module becomes a function that is called where its import would have been
 * evaluated, and what it gives lies in a table `$m` under its path. Relies on what is checked of src/: no import
 * cycles, no default exports, no exports that change. Invariant: a module with anything else in it stops the
 * build. Scripts lie in `joined/` and are run by `load.cjs`, which keeps their compiled code; in place of an entry
 * is a module that has it run. The packages of every start are joined as well, others stay for Node to find.
 * Plain old JavaScript, like the set-up that calls it.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/** What is loaded by its place: by the launcher, or as the code of a thread. Each is replaced by what runs its script. */
const entries = [
  'engine/early-engine.js',
  'main.js',
  'engine/engine-thread.js',
  'engine/tracker-thread.js',
  'workers/transfer-worker.js',
  'workers/sink-thread.js',
  'workers/jobs/hash.js',
  'workers/jobs/scan.js',
];

/** Packages that are joined, by what is imported; none of them has anything but modules. */
const joinedPackages = {
  'msgpackr/pack': 'msgpackr/index.js',
  comlink: 'comlink/dist/esm/comlink.mjs',
  commander: 'commander/index.js',
  'env-paths': 'env-paths/index.js',
  'is-safe-filename': 'is-safe-filename/index.js',
};
const packageFolder = '../node_modules/';

const importLine =
  /^import\s+(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}|\*\s+as\s+([\w$]+))?\s*(?:from\s+)?(['"])([^'"]+)\4;$/gm;
const exportFrom = /^export\s+(?:\{([^}]*)\}|\*)\s+from\s+(['"])([^'"]+)\2;$/gm;
const exportNames = /^export\s+\{([^}]*)\};$/gm;
const exportDeclaration = /^export\s+((?:async\s+)?function\s*\*?|class|const)\s+([\w$]+)/gm;
const exportByDefault = /^export\s+default\s+(function)\s+([\w$]+)/gm;
const exportTakenApart = /^export\s+const\s+\{([^}:=]*)\}(?=\s*=)/gm;
const exportVariable = /^export\s+(let)\s+([\w$]+)/gm;
const dynamicImport = /\bimport\((['"])([^'"]+)\1\)/g;
const importOfVariable = /\bimport\([^)]*\)?/;
const notUnderstood = /^(?:import\b(?!\().*|export\b.*)$/m;

const isJoined = (specifier) => specifier.startsWith('.') || Object.hasOwn(joinedPackages, specifier);
const isOfPackage = (module) => module.startsWith(packageFolder);
const isNodes = (specifier) => specifier.startsWith('node:');

/** The path of a module that is joined, from the folder of the build. */
function resolved(from, specifier) {
  const ofPackage = joinedPackages[specifier];
  if (ofPackage !== undefined) return packageFolder + ofPackage;
  return path.posix.join(path.posix.dirname(from), specifier);
}

const scriptOf = (module) => `joined/${module.replace(/\.js$/, '').replace(/\//g, '-')}.js`;

/** `a, b as c` in pairs of the name inside and the name outside. */
const pairs = (names) =>
  names
    .split(',')
    .map((name) => name.trim().split(/\s+as\s+/))
    .filter(([inside]) => inside !== '')
    .map(([inside, outside = inside]) => [inside, outside]);

/** What is not ASCII, in strings and expressions alone, as escapes: V8 keeps and reads such a text in half the space. */
function inAscii(text) {
  const escaped = /(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.exec(text);
  if (escaped) throw new Error(`cannot be bundled: a backslash before what is not ASCII: ${escaped[0]}`);
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A module that waits at its top level does not compile as a plain function. */
function compiles(code) {
  try {
    vm.compileFunction(code.replace(/\bimport\.meta\b/g, 'meta'));
    return true;
  } catch {
    return false;
  }
}

/** The built modules of a folder, as they were before anything was replaced. */
class Modules {
  constructor(folder) {
    this.folder = folder;
    this.texts = new Map();
    /** What each module gives, as far as it has been joined. */
    this.given = new Map();
  }

  textOf(module) {
    let text = this.texts.get(module);
    if (text === undefined) {
      text = fs.readFileSync(path.join(this.folder, module), 'utf8');
      text = text.replace(/^\/\/# sourceMappingURL=.*$/m, '');
      this.texts.set(module, text);
    }
    return text;
  }

  /** What must run before `root`, in order, and `root` last; without what is left out and needed for that alone. */
  closure(root, isLeftOut) {
    const seen = new Set();
    const order = [];
    const visit = (module) => {
      if (seen.has(module) || (module !== root && isLeftOut(module))) return;
      seen.add(module);
      for (const specifier of this.importsOf(module)) {
        if (isJoined(specifier)) visit(resolved(module, specifier));
      }
      order.push(module);
    };
    visit(root);
    return order;
  }

  importsOf(module) {
    const text = this.textOf(module);
    const imports = Array.from(text.matchAll(importLine), ({ index, 5: specifier }) => ({
      index,
      specifier,
    }));
    const passedOn = Array.from(text.matchAll(exportFrom), ({ index, 3: specifier }) => ({
      index,
      specifier,
    }));
    return [...imports, ...passedOn]
      .sort((one, other) => one.index - other.index)
      .map(({ specifier }) => specifier);
  }
}

/** One script. `isApart` says which modules are scripts of their own; `chunkOf` where one that is loaded later lies. */
class Bundle {
  constructor({ modules, isApart, chunkOf }) {
    Object.assign(this, { modules, isApart, chunkOf, outside: new Map() });
  }

  /** Where an imported module's exports are found. */
  from(specifier, module) {
    const own = isJoined(specifier) ? resolved(module, specifier) : undefined;
    if (own !== undefined && !this.isApart(own)) return `$m[${JSON.stringify(own)}]`;
    const load = isNodes(specifier) ? '$need' : 'await $later';
    const call = own === undefined ? `${load}(${JSON.stringify(specifier)})` : `await ${loadOf(own)}`;
    if (!this.outside.has(call)) this.outside.set(call, `outside${this.outside.size}`);
    return this.outside.get(call);
  }

  /** That what is imported is there, as Node would. */
  check(specifier, module, names) {
    const given = isJoined(specifier) && this.modules.given.get(resolved(module, specifier));
    if (!given) return;
    const missing = pairs(names || '').find(([inside]) => !given.has(inside));
    if (missing) throw new Error(`${module} cannot be bundled: no ${missing[0]} in ${specifier}`);
  }

  withoutImports(module) {
    return this.modules
      .textOf(module)
      .replace(importLine, (_line, byDefault, names, all, _quote, specifier) => {
        const from = this.from(specifier, module);
        this.check(specifier, module, names);
        const taken = pairs(names || '').map(([inside, outside]) => `${inside}: ${outside}`);
        // What Node's own modules give is itself what they give by default.
        const wholes = [all, isNodes(specifier) ? byDefault : undefined];
        if (byDefault !== undefined && !isNodes(specifier)) taken.push(`default: ${byDefault}`);
        const whole = wholes.map((name) => (name === undefined ? '' : `const ${name} = ${from};`)).join('');
        return whole + (taken.length === 0 ? '' : `const { ${taken.join(', ')} } = ${from};`);
      })
      .replace(dynamicImport, (call, _quote, specifier) => {
        // They have such in comments only.
        if (isOfPackage(module)) return call;
        if (!isJoined(specifier)) return `$later(${JSON.stringify(specifier)})`;
        const target = resolved(module, specifier);
        return this.isApart(target) ? loadOf(target) : `$load(${JSON.stringify(this.chunkOf(target))}, $m)`;
      })
      .replace(/\bimport\.meta\.url\b/g, () => `new URL(${JSON.stringify(module)}, $root).href`);
  }

  asFunction(module) {
    const given = new Map();
    const keep = (_start, kind, name) => {
      given.set(name, '');
      return `${kind} ${name}`;
    };
    let body = this.withoutImports(module)
      .replace(exportFrom, (_line, names, _quote, specifier) => {
        const from = this.from(specifier, module);
        this.check(specifier, module, names);
        const all =
          names === undefined ? [...this.modules.given.get(resolved(module, specifier)).keys()] : [];
        for (const name of all) given.set(name, `: ${from}.${name}`);
        for (const [inside, outside] of pairs(names || '')) given.set(outside, `: ${from}.${inside}`);
        return '';
      })
      .replace(exportNames, (_line, names) => {
        for (const [inside, outside] of pairs(names)) given.set(outside, `: ${inside}`);
        return '';
      })
      .replace(exportDeclaration, keep);
    if (isOfPackage(module)) {
      body = body
        .replace(exportByDefault, (_start, kind, name) => {
          given.set('default', `: ${name}`);
          return `${kind} ${name}`;
        })
        .replace(exportTakenApart, (_start, names) => {
          for (const [name] of pairs(names)) given.set(name, '');
          return `const {${names}}`;
        })
        // As it is when the module has run: none that we take changes later.
        .replace(exportVariable, keep);
    }
    const left = notUnderstood.exec(body) ?? (isOfPackage(module) ? null : importOfVariable.exec(body));
    if (left) throw new Error(`${module} cannot be bundled: ${left[0]}`);
    this.modules.given.set(module, given);
    const code = `{\n${body}\nreturn { ${Array.from(given, ([name, value]) => name + value).join(', ')} };\n}`;
    const call = compiles(`(() => ${code})`) ? `(() => ${code})()` : `await (async () => ${code})()`;
    return `$m[${JSON.stringify(module)}] ??= ${call};\n`;
  }

  /** A function for `load.cjs` to call: it adds what is missing to the modules in `$m`, and gives the last. */
  asScript(closure) {
    const body = closure.map((module) => this.asFunction(module)).join('');
    const outside = Array.from(this.outside, ([call, name]) => `const ${name} = ${call};\n`).join('');
    const last = JSON.stringify(closure[closure.length - 1]);
    const text = inAscii(
      `(async ($m, $load, $need, $later, $root) => {\n'use strict';\n${outside}${body}return $m[${last}];\n})\n`,
    );
    // By this line compiled code is known to be of this text.
    return `// ${createHash('sha256').update(text).digest('hex')}\n${text}`;
  }
}

const loadOf = (entry) => `$load(${JSON.stringify(scriptOf(entry))})`;

/** In place of an entry: has its script run, and exports what that gives. */
function stubOf(entry, names) {
  const up = path.posix.relative(path.posix.dirname(entry), 'load.cjs');
  const from = up.startsWith('.') ? up : `./${up}`;
  const lines = [
    "import { createRequire } from 'node:module';",
    `const { load: $load } = createRequire(import.meta.url)(${JSON.stringify(from)});`,
    `const given = await ${loadOf(entry)};`,
    ...Array.from(names, (name) => `export const ${name} = given.${name};`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Replaces the entries in `folder`; scripts, and what they load later, go to `joined/`. Throws what it cannot do. */
function bundle(folder, roots = entries) {
  const modules = new Modules(folder);
  const files = new Map();
  const isApart = (module) => roots.includes(module);
  for (const root of roots) {
    const closure = modules.closure(root, isApart);
    const chunkOf = (target) => {
      const file = scriptOf(`${root.replace(/\.js$/, '')}-${target}`);
      if (files.has(file)) return file;
      // Its place is taken first: it may come back to itself.
      files.set(file, '');
      const needed = modules.closure(target, (module) => isApart(module) || closure.includes(module));
      files.set(file, new Bundle({ modules, isApart, chunkOf }).asScript(needed));
      return file;
    };
    files.set(scriptOf(root), new Bundle({ modules, isApart, chunkOf }).asScript(closure));
    files.set(root, stubOf(root, modules.given.get(root).keys()));
  }
  fs.mkdirSync(path.join(folder, 'joined'), { recursive: true });
  for (const [file, text] of files) fs.writeFileSync(path.join(folder, file), text);
  for (const file of ['load.cjs', 'kept-code.cjs', 'prune-code.cjs'])
    fs.copyFileSync(path.join(__dirname, file), path.join(folder, file));
}

module.exports = { bundle };
