/** @file Zip archives built by hand, in which every byte can be invalid. */

import { crc32, deflateRawSync } from "node:zlib";

interface Member {
  content: Uint8Array;
  deflated?: boolean;
  /** What is stored in place of the deflated content, and how long the content is said to be. */
  raw?: Uint8Array;
  size?: number;
}

/** An archive of these files. */
export function zipOf(members: Record<string, Member>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, { content, deflated = false, raw, size = content.length }] of Object.entries(members)) {
    const data = raw ?? (deflated ? new Uint8Array(deflateRawSync(content)) : content);
    const label = new TextEncoder().encode(name);
    const method = deflated || raw ? 8 : 0;
    const common = (view: DataView, from: number) => {
      view.setUint16(from, method, true);
      view.setUint32(from + 6, crc32(content), true);
      view.setUint32(from + 10, data.length, true);
      view.setUint32(from + 14, size, true);
      view.setUint16(from + 18, label.length, true);
    };
    const local = new Uint8Array(30 + label.length);
    const localView = new DataView(local.buffer);
    localView.setUint32(0, 0x04034b50, true);
    common(localView, 8);
    local.set(label, 30);
    const entry = new Uint8Array(46 + label.length);
    const entryView = new DataView(entry.buffer);
    entryView.setUint32(0, 0x02014b50, true);
    common(entryView, 10);
    entryView.setUint32(42, at, true);
    entry.set(label, 46);
    parts.push(local, data);
    directory.push(entry);
    at += local.length + data.length;
  }
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(10, directory.length, true);
  view.setUint32(16, at, true);
  const all = [...parts, ...directory, end];
  const file = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of all) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}
