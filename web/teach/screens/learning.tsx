/** @file Learning: the metrics of the run, as they come. */

import type { Curve } from "../../../src/teaching/wire.js";
import { format, Line } from "../numbers.js";
import type { ScreenProps } from "../screen.js";

/** What people look for first. */
const FIRST = ["return", "evaluation", "rewardAccuracy", "heldOutAccuracy", "comparisons", "answered"];

/** Words of a name in camel case. */
const spoken = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function Learning({ session }: ScreenProps) {
  const { curves, steps, status, course } = session.overview!;
  const rank = ({ name }: Curve) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  const shown = curves.filter(({ points }) => points.length > 0).sort((a, b) => rank(a) - rank(b));
  return (
    <section class="learning">
      <h1>Learning</h1>
      {shown.length === 0 ? (
        <p class="note">
          {status === "none"
            ? "There is no run here: train one on the demonstrations, and look at its folder."
            : "There is nothing to show yet: the run learns after the first answers."}
        </p>
      ) : (
        <p>{steps === undefined ? "" : `${steps.toLocaleString("en")} ${course?.unit ?? "steps"} so far.`}</p>
      )}
      <div class="charts">
        {shown.map(({ name, points }, i) => (
          <figure key={name} class="chart">
            <figcaption>
              {spoken(name)} <b>{format(points.at(-1)?.[1])}</b>
            </figcaption>
            <Line points={points} series={i % 7} />
            <p class="range">
              {format(Math.min(...points.map(([, y]) => y)))} to{" "}
              {format(Math.max(...points.map(([, y]) => y)))}
            </p>
          </figure>
        ))}
      </div>
    </section>
  );
}
