/**
 * @file The mutants of a source file: small changes, each of which the tests should notice. A mutant replaces one range
 * of the text. Types, imports, messages of errors and schemas of options are left as they are: the compiler and the
 * generated reference pages check those.
 */

import { createHash } from "node:crypto";
import ts from "typescript-5";

const { SyntaxKind: K } = ts;

/** @typedef {{ id: string, file: string, line: number, column: number, start: number, end: number, operator: string, before: string, after: string }} Mutant */

const ARITHMETIC = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*" };
const ASSIGNMENT = { "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=" };
const NEGATED = {
  "<": ">=",
  ">": "<=",
  "<=": ">",
  ">=": "<",
  "===": "!==",
  "!==": "===",
};
const BOUNDARY = { "<": "<=", ">": ">=", "<=": "<", ">=": ">" };
const LOGICAL = { "&&": "||", "||": "&&" };
/** Functions of `Math`, of tensors and of arrays, and the ones that they are confused with. */
const CONFUSED = {
  min: "max",
  max: "min",
  minimum: "maximum",
  maximum: "minimum",
  floor: "ceil",
  ceil: "floor",
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  less: "greater",
  greater: "less",
  mean: "sum",
  sum: "mean",
  some: "every",
  every: "some",
};
/** Functions of `Math` and of tensors whose call can be replaced by their argument. */
const DROPPED = new Set(
  "abs exp log log1p expm1 sqrt square neg round sign tanh sigmoid softplus stopGradient softmax logSoftmax".split(
    " ",
  ),
);
/** Methods of arrays that can be left out. */
const OMITTED = new Set("filter sort reverse slice".split(" "));
const COMMUTES = new Set("add mul min max minimum maximum hypot".split(" "));

const isText = (node) =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

/** Whether a call belongs to a schema of options: its chain starts at `z` or has a description. */
function isSchema(node) {
  for (let at = node; ts.isCallExpression(at) || ts.isPropertyAccessExpression(at); at = at.expression) {
    if (ts.isPropertyAccessExpression(at)) {
      if (at.name.text === "describe") return true;
      if (ts.isIdentifier(at.expression) && at.expression.text === "z") return true;
    }
  }
  return false;
}

const isLeft = (node) =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isThrowStatement(node) ||
  isText(node) ||
  (ts.isCallExpression(node) && isSchema(node));

const leaves = (statement) =>
  statement &&
  (ts.isReturnStatement(statement) ||
    ts.isThrowStatement(statement) ||
    ts.isContinueStatement(statement) ||
    ts.isBreakStatement(statement) ||
    (ts.isBlock(statement) && statement.statements.length === 1 && leaves(statement.statements[0])));

/** Whether an expression is the header of a loop: `i++` there counts, and its bound cannot be passed by typed arrays. */
const inLoopHeader = (node) =>
  ts.isForStatement(node.parent) && (node.parent.condition === node || node.parent.incrementor === node);

