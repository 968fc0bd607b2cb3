/** @file Leaves the messages of other languages out of zod: those of this package are in English. */

export const lighterZod = {
  name: "zod in English",
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};
