/** @file Imports `h5wasm`. */

import type * as h5 from "h5wasm";

/** The library; another copy of it for each number, as a module is evaluated once for each URL. */
export const importHdf5 = (copy: number): Promise<typeof h5> =>
  copy === 0 ? import("h5wasm") : import(`${import.meta.resolve("h5wasm")}?copy=${copy}`);
