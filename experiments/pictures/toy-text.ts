/** @file The pictures of docs/reference/environments/toy-text.md: states of the games, and their solutions. */

import { gridSvg } from "../../envs/gridworld/picture.js";
import { blackjack } from "../../envs/toy-text/blackjack.js";
import { cliffWalking } from "../../envs/toy-text/cliff-walking.js";
import { frozenLake } from "../../envs/toy-text/frozen-lake.js";
import { taxi } from "../../envs/toy-text/taxi.js";
import type { Environment } from "../../src/env/contracts.js";
import { valueIteration } from "../../src/mdp/index.js";
import { sideBySide } from "../lib/side-by-side.js";

function moment(environment: Environment, state: number | readonly number[]): string {
  environment.reset({ options: { state } });
  return environment.renderSvg!();
}

/** The optimal values and moves on the lake. */
function crossing(): string {
  const model = frozenLake().model!();
  const { values, policy } = valueIteration(model);
  const heat = values.map((value, state) => (model.terminal[state] ? Number.NaN : value));
  return gridSvg(model.grid!, { heat, policy, terminal: model.terminal, unit: "optimal value" });
}

const CELL = 24;
const text = (x: number, y: number, content: string | number) =>
  `<text x="${x}" y="${y}" text-anchor="middle" font-family="sans-serif" font-size="11" fill="#24292f">${content}</text>`;

/** The optimal policy, hit (dark) or stick, by the player's sum and the dealer's open card, for one value of the ace. */
function strategy(ace: number): string {
  const model = blackjack().model!();
  const { policy } = valueIteration(model);
  const parts: string[] = [];
  for (let card = 1; card <= 10; card++)
    parts.push(text((card + 0.5) * CELL, 10.8 * CELL, card === 1 ? "A" : card));
  for (let sum = 12; sum <= 21; sum++) parts.push(text(0.5 * CELL, (21 - sum + 0.65) * CELL, sum));
  for (let state = 0; state < model.states; state++) {
    const [sum, card, usable] = model.observations.subarray(3 * state, 3 * state + 3);
    if (model.terminal[state] || sum < 12 || usable !== ace) continue;
    const fill = policy[2 * state + 1] ? "#0969da" : "#ddf4ff";
    const at = `x="${card * CELL}" y="${(21 - sum) * CELL}" width="${CELL}" height="${CELL}"`;
    parts.push(`<rect ${at} fill="${fill}" stroke="#ffffff"/>`);
  }
  const [width, height] = [11 * CELL, 11 * CELL];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join("\n")}</svg>`;
}

export async function pictures(): Promise<Record<string, string>> {
  return {
    "frozen-lake.svg": sideBySide([
      { title: "FrozenLake", svg: moment(frozenLake(), 8) },
      { title: "optimal policy", svg: crossing() },
    ]),
    "cliff-walking.svg": moment(cliffWalking(), 27),
    "taxi.svg": moment(taxi(), (17 * 5 + 0) * 4 + 3),
    "blackjack.svg": sideBySide([
      { title: "Blackjack", svg: moment(blackjack(), [15, 10, 0]) },
      { title: "no usable ace (dark: hit)", svg: strategy(0) },
      { title: "usable ace", svg: strategy(1) },
    ]),
  };
}
