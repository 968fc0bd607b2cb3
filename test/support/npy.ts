/** @file Arrays in numpy's format, built by hand. */

/** An `.npy` file of version 1. */
export function npy(header: string, data: Uint8Array | ArrayBufferView, version = 1): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const prefix = version === 1 ? 10 : 12;
  const text = new TextEncoder().encode(`${header}\n`);
  const file = new Uint8Array(prefix + text.length + bytes.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  file.set(text, prefix);
  file.set(bytes, prefix + text.length);
  return file;
}
