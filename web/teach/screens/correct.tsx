/** @file Correct: which action is right in this state? The learner proposes one. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { commonCommands, useAnswer } from "../asking.js";
import { type Command, Commands, useCommands } from "../commands.js";
import { keepPainted } from "../film.js";
import { actionKeys } from "../keys.js";
import { format, Numbers } from "../numbers.js";
import { Replay, useImages } from "../player.js";
import { actionNamesOf, boundsOf, type ScreenProps } from "../screen.js";

export function Correct({ connection, session }: ScreenProps) {
  const [asked] = session.questions;
  const answer = useAnswer(connection, asked);
  const images = useImages(asked);
  const { overview } = session;
  const names = actionNamesOf(overview?.actionSpace, overview?.names.actions);
  const bounds = boundsOf(overview?.actionSpace);
  const proposed = asked?.proposed;
  const [values, setValues] = useState<number[]>([]);
  useLayoutEffect(() => {
    setValues(Array.isArray(proposed) ? [...proposed] : bounds.map(({ low, high }) => (low + high) / 2));
  }, [asked?.id]);
  const keys = actionKeys(names, ["s", "z", "Enter"]);
  const proposal = typeof proposed === "number" ? (names[proposed] ?? String(proposed)) : undefined;
  const accept: Command = {
    name: "correct.accept",
    label: bounds.length > 0 ? "Answer" : proposal === undefined ? "Accept" : `Accept: ${proposal}`,
    keys: ["Enter"],
    kind: "choice",
    disabled: !asked || (bounds.length === 0 && proposed === undefined),
    run: () => void answer({ action: bounds.length > 0 ? values : proposed }),
  };
  const choices = names.map(
    (name, action): Command => ({
      name: `correct.${name}`,
      label: name,
      keys: keys[action],
      kind: names.length <= 6 ? "choice" : "tool",
      disabled: !asked,
      run: () => void answer({ action }),
    }),
  );
  const turn = (j: number, share: number) => () => {
    const { low, high } = bounds[j];
    const next = [...values];
    next[j] = Math.min(high, Math.max(low, (next[j] ?? 0) + share * (high - low)));
    setValues(next);
  };
  const turns =
    bounds.length === 1
      ? [
          { name: "correct.less", label: "Less", keys: ["ArrowLeft"], run: turn(0, -0.1) },
          { name: "correct.more", label: "More", keys: ["ArrowRight"], run: turn(0, 0.1) },
        ]
      : [];
  const others = commonCommands("correct", connection, answer);
  useCommands([accept, ...choices, ...turns, ...others]);
  if (!asked) return null;
  const observation = asked.record.observation as number | number[];
  return (
    <section class="ask correct" data-question={asked?.id}>
      <h1>What should it do here?</h1>
      <div class="state">
        {images?.state ? (
          <Replay title="" images={images.state} frame={0} description="the state in question" />
        ) : images && !asked.film ? (
          <Numbers rows={[observation]} frame={0} names={overview?.names.observations} />
        ) : (
          <Replay title="" frame={0} description="the state in question" />
        )}
        {images?.trace && images.trace.length > 0 && (
          <ol class="trace" aria-label="The states before">
            {images.trace.map((image, i) => (
              <li key={i}>
                <Earlier image={image} />
              </li>
            ))}
          </ol>
        )}
      </div>
      {proposal !== undefined && (
        <p class="proposal">
          It would choose <b>{proposal}</b>.
        </p>
      )}
      {bounds.map(({ low, high }, j) => (
        <label key={j} class="slider">
          <span>{overview?.names.actions?.[j] ?? `action ${j}`}</span>
          <input
            type="range"
            min={low}
            max={high}
            step={(high - low) / 100}
            value={values[j] ?? 0}
            onInput={(event) =>
              setValues(values.map((x, i) => (i === j ? Number(event.currentTarget.value) : x)))
            }
          />
          <output>{format(values[j])}</output>
        </label>
      ))}
      <Commands label="Actions" commands={[accept, ...choices]} />
      <Commands label="More" commands={[...turns, ...others]} />
    </section>
  );
}

function Earlier({ image }: { image: HTMLImageElement }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => keepPainted(canvas.current!, image), [image]);
  return <canvas ref={canvas} role="img" aria-label="an earlier state" />;
}
