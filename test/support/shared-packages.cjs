const { createRequire, isBuiltin } = require('node:module');
const path = require('node:path');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/**
 * Jest's runtime, but packages are loaded once a process, by Node, and not anew for each test file: that, and to collect what the earlier
 * copies had left, took a third of the tests' time. What is ours is fresh in each test file, as ever, but compiled once a process: its code, with
 * what counts the coverage in it, is run anew.
 *
 * It goes with `environment.cjs`: all runs in the context of the process, or an `Error` of a package would be no `Error` in a test.
 */
module.exports = class SharedPackages extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor } = this.cjsLoader; // not part of Jest's interface: its version is exact in package.json
    executor.compile = (source, filename) => {
      const known = compiled.get(filename);
      if (known?.source === source) return known.run;
      const run = compileFunction(source, executor.injectedModuleParameters, { filename });
      compiled.set(filename, { source, run });
      return run;
    };
  }

  requireModule(from, name, options, ...rest) {
    const isShared = name !== undefined && isPackage(name) && !options?.isInternalModule;
    return isShared ? createRequire(from)(name) : super.requireModule(from, name, options, ...rest);
  }

  /** What was counted, itself: nobody counts on once it is asked for, and to copy it took as long as many a test. */
  getAllCoverageInfoCopy() {
    return this._environment.global.__coverage__;
  }
};

/** By file. */
const compiled = new Map();

const isPackage = (name) => !/^(\.|file:)/.test(name) && !path.isAbsolute(name) && !isBuiltin(name);
