/** The body of a `tile` answer: length, JSON part, padding, codes; and so on. */

import { ITile } from './types';

const HEAD = 4;
const CUT = 'the answer of the server is cut: try again';

/** Where the tile that begins at *start* ends; null while that is not known. */
export function endOfTile(body: Uint8Array, start = 0): number | null {
  const head = headAt(body, start);
  if (!head) {
    return null;
  }
  const [rows, columns] = head.tile.shape;
  return head.end + rows * columns;
}

export function decodeTile(body: Uint8Array, start = 0): ITile {
  const head = headAt(body, start);
  if (!head) {
    throw new Error(CUT);
  }
  const [rows, columns] = head.tile.shape;
  const codes = body.slice(head.end, head.end + rows * columns);
  if (codes.length < rows * columns) {
    throw new Error(CUT);
  }
  return { ...head.tile, codes };
}

/** Read an answer while it comes in: what comes before the last tile is a preview. */
export async function readTiles(
  stream: ReadableStream<Uint8Array>,
  previewed: (tile: ITile) => void
): Promise<ITile> {
  const reader = stream.getReader();
  let body = new Uint8Array(0);
  let start = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return decodeTile(body, start);
    }
    body = joined(body, value);
    const end = endOfTile(body, start);
    if (end !== null && end < body.length) {
      previewed(decodeTile(body, start));
      start = end;
    }
  }
}

function headAt(
  body: Uint8Array,
  start: number
): { tile: Omit<ITile, 'codes'>; end: number } | null {
  if (body.length < start + HEAD) {
    return null;
  }
  const view = new DataView(body.buffer, body.byteOffset + start);
  const length = view.getUint32(0, true);
  const text = body.subarray(start + HEAD, start + HEAD + length);
  if (text.length < length) {
    return null;
  }
  const end = start + Math.ceil((HEAD + length) / 8) * 8;
  return { tile: JSON.parse(new TextDecoder().decode(text)), end };
}

function joined(
  first: Uint8Array,
  second: Uint8Array
): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
