/** @file The arrays of a policy that has parts, such as networks or other policies: each under the name of its part. */

import type { Policy, PolicyData } from "./contract.js";

type Arrays = PolicyData["arrays"];

/** The arrays of a part, with `part.` in front of their names. */
const arraysOfPart = (part: string, arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${part}.${name}`, array]));

/** The arrays of a part by their own names; the inverse of {@link arraysOfPart}. */
export const arraysUnder = (part: string, arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) =>
      name.startsWith(`${part}.`) ? [[name.slice(part.length + 1), array]] : [],
    ),
  );

const nameOf = (k: number) => `policy${k}`;

/** Policies as the setting `policies` and as arrays of a policy that consists of them. */
export function policiesToData(policies: readonly Policy[]) {
  const data = policies.map((policy) => policy.toData());
  return {
    policies: data.map(({ kind, settings }) => ({ kind, settings })),
    arrays: Object.assign({}, ...data.map(({ arrays }, k) => arraysOfPart(nameOf(k), arrays))) as Arrays,
  };
}

/** The policies of such data; the inverse of {@link policiesToData}. `restore` creates a policy from its data. */
export const policiesFromData = (
  { settings, arrays }: PolicyData,
  restore: (data: PolicyData) => Policy,
): Policy[] =>
  (settings.policies as Pick<PolicyData, "kind" | "settings">[]).map((policy, k) =>
    restore({ ...policy, arrays: arraysUnder(nameOf(k), arrays) }),
  );
