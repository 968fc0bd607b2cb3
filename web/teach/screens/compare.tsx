/** @file Compare: which of two replays is better? */

import { useLayoutEffect, useState } from "preact/hooks";
import { commonCommands, useAnswer } from "../asking.js";
import { type Command, Commands, useCommands } from "../commands.js";
import { Controls, Replay, useImages, usePlayback } from "../player.js";
import type { ScreenProps } from "../screen.js";
import { rateOf } from "../screen.js";

type Segment = { observations: (number | number[])[]; actions: (number | number[])[] };

export function Compare({ connection, session }: ScreenProps) {
  const [asked] = session.questions;
  const answer = useAnswer(connection, asked);
  const [isSwapped, swap] = useState(false);
  useLayoutEffect(() => swap(false), [asked?.id]);
  const images = useImages(asked);
  const { left, right } = (asked?.record ?? {}) as { left?: Segment; right?: Segment };
  const count = Math.max(left?.observations.length ?? 0, right?.observations.length ?? 0);
  const playback = usePlayback(asked?.id, count, rateOf(session), "compare");
  const choose = (choice: string) => {
    // The sides of the question, whatever the sides of the page.
    const sides: Record<string, string> = { left: "right", right: "left" };
    return answer({ choice: isSwapped ? (sides[choice] ?? choice) : choice }, isSwapped);
  };
  const choices: Command[] = [
    ["left", "Left is better", "ArrowLeft"],
    ["right", "Right is better", "ArrowRight"],
    ["equal", "Equal", "ArrowDown"],
    ["neither", "Both are bad", "ArrowUp"],
  ].map(([choice, label, key]) => ({
    name: `compare.${choice}`,
    label,
    keys: [key],
    kind: choice === "left" || choice === "right" ? "choice" : "tool",
    disabled: !asked,
    run: () => void choose(choice),
  }));
  const swapping: Command = {
    name: "compare.swap",
    label: "Swap sides",
    keys: ["x"],
    pressed: isSwapped,
    run: () => swap(!isSwapped),
  };
  const others = commonCommands("compare", connection, answer);
  useCommands([...choices, ...others, ...playback.commands, swapping]);
  const summary = session.overview?.summary;
  if (!asked || !left || !right) return null;
  const sides = isSwapped
    ? ([right, images?.right, left, images?.left] as const)
    : ([left, images?.left, right, images?.right] as const);
  const replayOf = (title: string, segment: Segment, pictures: readonly HTMLImageElement[] | undefined) => (
    <Replay
      title={title}
      images={images ? (pictures ?? []) : undefined}
      frame={playback.frame}
      segment={segment}
      names={session.overview?.names.observations}
      description={`${title} replay, ${segment.actions.length} steps`}
    />
  );
  return (
    <section class="ask compare" data-question={asked.id}>
      <h1>Which is better?{summary && <small> {summary}</small>}</h1>
      <div class="pair">
        {replayOf("Left", sides[0], sides[1])}
        {replayOf("Right", sides[2], sides[3])}
      </div>
      {asked.notDrawn && <p class="note">Numbers take the place of pictures: {asked.notDrawn}.</p>}
      <Commands label="Answers" commands={choices} />
      <Controls playback={playback} more={[swapping, ...others]} />
    </section>
  );
}
