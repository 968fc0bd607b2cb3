/** @file Commands: buttons with their keys printed on them, which a press of the key does too. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { chooseKey, chosenKey, isUsable, printedKey } from "./keys.js";

export interface Command {
  /** Name of the command, under which a chosen key is remembered, such as `compare.left`. */
  name: string;
  label: string;
  /** The keys; the first is printed. */
  keys: readonly string[];
  run(): void;
  /** Called when the key goes up again. */
  release?(): void;
  disabled?: boolean;
  /** The main choices of a screen are large. */
  kind?: "choice" | "tool";
  pressed?: boolean;
}

/** Whether buttons, when they are pressed, take a new key. */
export const Rebinding = createContext({ isOn: false });

const keysOf = ({ name, keys }: Command): readonly string[] => {
  const chosen = chosenKey(name);
  return chosen === undefined ? keys : [chosen];
};

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, select, textarea");

/** Does the commands at their keys, while the screen is shown. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const { isOn } = useContext(Rebinding);
  // Before the buttons are painted, so that a key that is seen works.
  useLayoutEffect(() => {
    if (isOn) return;
    const find = (key: string) =>
      latest.current.find(
        (command) =>
          !command.disabled && keysOf(command).some((own) => own === key || own === key.toLowerCase()),
      );
    const down = (event: KeyboardEvent) => {
      const { key, repeat, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
      // A focused button does its own work at these.
      if ((key === "Enter" || key === " ") && target instanceof HTMLElement && target.matches("button, a"))
        return;
      const command = find(key);
      if (!command) return;
      event.preventDefault();
      if (!repeat) command.run();
    };
    const up = ({ key }: KeyboardEvent) => find(key)?.release?.();
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
    };
  }, [isOn]);
}

/** The button of a command. */
export function CommandButton({ command }: { command: Command }) {
  const { label, run, release, disabled, kind = "tool", pressed, name } = command;
  const { isOn } = useContext(Rebinding);
  const [isWaiting, wait] = useState(false);
  const [key] = keysOf(command);
  useLayoutEffect(() => {
    if (!isWaiting) return;
    const take = (event: KeyboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      if (isUsable(event.key)) chooseKey(name, event.key);
      wait(false);
    };
    addEventListener("keydown", take, { capture: true, once: true });
    return () => removeEventListener("keydown", take, { capture: true });
  }, [isWaiting]);
  const held = release && {
    onPointerDown: (event: PointerEvent) => {
      event.preventDefault();
      if (!isOn) run();
    },
    onPointerUp: release,
    onPointerLeave: release,
    onPointerCancel: release,
  };
  return (
    <button
      type="button"
      class={kind}
      disabled={disabled}
      data-command={name}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={key === " " ? "Space" : key}
      onClick={(event) => {
        if (isOn) return wait(true);
        // A held button has acted when it went down; a keyboard's click has no detail.
        if (!release || event.detail === 0) run();
        if (release && event.detail === 0) release();
      }}
      {...held}
    >
      <span>{label}</span>
      {key !== undefined && <kbd>{isWaiting ? "press a key" : printedKey(key)}</kbd>}
    </button>
  );
}

/** Buttons in a row. */
export function Commands({ commands, label }: { commands: readonly Command[]; label: string }) {
  return (
    <fieldset class="commands" aria-label={label}>
      {commands.map((command) => (
        <CommandButton key={command.name} command={command} />
      ))}
    </fieldset>
  );
}
