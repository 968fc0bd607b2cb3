/** @file Demonstrations of a person at a terminal: every action is kept at once, so that a kill loses none. */

import { type DemonstrationsWriter, writeDemonstrations } from "../datasets/demonstrations-folder.js";
import type { Provenance } from "../datasets/provenance.js";
import type { Environment, Names } from "../env/contracts.js";
import { DEFAULT_EPISODE_LIMIT } from "../env/episode-limit.js";
import { didYouMean } from "../errors.js";
import type { Terminal } from "../people/console-labeller.js";
import { kinds } from "../people/kinds/index.js";
import { createRecorder, type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { type Action, allocateActions, flattenInto, spaceWidth } from "../spaces/index.js";
import type { Folder } from "../state/folder.js";

/** The actions of the episode that is being played, beside the whole episodes. */
const UNFINISHED = "unfinished.json";

export interface PlayOptions {
  environment: Environment;
  names?: Names;
  terminal: Terminal;
  /** Where the demonstrations are written, or go on if the same person has begun them there. */
  folder: Folder;
  /** The number of whole episodes in the folder at the end. */
  episodes: number;
  /** The seed of the starts; episode i starts the same whenever it is played. */
  seed: number | string;
  maxEpisodeSteps?: number;
  provenance: Partial<Provenance>;
}

/**
 * Shows the state of an environment and reads actions, until there are enough whole episodes, the person stops or the
 * input ends. Finished episodes are written at once. An episode that was left goes on when the folder is given again: its
 * actions are repeated from its start.
 *
 * @returns the number of whole episodes in the folder
 * @throws UsageError when the folder has other demonstrations
 */
export async function playAtTerminal(options: PlayOptions): Promise<number> {
  const { environment, terminal, folder, episodes, provenance } = options;
  const { id, observationSpace, actionSpace } = environment;
  const header = { env: id, observationSpace, actionSpace, provenance };
  const writer = await writeDemonstrations(folder, header, { shardSteps: 1, append: true });
  try {
    while (writer.episodes() < episodes) {
      const trajectory = await playOne(options, writer);
      if (trajectory === undefined) break;
      await writer.append(trajectory);
      const steps = trajectory.rewards.length;
      terminal.write(
        `\nthe episode has ended: ${steps} steps, return ${trajectoryReturn(trajectory)}; ` +
          `${writer.episodes()} of ${episodes} episodes\n`,
      );
    }
    return writer.episodes();
  } finally {
    terminal.release();
    await writer.close();
  }
}

/** Plays an episode to its end; undefined if the person stops before. */
async function playOne(
  { environment, names, terminal, folder, seed, maxEpisodeSteps = DEFAULT_EPISODE_LIMIT }: PlayOptions,
  writer: DemonstrationsWriter,
): Promise<Trajectory | undefined> {
  const { observationSpace, actionSpace } = environment;
  const episode = writer.episodes();
  const recorder = createRecorder(observationSpace, actionSpace);
  const row = new Float32Array(spaceWidth(observationSpace));
  const chosen = allocateActions(actionSpace, 1);
  const taken: Action[] = [];
  let total = 0;

  const see = (observation: Parameters<typeof flattenInto>[1]) =>
    flattenInto(observationSpace, observation, row);
  /** The trajectory, if the action ends the episode. */
  const act = (action: Action): Trajectory | undefined => {
    flattenInto(actionSpace, action, chosen);
    recorder.act(row, chosen, 0);
    const { observation, reward, terminated, truncated } = environment.step(action);
    recorder.reward(reward);
    see(observation);
    taken.push(action);
    total += reward;
    const isCut = recorder.steps >= maxEpisodeSteps && !terminated && !truncated;
    if (!terminated && !truncated && !isCut) return undefined;
    return recorder.finish(row, 0, {
      terminated,
      truncated: truncated || isCut,
      ...(isCut && { cutByLimit: true as const }),
    });
  };
  const keep = () =>
    folder.write(
      UNFINISHED,
      new TextEncoder().encode(JSON.stringify({ episode, actions: taken.map(plain) })),
    );

  see(environment.reset({ seed: `${seed}/episode ${episode}` }).observation);
  for (const action of await unfinished(folder, episode)) {
    const whole = act(action);
    if (whole) return whole;
  }
  if (taken.length > 0) terminal.write(`\nepisode ${episode + 1} goes on at step ${taken.length}\n`);
  for (;;) {
    terminal.write(screen(environment, row, names, { episode, steps: taken.length, total }));
    const action = await readAction(environment, terminal, names, taken.at(-1));
    if (action === undefined) return undefined;
    const whole = act(action);
    await keep();
    if (whole) return whole;
  }
}

const plain = (action: Action) => (typeof action === "number" ? action : Array.from(action));

/** The actions of an episode that was left. */
async function unfinished(folder: Folder, episode: number): Promise<Action[]> {
  const bytes = await folder.read(UNFINISHED);
  if (bytes === undefined) return [];
  const kept = JSON.parse(new TextDecoder().decode(bytes)) as { episode: number; actions: Action[] };
  return kept.episode === episode ? kept.actions : [];
}

/** What a person sees before an action. */
function screen(
  environment: Environment,
  observation: Float32Array,
  names: Names = {},
  { episode, steps, total }: { episode: number; steps: number; total: number },
): string {
  const { id, observationSpace, actionSpace } = environment;
  const context = { env: id, observationSpace, actionSpace };
  const subject = { observation, round: 0, environment: 0 };
  const { describe, choices } = kinds.action;
  const lines = [
    "",
    `${id}, episode ${episode + 1}, step ${steps}, return ${total}`,
    ...(environment.render ? [environment.render()] : []),
    ...describe(subject, context, names),
    `${choices(subject, context, names)}; Enter the last action again, q stop`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What a terminal sends for the arrow keys. */
const arrows: Record<string, string> = {
  "\x1b[A": "up",
  "\x1b[B": "down",
  "\x1b[C": "right",
  "\x1b[D": "left",
};

/** The typed action; undefined if the person stops or the input ends. */
async function readAction(
  environment: Environment,
  terminal: Terminal,
  names: Names = {},
  last: Action | undefined,
): Promise<Action | undefined> {
  const { id, observationSpace, actionSpace } = environment;
  const context = { env: id, observationSpace, actionSpace };
  for (;;) {
    terminal.write("> ");
    const line = (await terminal.readLine(new AbortController().signal))?.trim();
    if (line === undefined || /^q(uit)?$/i.test(line)) return undefined;
    if (line === "" && last !== undefined) return last;
    const word = arrows[line] ?? line;
    const reply = kinds.action.read(kinds.action.parse(word, context, names), context);
    if (typeof reply !== "string") return reply.action;
    const isUnknown = actionSpace.kind === "discrete" && Number.isNaN(Number(word));
    const unknown = `there is no action ${JSON.stringify(word)}${didYouMean(word, names.actions ?? [])}`;
    terminal.write(`${word === "" ? "nothing was typed" : isUnknown ? unknown : reply}\n`);
  }
}
