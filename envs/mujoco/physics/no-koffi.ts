/** @file Replacement of the package `koffi` outside Node.js, where native libraries cannot be called. */

export default undefined;
