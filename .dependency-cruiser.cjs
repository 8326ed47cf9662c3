const { options, runtimeRules, tableRules } = require('./scripts/boundaries.cjs');

/**
 * Which file may import which, for the code that runs: a type alone makes no edge, else `reachable` rules would follow types.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [...tableRules(false), ...runtimeRules],
  options: { ...options, tsPreCompilationDeps: false },
};
