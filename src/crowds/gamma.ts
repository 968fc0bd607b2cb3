/** @file The logarithm of the gamma function and its derivative, for arguments above 0. */

/** Above this argument, a few terms of the asymptotic series are exact to rounding [Abramowitz & Stegun 1964, 6.1.41, 6.3.18]. */
const LARGE = 10;

/** log Γ(x) for x > 0. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < LARGE; z++) shift -= Math.log(z);
  const y = 1 / (z * z);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}

/** ψ(x) = d log Γ(x) / dx for x > 0. */
export function digamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < LARGE; z++) shift -= 1 / z;
  const y = 1 / (z * z);
  return (
    shift + Math.log(z) - 0.5 / z - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))
  );
}
