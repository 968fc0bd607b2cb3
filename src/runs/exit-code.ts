/** @file Exit codes of the command. */

import { UsageError } from "../errors.js";

/** Exit code of a run that Ctrl-C ended: 128 + SIGINT, as in shells. The command line exits with 143 after SIGTERM. */
export const INTERRUPTED = 130;

/** Exit code for an error: 2 for errors that the user can fix (`UsageError`), else 1. */
export const exitCodeOf = (error: unknown): number => (error instanceof UsageError ? 2 : 1);
