import { expect, it } from "vitest";
import { withConstants } from "../../tools/constants.mjs";

it("writes a variable of a module that is set once as a constant", () => {
  expect(withConstants("var a = 1, b = () => a;\nvar { x, y: [z] } = f();\nexport { a };\n")).toBe(
    "const a = 1, b = () => a;\nconst { x, y: [z] } = f();\nexport { a };\n",
  );
});

it.each([
  ["is assigned", "a = 2;"],
  ["is assigned by a function", "function f() { a ||= 2; }"],
  ["is counted", "a++;"],
  ["is counted down before use", "--a;"],
  ["is the target of a pattern", "[{ k: a }] = [{}];"],
  ["is the target of the rest of a pattern", "[...a] = [];"],
  ["is the variable of a loop", "for (a of [1]);"],
  ["is declared again", "var a = 2;"],
])("leaves one that %s", (_, writes) => {
  expect(withConstants(`var a = 1;\n${writes}`)).toBe(`var a = 1;\n${writes}`);
});

it("divides a statement of both, and leaves those without a value and those of functions and loops", () => {
  expect(withConstants("var a = 1, b, c = 3, d = 4;\nd++;\nfor (var i = 0; i < 2; i++) { var e = 1; }")).toBe(
    "const a = 1;\nvar b;\nconst c = 3;\nvar d = 4;\nd++;\nfor (var i = 0; i < 2; i++) { var e = 1; }",
  );
});
