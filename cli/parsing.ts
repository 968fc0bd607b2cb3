/** @file How yargs parses the words of a command line: it leaves values to the schemas. */

export const parsing = {
  "parse-numbers": false,
  "strip-dashed": true,
  "strip-aliased": true,
  "duplicate-arguments-array": false,
};
