/** @file Pictures of questions: what a person sees beside the numbers. */

import type { Environment } from "../env/contracts.js";
import type { KindName } from "./kinds/index.js";
import type { Question } from "./question.js";

/** A text where the environment draws itself so, else an SVG document. */
export type Picture = { text: string } | { svg: string };

/** Draws a question; `undefined` where there is no picture of it. */
export type Pictured<K extends KindName = "action"> = (question: Question<K>) => Picture | undefined;

/** Draws the states of questions about actions with an environment of their kind, which it then owns. */
export function picturesOf(environment: Environment): Pictured | undefined {
  if (!environment.setState || !(environment.render ?? environment.renderSvg)) return undefined;
  return ({ state }) => {
    if (state === undefined) return undefined;
    environment.setState!(state);
    return environment.render ? { text: environment.render() } : { svg: environment.renderSvg!() };
  };
}
