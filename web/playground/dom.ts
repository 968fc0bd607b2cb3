/** @file The few functions with which the playground changes its page. */

/** The element with an id, which the page has. */
export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;

type Child = Node | string;

/** A new element, with properties and children. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A list to choose from, in groups. */
export function fillGroups(
  select: HTMLSelectElement,
  groups: Readonly<Record<string, readonly string[]>>,
): void {
  select.replaceChildren(
    ...Object.entries(groups)
      .filter(([, names]) => names.length > 0)
      .map(([label, names]) =>
        element("optgroup", { label }, ...names.map((name) => element("option", { value: name }, name))),
      ),
  );
}
