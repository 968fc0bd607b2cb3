/** @file The episode that a person has begun and not kept: in the storage of the browser, so that leaving does not lose it. */

/** An episode by its seed and its actions, which give its states when they are played again. */
export interface Draft {
  seed: string;
  /** Flat rows. */
  actions: readonly number[][];
  /** The steps in which the person acted. */
  byPerson: readonly number[];
}

export interface Drafts {
  /** Stores the episode in place of the last one; undefined: there is none any more. */
  save(draft: Draft | undefined): void;
  load(): Draft | undefined;
}

/** @param owner whose it is: the person, the folder, and the environment with its options */
export function createDrafts(
  owner: string,
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
): Drafts {
  const key = `understudy-draft/${owner}`;
  return {
    save(draft) {
      if (draft) storage.setItem(key, JSON.stringify(draft));
      else storage.removeItem(key);
    },
    load() {
      const text = storage.getItem(key);
      return text === null ? undefined : (JSON.parse(text) as Draft);
    },
  };
}
