/** @file Where a page fetches the files that its bundler does not serve beside the script. */

let base: string | undefined;

/**
 * Sets the address of a folder that `npx understudy-rl assets FOLDER` wrote and the page's server serves. The worker,
 * the runtime, the physics engine and the experts are fetched from there. Without it they are fetched from beside the
 * script, where Vite and webpack put them.
 *
 * @param address relative to the page; undefined: from beside the script again
 */
export function useAssets(address: string | URL | undefined): void {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  base = address === undefined ? undefined : new URL(String(address).replace(/\/*$/, "/"), page).href;
}

/** The absolute address of a file in the folder of {@link useAssets}; undefined without one. */
export const assetAt = (name: string): string | undefined => base && new URL(name, base).href;
