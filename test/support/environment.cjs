const { AsyncLocalStorage } = require('node:async_hooks');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { DefaultLogger, Runtime } = require('@temporalio/worker');
const { ModuleMocker } = require('jest-mock');

/** Temporal logs to the console unless told otherwise. Forwarded, the native part's messages would keep the process alive. */
const QUIET = {
  logger: new DefaultLogger('ERROR'),
  shutdownSignals: [], // Jest's own
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, console: {} } },
};

/** The context of the process itself, which the test files of a Jest worker use one after the other; each gives it back as it was. */
module.exports = class ProcessEnvironment {
  global = globalThis;
  fakeTimers = null; // the legacy ones
  moduleMocker = new ModuleMocker(globalThis);

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  setup() {
    this.variables = { ...process.env };
    this.symbols = symbols();
    Runtime.defaultOptions = QUIET;
  }

  teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    for (const symbol of symbols()) if (!this.symbols.includes(symbol)) delete globalThis[symbol]; // the state of jest-circus
    delete globalThis.__coverage__;
    delete globalThis.testHasFailed;
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    storages.forEach((storage) => storage.disable());
    storages.clear();
  }

  /** For what a test file leaves behind only then. */
  handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) globalThis.testHasFailed = true;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
};

const symbols = () =>
  Object.getOwnPropertySymbols(globalThis).filter(
    (symbol) => Object.getOwnPropertyDescriptor(globalThis, symbol).configurable,
  );

/**
 * Up to Node 22 each promise asks every AsyncLocalStorage that was ever used, and each test file and each of Temporal's connections has one of
 * its own. One stays: Node fails where the last goes while others begin.
 */
const storages = new Set();
new AsyncLocalStorage().enterWith(undefined);
for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...args) {
    storages.add(this);
    return original.apply(this, args);
  };
}
