/** @file What stands in for the package `koffi` outside Node.js, where no native library can be called. */

export default undefined;
