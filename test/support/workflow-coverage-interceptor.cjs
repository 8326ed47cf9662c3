const { proxySinks } = require('@temporalio/workflow');

const { coverage } = proxySinks();

/**
 * Hands over after each activation what the workflow has reached in it. What can be reached, which is nearly all of a coverage map, goes out
 * once a run: `@temporalio/nyc-test-coverage` sends it each time, which took as long as the tests themselves.
 *
 * It is no `.ts` file, since those are instrumented.
 */
exports.interceptors = () => {
  let isKnown = false;
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const files = Object.values(globalThis.__coverage__ ?? {});
          const reached = files.map(({ path, s, f, b }) => [path, taken(s), taken(f), takenWays(b)]);
          if (!isKnown) coverage.files(JSON.parse(JSON.stringify(files))); // with no counts any more
          isKnown = true;
          coverage.reached(reached.filter(([, s]) => s.length > 0));
          return next(input);
        },
      },
    ],
  };
};

/** The counts that are not 0, by number of statement or function, which begin at 0 again. */
function taken(counts) {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  for (const [id] of found) counts[id] = 0;
  return found;
}

/** The same of branches, each with a count of every way. */
function takenWays(branches) {
  const found = Object.entries(branches).filter(([, ways]) => ways.some((count) => count > 0));
  return found.map(([id, ways]) => [id, ways.splice(0, ways.length, ...ways.map(() => 0))]);
}
