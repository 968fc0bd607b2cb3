/** @file What is said of annotators: shares of right labels with intervals, and their most frequent error. */

import { expect, it } from "vitest";
import { agreement, dawidSkene, judgeAnnotators, majorityVote } from "../../src/crowds/index.js";
import { coin, type Matrix, simulated } from "../support/crowds.js";

const confused: Matrix = [
  [0.9, 0.05, 0.05],
  [0.1, 0.4, 0.5],
  [0, 0.05, 0.95],
];
const { annotations } = simulated([coin(0.9, 3), coin(0.85, 3), coin(0.8, 3), confused], 400, 1);
const judged = judgeAnnotators(annotations, dawidSkene(annotations), agreement(annotations));

it("names the least able first, and what they take for what", () => {
  const worst = judged[0];
  expect(worst.annotator).toBe("3");
  expect(worst.takes).toMatchObject({ class: "1", for: "2" });
  expect(worst.takes!.probability).toBeGreaterThan(0.4);
  expect(judged.map(({ ability }) => ability!)).toEqual(judged.map(({ ability }) => ability!).toSorted());
});

it("has intervals around the share of right labels, wider with fewer labels", () => {
  for (const { right, low, high, labels, agrees } of judged) {
    expect(labels).toBe(400);
    expect(low).toBeLessThan(right);
    expect(high).toBeGreaterThan(right);
    expect(Math.abs(right - agrees)).toBeLessThan(0.05);
  }
  const best = judged[3];
  expect(best.high - best.low).toBeLessThan(0.08);
  // Wilson's interval of 8 of 10: 0.490 to 0.943.
  const few = simulated([coin(1), coin(1)], 10, 0).annotations;
  const fit = {
    ...majorityVote(few),
    posterior: new Float64Array(20).map((_, i) => (i % 2 === few.label[0] ? 0.8 : 0.2)),
  };
  const same = { ...few, label: few.label.fill(few.label[0]) };
  const [one] = judgeAnnotators(same, fit, agreement(same));
  expect(one.low).toBeCloseTo(0.49, 3);
  expect(one.high).toBeCloseTo(0.943, 3);
});
