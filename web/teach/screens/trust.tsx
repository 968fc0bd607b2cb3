/** @file Trust: how each person answers, and whose answers are used. */

import type { Teacher } from "../../../src/teaching/wire.js";
import { format } from "../numbers.js";
import type { ScreenProps } from "../screen.js";

const percent = (share: number | undefined, of: number) =>
  share === undefined ? "–" : `${Math.round(100 * share)} % of ${of}`;

export function Trust({ connection, session }: ScreenProps) {
  const { teachers } = session.overview!;
  return (
    <section class="trust">
      <h1>Trust</h1>
      <p>
        About every tenth time, a person sees a question again, or one that another person has answered. These
        answers are compared here and teach the agent nothing.
      </p>
      {teachers.length === 0 && <p class="note">Nobody has answered yet.</p>}
      <div class="cards">
        {teachers.map((teacher) => (
          <Card key={teacher.name} teacher={teacher} connection={connection} />
        ))}
      </div>
    </section>
  );
}

function Card({ teacher, connection }: { teacher: Teacher } & Pick<ScreenProps, "connection">) {
  const { name, answers, skipped, demonstrations, consistency, repeats, agreement, shared, medianSeconds } =
    teacher;
  const facts: [string, string | number][] = [
    ["answers", answers - skipped],
    ["skipped", skipped],
    ["demonstrations", demonstrations],
    ["as before, on repeats", percent(consistency, repeats)],
    ["as others answered", percent(agreement, shared)],
    ["median time", medianSeconds === undefined ? "–" : `${format(medianSeconds)} s`],
    ["in less than 1 s", teacher.fast === undefined ? "–" : `${Math.round(100 * teacher.fast)} %`],
  ];
  const toggle = () =>
    connection.use(name, !teacher.isUsed).catch((error: Error) => connection.say(error.message));
  return (
    <article class={teacher.isUsed ? "card" : "card unused"}>
      <h2>{name}</h2>
      <dl>
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="tool" role="switch" aria-checked={!teacher.isUsed} onClick={toggle}>
        Do not use {teacher.isUsed ? "" : "(on)"}
      </button>
      {!teacher.isUsed && <p class="note">These answers are withdrawn. Switch it off to use them again.</p>}
    </article>
  );
}
