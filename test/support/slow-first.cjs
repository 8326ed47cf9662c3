const Sequencer = require('@jest/test-sequencer').default;

/**
 * Those first that wait for other processes. Jest goes by the times of an earlier run; where there are none, as on a fresh machine, by the size
 * of the files, and some of these are small.
 */
module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isSlow = ({ path }) => /[\\/]test[\\/](end-to-end|python)[\\/]/.test(path);
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
};
