/** @file The list of `understudy-rl envs`. */

import { expect, it, vi } from "vitest";
import { envsCommand } from "../../../cli/commands/envs.js";
import { envIds, envSpec, register } from "../../../envs/index.js";

it("lists every environment without creating one", async () => {
  const make = vi.fn(() => {
    throw new Error("created");
  });
  for (const id of envIds()) register({ ...envSpec(id), make, makeVector: make }, { replace: true });
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  for (const json of [false, true]) await envsCommand.run({ json }, {}, []);
  const [table, list] = written.mock.calls.map(([text]) => String(text));
  written.mockRestore();
  for (const id of envIds()) expect(table).toContain(`\n${id} `);
  expect(JSON.parse(list).map(({ id }: { id: string }) => id)).toEqual(envIds());
  expect(make).not.toHaveBeenCalled();
});
