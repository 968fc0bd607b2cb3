/** The text of a module of esbuild, in which each `var` of the module that is never written again is a `const`. */
export function withConstants(text: string): string;