/**
 * The mutants of a TypeScript file, in order of their place.
 *
 * @param {string} file the path, for reports.
 * @param {string} text
 * @returns {Mutant[]}
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const version = createHash("sha1").update(file).update(text).digest("hex");
  const found = new Map();

  const textOf = (node) => text.slice(node.getStart(source), node.end);
  function add(node, operator, after) {
    const [start, before] = [node.getStart(source), textOf(node)];
    if (after === before) return;
    const key = `${start} ${node.end} ${after}`;
    if (found.has(key)) return;
    const { line, character } = source.getLineAndCharacterOfPosition(start);
    const id = createHash("sha1").update(version).update(key).digest("hex").slice(0, 12);
    found.set(key, {
      id,
      file,
      line: line + 1,
      column: character + 1,
      start,
      end: node.end,
      operator,
      before,
      after,
    });
  }
  const safe = (node) =>
    ts.isParenthesizedExpression(node) || simple(node) ? textOf(node) : `(${textOf(node)})`;
  const simple = (node) =>
    ts.isIdentifier(node) ||
    ts.isNumericLiteral(node) ||
    ts.isCallExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node);

  function binary(node) {
    const { left, operatorToken, right } = node;
    const operator = operatorToken.getText(source);
    const [a, b] = [textOf(left), textOf(right)];
    const joined = (sign) => `${a} ${sign} ${b}`;
    if (ARITHMETIC[operator]) {
      add(node, "arithmetic sign", joined(ARITHMETIC[operator]));
      if (operator === "/") add(node, "swapped operands", `${safe(right)} / ${safe(left)}`);
      if (operator === "-") add(node, "swapped operands", `${safe(right)} - ${safe(left)}`);
      add(node, operator === "+" || operator === "-" ? "dropped term" : "dropped factor", a);
      if (operator === "+" || operator === "*") {
        add(node, operator === "+" ? "dropped term" : "dropped factor", b);
      }
    }
    if (ASSIGNMENT[operator]) {
      add(node, "arithmetic sign", joined(ASSIGNMENT[operator]));
      add(node, "overwritten", joined("="));
    }
    if (NEGATED[operator]) add(node, "comparison", joined(NEGATED[operator]));
    if (BOUNDARY[operator] && !inLoopHeader(node)) add(node, "boundary", joined(BOUNDARY[operator]));
    if (LOGICAL[operator]) {
      add(node, "logic", `${safe(left)} ${LOGICAL[operator]} ${safe(right)}`);
      if (operator === "&&" && !ts.isObjectLiteralExpression(right)) {
        add(node, "dropped condition", a);
        add(node, "dropped condition", b);
      }
    }
    if (operator === "??") {
      add(node, "default", a);
      add(node, "default", b);
    }
  }

  function call(node) {
    const { expression, arguments: given } = node;
    const member = ts.isPropertyAccessExpression(expression) && expression.name.text;
    const name = member || (ts.isIdentifier(expression) && expression.text);
    const of = member && ts.isIdentifier(expression.expression) && expression.expression.text;
    const known = of === "Math" || of === "t" || (of === false && member) || !member;
    if (
      known &&
      member &&
      CONFUSED[name] &&
      (of === "Math" || of === "t" || ["some", "every"].includes(name))
    ) {
      add(expression.name, "confused function", CONFUSED[name]);
    }
    if ((of === "Math" || of === "t") && DROPPED.has(name)) add(node, "dropped call", textOf(given[0]));
    if ((of === "Math" || of === "t") && given.length === 2 && !ts.isSpreadElement(given[0])) {
      if (["add", "sub", "mul", "div", "min", "max", "minimum", "maximum"].includes(name)) {
        add(node, "dropped argument", textOf(given[0]));
        if (COMMUTES.has(name)) add(node, "dropped argument", textOf(given[1]));
      }
    }
    if (member && OMITTED.has(name) && of !== "t") add(node, "dropped call", textOf(expression.expression));
    const [first, second] = given;
    const alike = (x) => x && (ts.isIdentifier(x) || ts.isPropertyAccessExpression(x));
    const arranged =
      of === "t" ? ["sub", "div", "less", "greater"].includes(name) && second : alike(first) && alike(second);
    if (arranged && !COMMUTES.has(name)) {
      const rest = given.slice(2).map((x) => `, ${textOf(x)}`);
      add(
        node,
        "swapped arguments",
        `${textOf(expression)}(${textOf(second)}, ${textOf(first)}${rest.join("")})`,
      );
    }
  }

  function number(node) {
    if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return;
    const value = Number(node.text);
    const other = Number.isInteger(value) && value < 1e6 ? String(value + 1) : String(2 * value);
    add(node, "constant", other);
    if (value === 1) add(node, "constant", "0");
  }

  function visit(node) {
    if (isLeft(node)) {
      // Conditions on texts are kept, what is inside is not.
      return;
    }
    if (ts.isBinaryExpression(node)) binary(node);
    else if (ts.isCallExpression(node)) call(node);
    else if (ts.isNumericLiteral(node)) number(node);
    else if (node.kind === K.TrueKeyword) add(node, "boolean", "false");
    else if (node.kind === K.FalseKeyword) add(node, "boolean", "true");
    else if (ts.isConditionalExpression(node)) {
      add(
        node,
        "swapped branches",
        `${textOf(node.condition)} ? ${textOf(node.whenFalse)} : ${textOf(node.whenTrue)}`,
      );
    } else if (ts.isPrefixUnaryExpression(node)) {
      if (node.operator === K.MinusToken && !ts.isNumericLiteral(node.operand)) {
        add(node, "dropped negation", textOf(node.operand));
      }
      if (node.operator === K.ExclamationToken) add(node, "dropped negation", textOf(node.operand));
    } else if (ts.isPostfixUnaryExpression(node) && !inLoopHeader(node)) {
      add(
        node,
        "arithmetic sign",
        `${textOf(node.operand)}${node.operator === K.PlusPlusToken ? "--" : "++"}`,
      );
    } else if (ts.isIfStatement(node)) {
      if (leaves(node.thenStatement) && !node.elseStatement) add(node, "removed early exit", ";");
      else {
        add(node.expression, "condition", "true");
        add(node.expression, "condition", "false");
      }
    } else if (ts.isExpressionStatement(node)) add(node, "removed statement", ";");
    ts.forEachChild(node, visit);
  }
  visit(source);
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The text of a file with a mutant in it. */
export const mutated = (text, { start, end, after }) => text.slice(0, start) + after + text.slice(end);
