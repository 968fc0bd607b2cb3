/** @file The settings of yargs. The schemas, not yargs, convert values. */

export const parsing = {
  "parse-numbers": false,
  "strip-dashed": true,
  "strip-aliased": true,
  "duplicate-arguments-array": false,
};
