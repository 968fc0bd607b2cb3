/** @file Notes on standard error. */

/** The stream that progress is written to, such as `process.stderr`. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** The beginning of a note on standard error. */
export const NOTE = "understudy-rl: note: ";

/** The stream of notes that a program without a stream of progress must learn too, such as that a file is damaged. */
export const notes: TextStream = { write: (text) => console.warn(`${NOTE}${text.trimEnd()}`) };
