/** @file Home: what is open, who teaches, and the way to each screen. */

import { useState } from "preact/hooks";
import type { Invitation, Overview } from "../../../src/teaching/wire.js";
import { type Command, Commands, useCommands } from "../commands.js";
import { format } from "../numbers.js";
import type { ScreenProps } from "../screen.js";

const STATUS: Record<Exclude<Overview["status"], "stopped">, string> = {
  asking: "The run waits for answers.",
  learning: "The run learns from the answers so far.",
  ended: "The run has ended.",
  none: "There is no run: demonstrations are recorded.",
};

/** What the run does, in a sentence or two. */
export function statusText({ status, steps = 0, course, open }: Overview): string {
  if (status !== "stopped") return STATUS[status];
  const where = course
    ? ` at ${steps.toLocaleString("en")} of ${course.total.toLocaleString("en")} ${course.unit}`
    : "";
  const questions = open > 0 ? `, with ${open} open question${open === 1 ? "" : "s"}` : "";
  const how =
    course?.resume === undefined
      ? "resume it, and it goes on from here."
      : `resume it with: ${course.resume}`;
  return `The run stopped${where}${questions}. Your answers wait for it: ${how}`;
}

/** The screens with questions, by their kind. */
export const QUESTION_SCREENS: Record<string, { screen: string; label: string }> = {
  comparison: { screen: "compare", label: "Compare" },
  action: { screen: "correct", label: "Correct" },
  label: { screen: "label", label: "Label" },
};

export function Home({ connection, session, go }: ScreenProps) {
  const overview = session.overview!;
  const { asks, open, asked, answeredToday, teachers, me, title, algorithm, env, steps, summary } = overview;
  const mine = teachers.find(({ name }) => name === me);
  const others = teachers.filter(({ name }) => name !== me);
  const question = asks === undefined ? undefined : QUESTION_SCREENS[asks];
  const screens: [string, string, boolean][] = [
    [question?.screen ?? "compare", question?.label ?? "Questions", !question],
    ["demonstrate", "Demonstrate", overview.notPlayable !== undefined],
    ["trust", "Trust", false],
    ["learning", "Learning", false],
  ];
  const commands = screens.map(
    ([screen, label, disabled], i): Command => ({
      name: `home.${i + 1}`,
      label: i === 0 && open > 0 ? `${label} (${open} open)` : label,
      keys: [String(i + 1)],
      kind: "choice",
      disabled,
      run: () => go(screen),
    }),
  );
  useCommands(commands);
  return (
    <section class="home">
      <h1>{title}</h1>
      <p>
        {algorithm ? `${algorithm} on ${env}. ` : ""}
        {statusText(overview)}
      </p>
      {summary && <p class="note">The task: {summary}.</p>}
      {session.isPending && (
        <p class="note">An episode that you began waits in Demonstrate: keep it or discard it there.</p>
      )}
      <Commands label="Screens" commands={commands} />
      <dl class="facts">
        <Fact name="open questions" value={open} />
        <Fact name="asked so far" value={asked} />
        <Fact name="your answers today" value={answeredToday} />
        <Fact
          name="your median time"
          value={mine?.medianSeconds === undefined ? "–" : `${format(mine.medianSeconds)} s`}
        />
        {steps !== undefined && <Fact name="steps" value={steps.toLocaleString("en")} />}
      </dl>
      {overview.episodes.count > 0 && (
        <p>
          {overview.episodes.count} episode{overview.episodes.count === 1 ? " is" : "s are"} kept in{" "}
          <code>{overview.episodes.folder}</code>.
        </p>
      )}
      {overview.notPlayable && <p class="note">Demonstrate is not possible here: {overview.notPlayable}.</p>}
      {asks === "critique" && (
        <p class="note">
          These questions ask which steps are wrong: answer them at the console or through files.
        </p>
      )}
      <p>
        You are <b>{me}</b>.
        {others.length > 0 && ` Others who teach: ${others.map(({ name }) => name).join(", ")}.`}
      </p>
      <Invite connection={connection} />
    </section>
  );
}

const Fact = ({ name, value }: { name: string; value: string | number }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** A link for another person. */
function Invite({ connection }: Pick<ScreenProps, "connection">) {
  const [name, setName] = useState("");
  const [made, setMade] = useState<Invitation>();
  const submit = (event: Event) => {
    event.preventDefault();
    connection.invite(name).then(setMade, (error: Error) => connection.say(error.message));
  };
  return (
    <form class="invite" onSubmit={submit}>
      <label>
        Another person{" "}
        <input
          value={name}
          maxLength={40}
          autocomplete="off"
          placeholder="name"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="tool" disabled={name.trim() === ""}>
        Make a link
      </button>
      {made && (
        <output>
          For {made.name}, once: <code>{made.url}</code>
        </output>
      )}
    </form>
  );
}
