/** @file Pictures of questions, displayed beside the numbers. */

import type { Environment } from "../env/contracts.js";
import type { KindName } from "./kinds/index.js";
import type { Question } from "./question.js";

/** A picture: text if the environment renders text, else an SVG document. */
export type Picture = { text: string } | { svg: string };

/** Draws a question; `undefined` if it has no picture. */
export type Pictured<K extends KindName = "action"> = (question: Question<K>) => Picture | undefined;

/**
 * Draws the states of action questions with an environment, which the painter then owns.
 *
 * @param prefer what is drawn where the environment draws both
 */
export function picturesOf(environment: Environment, prefer: "text" | "svg" = "text"): Pictured | undefined {
  if (!environment.setState || !(environment.render ?? environment.renderSvg)) return undefined;
  const isText = environment.render !== undefined && (prefer === "text" || !environment.renderSvg);
  return ({ state }) => {
    if (state === undefined) return undefined;
    environment.setState!(state);
    return isText ? { text: environment.render!() } : { svg: environment.renderSvg!() };
  };
}
