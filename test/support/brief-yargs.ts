/**
 * @file yargs, for tests that run commands in their own process. It formats the help after every command, in case someone
 * asks for it: most of the time of a command here. Use: `vi.mock("yargs", () => import("../support/brief-yargs.js"))`.
 */

import { vi } from "vitest";

interface Parser {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage(): void } };
}

const { default: yargs } = await vi.importActual<{ default(): Parser }>("yargs");

export default function briefYargs(): Parser {
  const parser = yargs();
  parser.getInternalMethods().getUsageInstance().cacheHelpMessage = () => {};
  return parser;
}
