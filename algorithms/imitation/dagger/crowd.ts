/**
 * @file How far each of several people who answer DAgger's questions is trusted: by agreement with the learner, which
 * was fitted before they answered, as in [Raykar et al. 2010]. Each question is answered by one person, so people cannot
 * be compared with each other directly; what all of them taught stands for the others.
 */

import { isIntegral, type Space } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";

/** The answers of a person to questions of a fitted learner. */
interface Tally {
  name: string;
  answers: number;
  /** Sum of the differences from the learner's actions. */
  difference: number;
  /** How often each choice was the person's, and how often the learner's, `[choices]`; empty for other actions. */
  own: Float64Array;
  learners: Float64Array;
  weight: number;
}

/** Plain data. */
export interface Crowd {
  people: Tally[];
  /** The person of each pair, from 1 on, `[capacity]`; 0 for demonstrations and answers without a name. */
  by: Int32Array;
}

export const createCrowd = (capacity: number): Crowd => ({ people: [], by: new Int32Array(capacity) });

/** The number of a person, from 1 on; 0 without a name. */
export function personIn({ people }: Crowd, name: string | undefined, actionSpace: Space): number {
  if (name === undefined) return 0;
  const at = people.findIndex((person) => person.name === name);
  if (at >= 0) return at + 1;
  const choices = () => new Float64Array(actionSpace.kind === "discrete" ? actionSpace.n : 0);
  people.push({ name, answers: 0, difference: 0, own: choices(), learners: choices(), weight: 1 });
  return people.length;
}

/** Counts an answer of a person, and what a fitted learner would have done. */
export function countAnswer(
  { people }: Crowd,
  person: number,
  { action, own, difference }: { action: ActionBatch; own: ActionBatch; difference: number },
): void {
  if (person === 0) return;
  const tally = people[person - 1];
  tally.answers++;
  tally.difference += difference;
  if (tally.own.length === 0) return;
  tally.own[action[0]]++;
  tally.learners[own[0]]++;
}

/** Answers of the usual worth that each person starts with. */
const SMOOTHING = 4;

/**
 * Sets the weights of the people, relative to the one who agrees most. Choices: the agreement κ beyond what the shares of
 * the choices alone would give [Cohen 1960], so that one answer to all questions has no weight. Boxes: the inverse of the mean squared distance, by which least squares weigh measurements. All weights are 1
 * where nobody agrees more than by chance.
 */
export function judge({ people }: Crowd, actionSpace: Space): void {
  const answers = people.reduce((sum, person) => sum + person.answers, 0);
  if (answers === 0) return;
  const isChoice = isIntegral(actionSpace);
  const found = people.map((person) =>
    person.answers === 0 ? 0 : isChoice ? kappa(person) : person.difference / person.answers,
  );
  const usual = people.reduce((sum, person, i) => sum + person.answers * found[i], 0) / answers;
  const means = people.map(
    (person, i) => (person.answers * found[i] + SMOOTHING * usual) / (person.answers + SMOOTHING),
  );
  const worth = means.map((mean) => (isChoice ? Math.max(0, mean) : 1 / Math.max(mean, 1e-12)));
  const most = Math.max(...worth);
  for (const [i, person] of people.entries()) person.weight = most > 0 ? worth[i] / most : 1;
}

/** Agreement beyond chance, 1 where all answers agree; of several choices at once, the share that agrees. */
function kappa({ answers, difference, own, learners }: Tally): number {
  const agreeing = 1 - difference / answers;
  const chance = own.reduce((sum, count, k) => sum + (count / answers) * (learners[k] / answers), 0);
  return chance < 1 ? (agreeing - chance) / (1 - chance) : 0;
}

/** The weight of the answers of a person; 1 for those without a name. */
export const weightOf = ({ people }: Crowd, person: number): number =>
  person === 0 ? 1 : people[person - 1].weight;
