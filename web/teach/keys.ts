/** @file The keys of commands: defaults, the keys that a person has chosen instead, and how they are printed. */

/** How a key is printed on a button. */
export function printedKey(key: string): string {
  const printed: Record<string, string> = {
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    " ": "Space",
    Backspace: "⌫",
    Escape: "Esc",
  };
  return printed[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** Keys that are spoken for in every screen. */
const RESERVED = new Set(["Tab", "Shift", "Control", "Alt", "Meta", "Escape"]);

export const isUsable = (key: string): boolean => !RESERVED.has(key);

const DIRECTIONS: readonly [RegExp, readonly string[]][] = [
  [/\b(left|west|back)\b/, ["ArrowLeft", "a"]],
  [/\b(right|east|forth)\b/, ["ArrowRight", "d"]],
  [/\b(up|north|forward)\b/, ["ArrowUp", "w"]],
  [/\b(down|south)\b/, ["ArrowDown", "s"]],
  [/\b(nothing|stay|no-?op|idle)\b/, ["0", "n"]],
];

/**
 * The keys of actions: arrows and letters for directions, digits for others.
 *
 * @param taken keys of other commands of the screen
 */
export function actionKeys(names: readonly string[], taken: readonly string[] = []): string[][] {
  const used = new Set(taken);
  const claim = (keys: readonly string[]) => {
    const free = keys.filter((key) => !used.has(key));
    for (const key of free) used.add(key);
    return free;
  };
  const found = names.map((name) => {
    const [, keys] = DIRECTIONS.find(([pattern]) => pattern.test(name.toLowerCase())) ?? [];
    return keys ? claim(keys) : [];
  });
  const digits = "123456789qertyuiopfghjklcvbm".split("");
  return found.map((keys) => {
    if (keys.length > 0) return keys;
    const next = digits.find((key) => !used.has(key));
    return next === undefined ? [] : claim([next]);
  });
}

const PREFIX = "understudy/keys/";

/** The key that a person has chosen for a command; undefined if none. */
export const chosenKey = (command: string): string | undefined =>
  globalThis.localStorage?.getItem(PREFIX + command) ?? undefined;

export const chooseKey = (command: string, key: string): void => localStorage.setItem(PREFIX + command, key);
