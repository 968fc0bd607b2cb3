/** @file What a process that failed exits with. */

import { UsageError } from "../errors.js";

/** A run that Ctrl-C ended: 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130;

/** 2 when the user can mend what was asked for, 1 when something failed. */
export const exitCodeOf = (error: unknown): number => (error instanceof UsageError ? 2 : 1);
