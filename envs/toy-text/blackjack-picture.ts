/** @file Draws the blackjack table as text and as SVG. */

const name = (card: number) => (card === 1 ? "A" : String(card));

const standing = (sum: number, over: boolean) => (sum > 21 ? ", bust" : over ? ", stuck" : "");

/** One line of text for an observation [player's sum, dealer's card, usable ace]; `over`: the hand has been played. */
export function tableText([sum, dealer, ace]: readonly number[], over: boolean): string {
  return `player ${sum}${ace ? " with a usable ace" : ""}${standing(sum, over)}; dealer shows ${name(dealer)}`;
}

/** An SVG of the dealer's two cards, one of them face down, and the player's sum. */
export function tablePicture([sum, dealer, ace]: readonly number[], over: boolean): string {
  const card = (x: number, fill: string, label: string) =>
    `<rect x="${x}" y="20" width="64" height="92" rx="8" fill="${fill}" stroke="#57606a" stroke-width="2"/>` +
    `<text x="${x + 32}" y="78" text-anchor="middle" font-size="32" fill="#24292f">${label}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" viewBox="0 0 300 200" font-family="sans-serif">`,
    `<rect width="300" height="200" fill="#dafbe1"/>`,
    card(24, "#ffffff", name(dealer)),
    card(104, "#57606a", ""),
    `<text x="190" y="72" font-size="18" fill="#24292f">dealer</text>`,
    `<text x="24" y="168" font-size="40" fill="${sum > 21 ? "#cf222e" : "#24292f"}">${sum}</text>`,
    `<text x="84" y="164" font-size="18" fill="#24292f">player${ace ? ", usable ace" : ""}${standing(sum, over)}</text>`,
    "</svg>",
  ].join("\n");
}
