/** @file The version of this package, which the build writes into the bundle for browsers. */

declare const PACKAGE_VERSION: string;

export const packageVersion = (): string => PACKAGE_VERSION;
