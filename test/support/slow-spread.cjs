const Sequencer = require('@jest/test-sequencer').default;

/**
 * Those that wait for other processes are spread over the run, so that what computes fills their waits; the longest come first. Which are
 * the longest Jest knows by the times of an earlier run; where there are none, as on a fresh machine, it goes by the size of the files.
 */
module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isSlow = ({ path }) => /[\\/]test[\\/](end-to-end|python)[\\/]/.test(path);
    const slow = sorted.filter(isSlow);
    const quick = sorted.filter((test) => !isSlow(test));
    const share = Math.floor(quick.length / (slow.length + 1));
    return [...slow.flatMap((test) => [test, ...quick.splice(0, share)]), ...quick];
  }
};
