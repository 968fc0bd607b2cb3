/** @file `understudy-rl export <policy>`: exports a policy's network as an ONNX file. */

import * as z from "zod";
import { UsageError } from "../../src/errors.js";
import { policyAt } from "../../src/runs/inputs.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { type Command, print } from "../command.js";
import { policyPath } from "../fields.js";

const schema = z.strictObject({
  policy: policyPath,
  env: z.string().optional().describe("environment of the expert, if the policy is expert"),
  out: z.string().default("policy.onnx").describe("path of the file to write"),
});

export const exportCommand: Command<typeof schema> = {
  name: "export",
  schema,
  positionals: ["policy"],
  examples: ["export runs/ppo-CartPole-v1-0 --out cartpole.onnx"],

  async run({ policy: path, env, out }, _given, trust) {
    const { policy } = await policyAt(path, { env, trust });
    if (!policy.toOnnx) throw new UsageError(`${path} has no network: there is nothing to export`);
    const bytes = policy.toOnnx();
    await writeFileAtomic(out, bytes);
    print(`${out}  ${bytes.length} bytes`);
  },
};
