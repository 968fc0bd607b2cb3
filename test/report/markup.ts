/** @file A strict parser of the reports' HTML and SVG: every tag closed, every attribute quoted. */

export interface Element {
  tag: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Text of the element and all below it, entities decoded. */
  text: string;
}

const voids = new Set(["meta", "br", "hr", "link", "img"]);
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function decode(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name) => {
    if (!(name in entities)) throw new Error(`a bare or unknown entity: ${whole}`);
    return entities[name];
  });
}

function attributesOf(source: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  const rest = source.replace(/\s+([\w:-]+)(?:="([^"<]*)")?/g, (_, name, value) => {
    if (name in attributes) throw new Error(`attribute ${name} twice in ${source}`);
    attributes[name] = decode(value ?? "");
    return "";
  });
  if (rest.trim() !== "" && rest.trim() !== "/") throw new Error(`malformed attributes: ${source}`);
  return attributes;
}

/** Parses markup into a tree. Throws where it is not well formed. */
export function parseMarkup(source: string): Element {
  const root: Element = { tag: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const tokens =
    /<!doctype html>|<style>[\s\S]*?<\/style>|<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>|([^<]+)|</g;
  for (const [token, slash, tag, rest, text] of source.matchAll(tokens)) {
    if (text !== undefined) {
      for (const element of open) element.text += decode(text);
    } else if (tag !== undefined && slash === "/") {
      const closed = open.pop();
      if (closed?.tag !== tag) throw new Error(`</${tag}> closes <${closed?.tag}>`);
    } else if (tag !== undefined) {
      const element: Element = { tag, attributes: attributesOf(rest), children: [], text: "" };
      open[open.length - 1].children.push(element);
      if (!rest.endsWith("/") && !voids.has(tag)) open.push(element);
    } else if (token === "<") throw new Error("a bare <");
  }
  if (open.length > 1) throw new Error(`<${open[open.length - 1].tag}> is never closed`);
  return root;
}

/** All elements below `element` for which `test` holds, in document order. */
export function findAll(element: Element, test: (element: Element) => boolean): Element[] {
  return element.children.flatMap((child) => [...(test(child) ? [child] : []), ...findAll(child, test)]);
}

export const byTag = (element: Element, tag: string) =>
  findAll(element, (candidate) => candidate.tag === tag);

/** Elements of the SVG group that Vega made for the mark of that name. */
export function markItems(element: Element, name: string): Element[] {
  const isMark = ({ attributes }: Element) => (attributes.class ?? "").split(" ").includes(name);
  return findAll(element, isMark).flatMap((group) => group.children);
}

/** The corner points of an SVG path made of straight lines, with relative moves resolved. */
export function pathPoints(d: string): [number, number][] {
  const points: [number, number][] = [];
  let [x, y] = [0, 0];
  for (const [, command, body] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const numbers = [...body.matchAll(/-?\d*\.?\d+(?:e-?\d+)?/g)].map(Number);
    if (command === "Z") continue;
    if (command === "h") x += numbers[0];
    else if (command === "v") y += numbers[0];
    else [x, y] = numbers.slice(-2);
    points.push([x, y]);
  }
  return points;
}
