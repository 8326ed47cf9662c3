/** Which folder may import which: the table of CONTRIBUTING.md, for `.dependency-cruiser.cjs` and `scripts/boundaries-of-types.cjs`. */

const { builtinModules } = require('node:module');

const OURS = '^(src|workflows|activities|sandbox|bench|test|scripts)/';
const PACKAGE = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'unknown'];
const COMMANDS = '^src/(commands/|(?!index[.]ts$|main[.]ts$)[^/]+[.]ts$)';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} from which files
 * @property {string} why
 * @property {string[]} ours what of ours they may import
 * @property {string[]} [types] of what else they may import types
 * @property {string[]} [packages] which packages; absent, any
 * @property {boolean} [builtIns] false where Node's own modules are closed to them
 */

/** @type {Row[]} */
const TABLE = [
  {
    name: 'domain',
    from: '^src/domain/',
    why: 'The domain stands on nothing.',
    ours: ['^src/domain/'],
    packages: [],
    builtIns: false,
  },
  {
    name: 'sdk',
    from: '^src/sdk/',
    why: 'What a vendor builds on: the domain, and the parsed request of connect by its type.',
    ours: ['^src/(sdk|domain)/'],
    types: ['^src/connect/'],
    packages: [],
  },
  {
    name: 'vendor',
    from: '^src/vendor/',
    why: 'A vendor sees the SDK and packages of its own, never Temporal.',
    ours: ['^src/(vendor|sdk)/'],
    packages: ['(?!@temporalio/)[^/]+'],
  },
  {
    name: 'connect',
    from: '^src/connect/',
    why: 'The client of Connect stands alone.',
    ours: ['^src/connect/'],
    packages: ['zod', 'undici', 'hucre'],
  },
  {
    name: 'workflows',
    from: '^workflows/',
    why: 'A workflow is run again from its history: it calls activities through proxies, and knows them by their types.',
    ours: ['^workflows/', '^src/domain/'],
    types: ['^activities/', '^src/sdk/'],
    packages: ['@temporalio/(workflow|common)'],
    builtIns: false,
  },
  {
    name: 'activities',
    from: '^activities/',
    why: 'The vendor and the Temporal client arrive as arguments.',
    ours: ['^activities/', '^src/(connect|sdk|domain)/'],
    packages: ['@temporalio/(activity|common)', 'big.js', '@types/big.js'],
  },
  {
    name: 'temporal',
    from: '^src/temporal/',
    why: 'This folder knows nothing of Connect or of a vendor.',
    ours: ['^src/(temporal|domain)/'],
    types: ['^workflows/'],
    packages: ['@temporalio/(client|common|envconfig|proto|testing)'],
  },
  {
    name: 'http',
    from: '^src/http/',
    why: 'The doors that Connect calls: how a round is woken, and what is counted, arrive as arguments.',
    ours: ['^src/(http|connect|sdk|domain)/'],
    packages: ['fastify', '@fastify/rate-limit', 'jose', 'zod'],
  },
  {
    name: 'commands',
    from: COMMANDS,
    why: 'The vendor is handed in by src/main.ts; the sandbox is for the commands that are about it.',
    ours: ['^src/(?!vendor/|(index|main)[.]ts$)', '^(activities|workflows)/', '^sandbox/'],
  },
  {
    name: 'entry',
    from: '^src/(index|main)[.]ts$',
    why: 'The entry points name the command line, what a vendor may call, the SDK and, in main.ts alone, the vendor.',
    ours: ['^src/(adjustment|cli|index)[.]ts$', '^src/(sdk|vendor)/'],
    packages: [],
    builtIns: false,
  },
  {
    name: 'sandbox',
    from: '^sandbox/',
    why: 'The sandbox shares no code with the product: a shared mistake would hide itself.',
    ours: ['^sandbox/'],
    packages: ['fastify'],
  },
];

/** The rules of one row. @param {boolean} withTypes whether a type alone counts as an import */
const rulesOf = ({ name, from, why, ours, types = [], packages, builtIns = true }, withTypes) => [
  forbid(`${name}-ours`, why, from, { path: OURS, pathNot: withTypes ? [...ours, ...types] : ours }),
  ...(packages
    ? [forbid(`${name}-packages`, why, from, { dependencyTypes: PACKAGE, pathNot: packages.map(nameOf) })]
    : []),
  ...(builtIns ? [] : [forbid(`${name}-built-ins`, why, from, { dependencyTypes: ['core'] })]),
];

/** A package by its name: under node_modules, or as it was written where it was not found. */
const nameOf = (pattern) => `(^(?!.*node_modules/)|node_modules/)${pattern}(/|$)`;
const forbid = (name, comment, from, to) => ({
  name,
  severity: 'error',
  comment,
  from: typeof from === 'string' ? { path: from } : from,
  to,
});

const beyondTheTable = [
  forbid(
    'vendor-once',
    'src/main.ts alone names the vendor, so that a repository of their own replaces three lines.',
    { path: OURS, pathNot: '^(src/vendor/|src/main[.]ts$|test/)' },
    { path: '^src/vendor/' },
  ),
  forbid(
    'sandbox-guests',
    'The sandbox is for its own command, the demo, the benchmark and the tests.',
    { path: OURS, pathNot: '^(sandbox/|test/|bench/|src/commands/((sandbox|stack|demo)[.]ts$|demo/))' },
    { path: '^sandbox/' },
  ),
  forbid(
    'not-to-tests',
    'What is shipped never needs what is not.',
    { path: '^(src|workflows|activities|sandbox|bench)/' },
    { path: '^(test|scripts)/' },
  ),
  forbid('resolvable', 'A file or a package that is not there.', {}, { couldNotResolve: true }),
];

/** @param {boolean} withTypes whether a type alone counts as an import */
exports.tableRules = (withTypes) => [...TABLE.flatMap((row) => rulesOf(row, withTypes)), ...beyondTheTable];

/** Rules on the code that runs, however long the way. */
exports.runtimeRules = [
  forbid('workflows-reach-no-built-in', 'Workflow code runs in a place without Node.', '^workflows/', {
    path: `^(node:)?(${builtinModules.join('|')})$`,
    reachable: true,
  }),
  forbid(
    'workflows-reach-no-activity',
    'An activity is called through a proxy; only its types are named.',
    '^workflows/',
    { path: '^(activities|src/(connect|vendor|temporal))/', reachable: true },
  ),
  forbid('no-circular', 'Two files that need each other are hard to read apart.', {}, { circular: true }),
  forbid(
    'not-to-dev-dependency',
    'The installed package has no development dependencies.',
    '^(src|workflows|activities|sandbox)/',
    { dependencyTypes: ['npm-dev'] },
  ),
];

exports.options = {
  doNotFollow: { path: '(^|/)node_modules/' },
  // The build, by its folder or by the name of the package: it may not be made yet.
  exclude: { path: '^(dist|coverage)/|^connect-processor$' },
  tsConfig: { fileName: `${__dirname}/../tsconfig.json` },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
};
