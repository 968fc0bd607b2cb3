/** @file Demonstrate: a person plays the environment, or takes over from the agent, and keeps the episode. */

import { useEffect, useRef, useState } from "preact/hooks";
import { type Command, CommandButton, Commands, useCommands } from "../commands.js";
import type { Driver } from "../driver.js";
import { imageOf, keepPainted } from "../film.js";
import { actionKeys } from "../keys.js";
import { format, Numbers } from "../numbers.js";
import { newNonce } from "../outbox.js";
import { driverFrom, type Game, newGame } from "../play.js";
import { actionNamesOf, boundsOf, type ScreenProps } from "../screen.js";

const RATES = [2, 4, 8, 15, 30, 60];

/** The keys of a box of actions: a pair an entry. */
const PAIRS = [
  ["ArrowLeft", "ArrowRight"],
  ["ArrowDown", "ArrowUp"],
  ["a", "d"],
  ["f", "h"],
  ["j", "l"],
  ["c", "b"],
  ["1", "2"],
  ["3", "4"],
];

export function Demonstrate({ connection, session }: ScreenProps) {
  const { names, status } = session.overview!;
  const [game, setGame] = useState<Game>();
  const [failure, fail] = useState<string>();
  const [, redraw] = useState(0);
  const [isLive, setLive] = useState(false);
  const [isRunning, run] = useState(false);
  const [rate, setRate] = useState(15);
  const [showsReturn, setShowsReturn] = useState(false);
  const [agent, setAgent] = useState<Driver>();
  const [drives, setDrives] = useState(false);
  /** What is held down: an action, or the share of each entry of a box. */
  const held = useRef<{ action?: number; box: number[] }>({ box: [] });
  const changed = () => redraw((n) => n + 1);

  useEffect(() => {
    newGame(session.overview!, newNonce()).then(
      (made) => {
        setLive(made.environment.observationSpace.kind !== "discrete");
        const draft = connection.drafts.load();
        try {
          if (draft) made.resume(draft);
        } catch (error) {
          made.restart(newNonce());
          connection.say(`The episode that you began cannot be played on: ${(error as Error).message}`);
        }
        setGame(made);
      },
      (error: Error) => fail(error.message),
    );
  }, []);

  // Whoever leaves finds the episode here again, also after a reload.
  useEffect(() => {
    if (!game) return;
    const leave = () => connection.drafts.save(game.draft());
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", leave);
    return () => {
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", leave);
      leave();
    };
  }, [game]);
  useEffect(() => {
    if (game) connection.pend(game.steps > 0);
  }, [game, (game?.steps ?? 0) > 0]);

  const space = game?.environment.actionSpace;
  const actionNames = actionNamesOf(space, names.actions);
  const bounds = boundsOf(space);
  const noOp = actionNames.findIndex((name) => /nothing|stay|no-?op|idle/i.test(name));
  const heldAction = () =>
    bounds.length > 0
      ? bounds.map(({ low, high }, j) => {
          const share = held.current.box[j] ?? 0;
          return share === 0 ? Math.min(high, Math.max(low, 0)) : share < 0 ? low : high;
        })
      : (held.current.action ?? Math.max(0, noOp));

  const act = (action: number | number[], isPerson = true) => {
    if (!game || game.ending) return;
    game.act(action, isPerson);
    if (game.ending) run(false);
    changed();
  };

  useEffect(() => {
    if (!isRunning || !game) return;
    let isBusy = false;
    const timer = setInterval(async () => {
      if (isBusy || document.hidden) return;
      isBusy = true;
      try {
        if (drives && agent) act(await actionOf(agent, game), false);
        else act(heldAction());
      } finally {
        isBusy = false;
      }
    }, 1000 / rate);
    return () => clearInterval(timer);
  }, [isRunning, rate, game, drives, agent]);

  const restart = () => {
    game?.restart(newNonce());
    connection.drafts.save(undefined);
    run(false);
    changed();
  };
  const keep = (isBad = false) => {
    if (!game || game.steps === 0) return;
    const { seed, actions, total, byPerson, steps } = game;
    connection.demonstrate({
      seed,
      actions: actions.map((row) => [...row]),
      total,
      ...(byPerson.length < steps && { steps: [...byPerson] }),
      ...(isBad && { isBad }),
    });
    connection.say(isBad ? "Kept, and marked as bad: it has no weight." : "Kept.");
    restart();
  };

  const press = (change: (now: typeof held.current) => void) => {
    change(held.current);
    if (drives) setDrives(false);
    if (isLive) run(true);
    else act(heldAction());
  };
  const taken = [" ", "Backspace", "Enter", "x", "r", "v", "o", "p", "m", "t"];
  const keys = actionKeys(actionNames, taken);
  const discrete = actionNames.map(
    (name, action): Command => ({
      name: `demonstrate.${name}`,
      label: name,
      keys: keys[action],
      kind: actionNames.length <= 6 ? "choice" : "tool",
      disabled: game?.ending !== undefined,
      run: () => press((now) => Object.assign(now, { action })),
      release() {
        // Where no action does nothing, the last one goes on.
        if (held.current.action === action && noOp >= 0) held.current.action = undefined;
      },
    }),
  );
  const boxed = bounds.slice(0, PAIRS.length).flatMap((_, j) =>
    [-1, 1].map(
      (sign): Command => ({
        name: `demonstrate.${j}${sign < 0 ? "-" : "+"}`,
        label: `${names.actions?.[j] ?? `joint ${j + 1}`} ${sign < 0 ? "−" : "+"}`,
        keys: [PAIRS[j][sign < 0 ? 0 : 1]],
        kind: bounds.length <= 2 ? "choice" : "tool",
        disabled: game?.ending !== undefined,
        run: () => press((now) => Object.assign(now.box, { [j]: sign })),
        release() {
          held.current.box[j] = 0;
        },
      }),
    ),
  );
  const hasSteps = (game?.steps ?? 0) > 0;
  const ends: Command[] = [
    { name: "demonstrate.keep", label: "Keep", keys: ["Enter"], disabled: !hasSteps, run: () => keep() },
    { name: "demonstrate.discard", label: "Discard", keys: ["x"], disabled: !hasSteps, run: restart },
    {
      name: "demonstrate.undo",
      label: "Undo step",
      keys: ["Backspace"],
      disabled: !game?.canUndo,
      run() {
        run(false);
        game?.undo();
        changed();
      },
    },
    {
      name: "demonstrate.bad",
      label: "Keep as bad",
      keys: ["m"],
      disabled: !hasSteps,
      run: () => keep(true),
    },
  ];
  const driving: Command = {
    name: "demonstrate.agent",
    label: drives ? "Take over" : "Let the agent drive",
    keys: ["o"],
    run() {
      if (drives) return setDrives(false);
      const ready = agent ? Promise.resolve(agent) : connection.policy().then(driverFrom);
      ready.then(
        (policy) => {
          setAgent(policy);
          setLive(true);
          setDrives(true);
          run(true);
        },
        (error: Error) => connection.say(error.message),
      );
    },
  };
  const tools: Command[] = [
    {
      name: "demonstrate.pause",
      label: isRunning ? "Pause" : "Run",
      keys: [" "],
      disabled: !isLive || game?.ending !== undefined,
      run: () => run(!isRunning),
    },
    {
      name: "demonstrate.live",
      label: isLive ? "In real time" : "Step by step",
      keys: ["t"],
      run() {
        run(false);
        setLive(!isLive);
      },
    },
    {
      name: "demonstrate.rate",
      label: `${rate} steps a second`,
      keys: ["v"],
      disabled: !isLive,
      run: () => setRate(RATES[(RATES.indexOf(rate) + 1) % RATES.length]),
    },
    {
      name: "demonstrate.return",
      label: showsReturn ? "Hide return" : "Show return",
      keys: ["r"],
      run: () => setShowsReturn(!showsReturn),
    },
    // Without a run there is no agent.
    ...(status === "none" ? [] : [driving]),
  ];
  const actions = bounds.length > 0 ? boxed : discrete;
  useCommands([...actions, ...ends, ...tools]);

  if (failure) return <p class="note">This environment cannot be played here: {failure}</p>;
  if (!game) return <p class="wait">Loading the environment…</p>;
  return (
    <section class="ask demonstrate">
      <h1>Show how it is done</h1>
      <Stage game={game} />
      <p class="score" aria-live="off">
        Step {game.steps}
        {showsReturn && ` · return ${format(game.total)}`}
        {drives && " · the agent drives: any action takes over"}
      </p>
      {isLive && bounds.length === 0 && noOp < 0 && (
        <p class="note">In real time, the last action is held until another.</p>
      )}
      <output class="ending">
        {game.ending === "terminated" && "The episode has ended: keep it, or discard it."}
        {game.ending === "truncated" && "The time is up: keep it, or discard it."}
      </output>
      <Commands label="Actions" commands={actions} />
      <Commands label="Episode" commands={ends} />
      <div class="tools">
        {tools.map((command) => (
          <CommandButton key={command.name} command={command} />
        ))}
      </div>
    </section>
  );
}

/** The picture of the state, or its numbers. */
function Stage({ game }: { game: Game }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [image, setImage] = useState<HTMLImageElement>();
  const latest = useRef(0);
  const picture = game.picture();
  const svg = picture && "svg" in picture ? picture.svg : undefined;
  useEffect(() => {
    if (svg === undefined) return;
    const turn = ++latest.current;
    const made = imageOf(svg);
    made.decode().then(
      () => turn === latest.current && setImage(made),
      () => {},
    );
  }, [svg]);
  useEffect(() => (canvas.current ? keepPainted(canvas.current, image) : undefined), [image]);
  if (svg !== undefined) {
    return (
      <figure class="replay stage">
        <canvas ref={canvas} role="img" aria-label={`the environment after ${game.steps} steps`} />
      </figure>
    );
  }
  if (picture && "text" in picture) return <pre class="stage">{picture.text}</pre>;
  const row =
    typeof game.observation === "number" ? game.observation : Array.from(game.observation as Float32Array);
  return <Numbers rows={[row]} frame={0} />;
}

/** The mode of the agent. */
const actionOf = (agent: Driver, game: Game) => agent.action(game);
