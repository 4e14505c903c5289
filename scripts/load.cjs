'use strict';
/*
 * Runs the scripts that the build has joined, with the compiled code that earlier runs have kept of them: of the
 * functions as well that were compiled when they were first called, which Node's own cache does not hold.
 * Invariant: code is taken only if it is whole, of exactly this script, and in a file that nobody else can write;
 * whatever is wrong with it costs time, and nothing else. Copied to dist/, for every thread to load.
 */
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { pathToFileURL } = require('node:url');
const { openCode } = require('./kept-code.cjs');

const root = pathToFileURL(__dirname + path.sep);
/** Packages that wait for something while they are loaded cannot be required. */
const waiting = new Set(['ink']);
const later = async (specifier) => (waiting.has(specifier) ? import(specifier) : require(specifier));
const loaded = new Map();

/** What a script gives; `modules` are those it adds to. A script runs once. */
function load(file, modules = {}) {
  let given = loaded.get(file);
  if (given === undefined) {
    given = run(path.join(__dirname, file))(modules, load, require, later, root);
    loaded.set(file, given);
  }
  return given;
}

function run(filename) {
  const source = fs.readFileSync(filename, 'latin1');
  const code = openCode(filename, source);
  const script = new vm.Script(source, { filename, cachedData: code.data });
  code.use(script);
  return script.runInThisContext();
}

module.exports = { load };
