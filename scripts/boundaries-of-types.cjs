const { options, tableRules } = require('./boundaries.cjs');

/**
 * Which folder may import which, where a type alone counts as well: the sandbox names not even a type of the product.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: tableRules(true),
  options: { ...options, tsPreCompilationDeps: true },
};
