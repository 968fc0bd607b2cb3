/** @file What is said of annotators: shares of right labels with intervals, and their most frequent error. */

import { describe, expect, it } from "vitest";
import {
  agreement,
  annotationsFrom,
  communities,
  dawidSkene,
  judgeAnnotators,
  mace,
  majorityVote,
  oneCoin,
  pooledMultinomial,
} from "../../src/crowds/index.js";
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

it("names the error with the largest expected count of each annotator", () => {
  const fit = majorityVote(annotations);
  const people = judgeAnnotators(annotations, fit, agreement(annotations));
  for (const { annotator, takes } of people) {
    const counts = [0, 1, 2].map(() => [0, 0, 0]);
    annotations.annotator.forEach((l, n) => {
      if (String(l) !== annotator) return;
      const i = Math.floor(n / 4);
      for (let k = 0; k < 3; k++) counts[k][annotations.label[n]] += fit.posterior[3 * i + k];
    });
    const errors = counts
      .flatMap((row, k) => row.map((count, y) => ({ k, y, count })))
      .filter(({ k, y }) => k !== y);
    const { k, y, count } = errors.reduce((most, error) => (error.count > most.count ? error : most));
    expect(takes).toMatchObject({ class: String(k), for: String(y) });
    expect(takes!.probability).toBeCloseTo(count / (counts[k][0] + counts[k][1] + counts[k][2]), 12);
  }
});

it("has the median time of each annotator, and says who takes less than a third of what others take", () => {
  const times: Record<string, readonly (number | undefined)[]> = {
    slow: [9, 30, 10, undefined],
    usual: [6, 6, 6, 6],
    even: [2, 1, 3, 2],
    quick: [1, 1.9, 2, 9],
    unknown: [],
  };
  const rows = Object.entries(times).flatMap(([annotator, own]) =>
    [0, 1, 2, 3].map((item) => ({ item, annotator, label: item % 2, seconds: own[item] })),
  );
  const timed = annotationsFrom(rows);
  const people = judgeAnnotators(timed, majorityVote(timed), agreement(timed));
  const found = people.map(({ annotator, seconds, hurries }) => [annotator, seconds, hurries]);
  // Of the medians 10, 6, 2 and 1.95, the median is 4: who takes less than 4/3 hurries.
  expect(Object.fromEntries(found.map(([name, seconds]) => [name, seconds]))).toEqual({
    ...{ slow: 10, usual: 6, even: 2, quick: 1.95, unknown: undefined },
  });
  expect(found.some(([, , hurries]) => hurries)).toBe(false);
  const faster = { ...timed, seconds: timed.seconds!.map((s, n) => (timed.annotator[n] === 3 ? s / 2 : s)) };
  const quick = judgeAnnotators(faster, majorityVote(faster), agreement(faster)).filter(
    ({ hurries }) => hurries,
  );
  expect(quick.map(({ annotator, seconds }) => [annotator, seconds])).toEqual([["quick", 0.975]]);
});

describe("many annotators with many classes", () => {
  // Their confusion matrices would have 6.4 · 10⁸ numbers.
  const [annotators, classes] = [4000, 400];
  // Twenty annotators give the class of two items, or 0, as six of them do.
  const rows = Array.from({ length: 2 * annotators }, (_, at) => {
    const annotator = at >> 1;
    const pair = Math.floor(annotator / 20);
    return { item: 2 * pair + (at % 2), annotator, label: annotator % 20 < 14 ? pair % classes : 0 };
  });
  const crowd = annotationsFrom(rows, { classes: Array.from({ length: classes }, (_, k) => k) });
  const oneRound = { iterations: 1 };

  it.each([
    ["dawidSkene", () => dawidSkene(crowd)],
    ["communities", () => communities(crowd)],
  ])("are refused by %s with what to use", (name, fit) => {
    expect(fit).toThrow(
      `${name}: 4000 annotators with 400 classes have 640000000 numbers in their confusion matrices; ` +
        "use oneCoin, with one number each, or pooledMultinomial",
    );
  });

  it.each([
    ["oneCoin", () => oneCoin(crowd, oneRound)],
    ["pooledMultinomial", () => pooledMultinomial(crowd, oneRound)],
  ])("are fitted and judged by %s, without a matrix each", (_, infer) => {
    const fit = infer();
    expect(fit).not.toHaveProperty("confusion");
    expect(fit.ability).toHaveLength(annotators);
    expect(fit.labels[31]).toBe(15);
    const people = judgeAnnotators(crowd, fit, agreement(crowd));
    const wrong = people.find(({ annotator }) => annotator === "319")!;
    expect(wrong.takes).toMatchObject({ class: "15", for: "0" });
    expect(people.find(({ annotator }) => annotator === "301")).not.toHaveProperty("takes");
  });

  it("are fitted by mace, without a matrix each", () => {
    const fit = mace(crowd, { ...oneRound, restarts: 1 });
    expect(fit).not.toHaveProperty("confusion");
    expect(fit.ability).toHaveLength(annotators);
  });
});
