/** @file What a person is shown of a query beside numbers: a picture of the environment's state. */

import type { Environment } from "../env/contracts.js";
import type { Query } from "./labeller.js";

/** As text where the environment draws itself so, else as an SVG document. */
export type Picture = { text: string } | { svg: string };

/** How a labeller pictures a query. */
export type Pictured = (query: Query) => Picture | undefined;

/** Pictures drawn by an environment of the kind that is labelled, which serves for nothing else from then on. */
export function picturesOf(environment: Environment): Pictured | undefined {
  if (!environment.setState || !(environment.render ?? environment.renderSvg)) return undefined;
  return ({ state }) => {
    if (state === undefined) return undefined;
    environment.setState!(state);
    return environment.render ? { text: environment.render() } : { svg: environment.renderSvg!() };
  };
}
