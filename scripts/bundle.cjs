'use strict';
/*
 * Joins the built modules that a thread loads into one file: most of a start was finding, reading and linking
 * hundreds of small ones. Each module becomes a function that is called where its import would have been
 * evaluated, and what it gives lies in a table `m` under its path. Relies on what is checked of src/: no import
 * cycles, no default exports, no exports that change. Invariant: a module with anything else in it stops the
 * build. Packages stay where they are, for Node to find. Plain old JavaScript, like the set-up that calls it.
 */
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/** What is loaded by its place: by the launcher, or as the code of a thread. Each is replaced by its bundle. */
const entries = [
  'engine/early-engine.js',
  'main.js',
  'engine/engine-start.js',
  'engine/engine-thread.js',
  'engine/tracker-thread.js',
  'workers/transfer-worker.js',
  'workers/sink-thread.js',
  'workers/jobs/hash.js',
  'workers/jobs/scan.js',
];

const importLine =
  /^import\s+(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}|\*\s+as\s+([\w$]+))?\s*(?:from\s+)?(['"])([^'"]+)\4;$/gm;
const exportFrom = /^export\s+(?:\{([^}]*)\}|\*)\s+from\s+(['"])([^'"]+)\2;$/gm;
const exportNames = /^export\s+\{([^}]*)\};$/gm;
const exportDeclaration = /^export\s+((?:async\s+)?function\s*\*?|class|const)\s+([\w$]+)/gm;
const dynamicImport = /\bimport\((['"])(\.[^'"]+)\1\)/g;
const notUnderstood = /^(?:import\b(?!\().*|export\b.*)$/m;

const isOwn = (specifier) => specifier.startsWith('.');
const resolved = (from, specifier) => path.posix.join(path.posix.dirname(from), specifier);

function relative(from, to) {
  const found = path.posix.relative(path.posix.dirname(from), to);
  return isOwn(found) ? found : `./${found}`;
}

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
        if (isOwn(specifier)) visit(resolved(module, specifier));
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

/** One file. `isApart` says which modules are files of their own; `chunkOf` where one that is loaded later lies. */
class Bundle {
  constructor({ file, modules, isApart, chunkOf }) {
    Object.assign(this, { file, modules, isApart, chunkOf, outside: new Map() });
  }

  /** Where an imported module's exports are found. */
  from(specifier, module) {
    const own = isOwn(specifier) ? resolved(module, specifier) : undefined;
    if (own !== undefined && !this.isApart(own)) return `m[${JSON.stringify(own)}]`;
    const target = own === undefined ? specifier : relative(this.file, own);
    if (!this.outside.has(target)) this.outside.set(target, `outside${this.outside.size}`);
    return this.outside.get(target);
  }

  /** That what is imported is there, as Node would. */
  check(specifier, module, names) {
    const given = isOwn(specifier) && this.modules.given.get(resolved(module, specifier));
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
        if (byDefault !== undefined) taken.push(`default: ${byDefault}`);
        const whole = all === undefined ? '' : `const ${all} = ${from};`;
        return whole + (taken.length === 0 ? '' : `const { ${taken.join(', ')} } = ${from};`);
      })
      .replace(dynamicImport, (_call, _quote, specifier) => {
        const target = resolved(module, specifier);
        if (this.isApart(target)) return `import(${JSON.stringify(relative(this.file, target))})`;
        const chunk = relative(this.file, this.chunkOf(target));
        return `import(${JSON.stringify(chunk)}).then((chunk) => chunk.fill(m))`;
      })
      .replace(/\bimport\.meta\.url\b/g, () =>
        module === this.file
          ? 'import.meta.url'
          : `new URL(${JSON.stringify(relative(this.file, module))}, import.meta.url).href`,
      );
  }

  asFunction(module) {
    const given = new Map();
    const body = this.withoutImports(module)
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
      .replace(exportDeclaration, (_start, kind, name) => {
        given.set(name, '');
        return `${kind} ${name}`;
      });
    const left = notUnderstood.exec(body);
    if (left) throw new Error(`${module} cannot be bundled: ${left[0]}`);
    this.modules.given.set(module, given);
    const code = `{\n${body}\nreturn { ${Array.from(given, ([name, value]) => name + value).join(', ')} };\n}`;
    const call = compiles(`(() => ${code})`) ? `(() => ${code})()` : `await (async () => ${code})()`;
    return `m[${JSON.stringify(module)}] ??= ${call};\n`;
  }

  imports() {
    const lines = Array.from(
      this.outside,
      ([from, name]) => `import * as ${name} from ${JSON.stringify(from)};\n`,
    );
    return lines.join('');
  }

  /** In place of its last module, which runs and exports as before. */
  asEntry(closure) {
    const root = closure[closure.length - 1];
    const before = closure.slice(0, -1).map((module) => this.asFunction(module));
    const body = this.withoutImports(root).replace(exportFrom, (line, names, _quote, specifier) => {
      if (names === undefined) throw new Error(`${root} cannot be bundled: ${line}`);
      const from = this.from(specifier, root);
      return pairs(names)
        .map(([inside, outside]) => `export const ${outside} = ${from}.${inside};`)
        .join('\n');
    });
    return `${this.imports()}const m = {};\n${before.join('')}${body}`;
  }

  /** A file that adds what is missing to the modules of whoever loads it, and gives its last. */
  asChunk(closure) {
    const body = closure.map((module) => this.asFunction(module)).join('');
    const root = JSON.stringify(closure[closure.length - 1]);
    return `${this.imports()}export async function fill(m) {\n${body}return m[${root}];\n}\n`;
  }
}

/** Replaces the entries in `folder`; what they load later goes to `chunks/`. Throws what it cannot do. */
function bundle(folder, roots = entries) {
  const modules = new Modules(folder);
  const files = new Map();
  for (const root of roots) {
    const isApart = (module) => roots.includes(module);
    const closure = modules.closure(root, isApart);
    const chunkOf = (target) => {
      const file = `chunks/${`${root}-${target}`.replace(/\.js\b/g, '').replace(/\//g, '-')}.js`;
      if (files.has(file)) return file;
      // Its place is taken first: it may come back to itself.
      files.set(file, '');
      const needed = modules.closure(target, (module) => isApart(module) || closure.includes(module));
      files.set(file, new Bundle({ file, modules, isApart, chunkOf }).asChunk(needed));
      return file;
    };
    files.set(root, new Bundle({ file: root, modules, isApart, chunkOf }).asEntry(closure));
  }
  for (const [file, text] of files) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), inAscii(text));
  }
}

module.exports = { bundle };
