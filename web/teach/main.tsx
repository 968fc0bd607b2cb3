/** @file The page where people teach: finds the screen that the address names, and shows it. */

import { render } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { undoCommand } from "./asking.js";
import { Commands, Rebinding, useCommands } from "./commands.js";
import { type Connection, connect } from "./connection.js";
import type { ScreenProps } from "./screen.js";
import { Compare } from "./screens/compare.js";
import { Correct } from "./screens/correct.js";
import { Demonstrate } from "./screens/demonstrate.js";
import { Home, QUESTION_SCREENS, statusText } from "./screens/home.js";
import { Label } from "./screens/label.js";
import { Learning } from "./screens/learning.js";
import { Trust } from "./screens/trust.js";

const SCREENS: Record<string, (props: ScreenProps) => preact.ComponentChild> = {
  home: Home,
  compare: Compare,
  correct: Correct,
  label: Label,
  demonstrate: Demonstrate,
  trust: Trust,
  learning: Learning,
};

const screenIn = (hash: string) => (hash.slice(1) in SCREENS ? hash.slice(1) : "home");

function App({ connection }: { connection: Connection }) {
  const [session, setSession] = useState(connection.state());
  const [screen, setScreen] = useState(screenIn(location.hash));
  const [isOn, rebind] = useState(false);
  useLayoutEffect(() => connection.onChange(() => setSession(connection.state())), []);
  useLayoutEffect(() => {
    const blur = () => document.activeElement instanceof HTMLElement && document.activeElement.blur();
    const turn = () => {
      // The keys belong to the screen, and not to the link that led there.
      blur();
      connection.say("");
      setScreen(screenIn(location.hash));
    };
    // Nor to the link or button that was touched last; a keyboard's click has no detail.
    const touched = ({ detail, target }: MouseEvent) => {
      if (detail > 0 && target instanceof Element && target.closest("a, button")) blur();
    };
    addEventListener("click", touched);
    addEventListener("hashchange", turn);
    const home = (event: KeyboardEvent) => {
      if (event.key === "Escape") location.hash = "home";
    };
    addEventListener("keydown", home);
    return () => {
      removeEventListener("hashchange", turn);
      removeEventListener("click", touched);
      removeEventListener("keydown", home);
    };
  }, []);
  const rebinding = useMemo(() => ({ isOn }), [isOn]);
  const go = (name: string) => {
    location.hash = name;
  };
  const { overview, notice, waiting, isOnline, isPending, isFinished, closed, questions } = session;
  const saved = isFinished ? "finished" : isPending ? "episode not kept" : "saved";
  const question = overview?.asks && QUESTION_SCREENS[overview.asks];
  const links: [string, string][] = [
    ["home", "Home"],
    ...(question ? [[question.screen, question.label] as [string, string]] : []),
    ...(overview?.notPlayable === undefined ? [["demonstrate", "Demonstrate"] as [string, string]] : []),
    ["trust", "Trust"],
    ["learning", "Learning"],
  ];
  const asksHere = ["compare", "correct", "label"].includes(screen);
  const Screen = SCREENS[screen];
  return (
    <Rebinding.Provider value={rebinding}>
      <header>
        <nav aria-label="Screens">
          {links.map(([name, label]) => (
            <a key={name} href={`#${name}`} aria-current={name === screen ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <p class="state">
          {asksHere && overview && <span>{Math.max(0, overview.open)} open</span>}
          <span class={isOnline ? "online" : "offline"}>
            {isOnline ? (waiting > 0 ? `${waiting} to send` : saved) : `offline, ${waiting} kept here`}
          </span>
        </p>
      </header>
      <main>
        {closed ? (
          <p class="note">{closed}</p>
        ) : asksHere && questions.length === 0 ? (
          <Nothing connection={connection} session={session} screen={screen} go={go} />
        ) : (
          <Screen connection={connection} session={session} go={go} />
        )}
      </main>
      <footer>
        <output class="notice" aria-live="polite">
          {isFinished ? "The run has finished. Thank you." : notice}
        </output>
        <button type="button" class="tool" aria-pressed={isOn} onClick={() => rebind(!isOn)}>
          {isOn ? "Done: keys are changed" : "Change keys"}
        </button>
        {isOn && <p class="note">Press a button, and then the key that it is to have.</p>}
      </footer>
    </Rebinding.Provider>
  );
}

/** While there is no question. */
function Nothing({ connection, session, screen, go }: ScreenProps & { screen: string }) {
  const { overview, isOnline, waiting } = session;
  const hasOthers = overview?.teachers.some(({ name }) => name !== overview.me);
  const asking =
    overview && overview.open > 0
      ? hasOthers
        ? "Others have the open questions, or the next one is on its way."
        : "The next question is on its way."
      : "The next questions are being made.";
  const undo = undoCommand(screen, connection);
  useCommands([undo]);
  const why: Record<string, string> = {
    asking: waiting > 0 ? "Sending your answers…" : asking,
    learning: "The agent learns from what you said. The next questions come by themselves.",
    ended: "The run has finished. Thank you.",
    // While the server is away too: it comes back when the run is resumed.
    stopped: overview ? statusText(overview) : "",
    none: "Nothing is asked here: demonstrate instead.",
  };
  return (
    <section class="nothing">
      <h1>No question now</h1>
      <output>
        {isOnline || overview?.status === "stopped"
          ? why[overview?.status ?? "none"]
          : "The server cannot be reached."}
      </output>
      {!undo.disabled && <Commands label="More" commands={[undo]} />}
      <p>
        <button type="button" class="tool" onClick={() => go("learning")}>
          See how it learns
        </button>
      </p>
    </section>
  );
}

const app = document.getElementById("app")!;
connect().then(
  (connection) => {
    app.textContent = "";
    render(<App connection={connection} />, app);
  },
  (error: Error) => {
    app.textContent = `The page cannot start: ${error.message}`;
  },
);
