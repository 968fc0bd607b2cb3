/** @file Finds the expert zoo of this package from a page. */

import { assetAt } from "../assets.js";
import { served } from "./served.js";

/** The folder of experts: among the assets, or where the package is served as it is, beside `dist`. */
export async function packagedExperts() {
  // A variable keeps bundlers from looking for a module at this address, which starts from dist/browser.
  const here = import.meta.url;
  return served("loadExpert", assetAt("experts/") ?? new URL("../../experts/", here));
}
