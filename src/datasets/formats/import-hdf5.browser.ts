/** @file Imports `h5wasm`, which is in the bundle: a page has one copy. */

import { FormatError } from "../../errors.js";
import type * as node from "./import-hdf5.js";

export const importHdf5: typeof node.importHdf5 = async (copy) => {
  if (copy === 0) return import("h5wasm");
  throw new FormatError("an HDF5 file before this one broke the library: reload the page to read another");
};
