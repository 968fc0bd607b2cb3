/** @file Label: which class does this item belong to? */

import { useState } from "preact/hooks";
import { commonCommands, useAnswer } from "../asking.js";
import { type Command, Commands, useCommands } from "../commands.js";
import { printedKey } from "../keys.js";
import { Numbers } from "../numbers.js";
import type { ScreenProps } from "../screen.js";

export function Label({ connection, session }: ScreenProps) {
  const [asked] = session.questions;
  const answer = useAnswer(connection, asked);
  const classes = session.overview?.classes ?? [];
  const [previous, setPrevious] = useState<string>();
  const choices = classes.map(
    (name, label): Command => ({
      name: `label.${label}`,
      label: name,
      keys: label < 9 ? [String(label + 1)] : [],
      kind: "choice",
      disabled: !asked,
      run() {
        if (answer({ label })) setPrevious(name);
      },
    }),
  );
  const others = commonCommands("label", connection, answer);
  useCommands([...choices, ...others]);
  if (!asked) return null;
  const { content, item } = asked.record as { content: string | number[]; item: number };
  return (
    <section class="ask label" data-question={asked.id}>
      <h1>Which class is it?</h1>
      <div class="item">
        {typeof content === "string" ? <blockquote>{content}</blockquote> : <Item content={content} />}
        <p class="note">
          Item {item}
          {previous !== undefined && ` · before: ${previous} (${printedKey("z")} undoes it)`}
        </p>
      </div>
      <Commands label="Classes" commands={choices} />
      <Commands label="More" commands={others} />
    </section>
  );
}

/** Numbers: as a grey picture where they fill a square of at least 8 × 8, else as they are. */
function Item({ content }: { content: readonly number[] }) {
  const side = Math.sqrt(content.length);
  if (!Number.isInteger(side) || side < 8) return <Numbers rows={[content]} frame={0} />;
  const draw = (canvas: HTMLCanvasElement | null) => {
    if (!canvas) return;
    const context = canvas.getContext("2d")!;
    const pixels = context.createImageData(side, side);
    const [low, high] = [Math.min(...content), Math.max(...content)];
    for (const [i, value] of content.entries()) {
      const grey = (255 * (value - low)) / (high - low || 1);
      pixels.data.set([grey, grey, grey, 255], 4 * i);
    }
    context.putImageData(pixels, 0, 0);
  };
  return (
    <canvas
      class="pixels"
      width={side}
      height={side}
      ref={draw}
      role="img"
      aria-label="the item as a picture"
    />
  );
}
