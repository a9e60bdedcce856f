/**
 * The body of a `tile` answer: length, JSON part, padding, codes; and so on.
 *
 * The codes are packed: each row as the difference to the one above it, deflated.
 */

import { ITile } from './types';

const HEAD = 4;
const CUT = 'the answer of the server is cut: try again';

export async function decodeTile(body: Uint8Array, start = 0): Promise<ITile> {
  const head = headAt(body, start);
  const packed = head && body.slice(head.end, head.end + head.bytes);
  if (!packed || packed.length < head.bytes) {
    throw new Error(CUT);
  }
  const codes = await inflated(packed);
  const columns = head.tile.shape[1];
  for (let i = columns; i < codes.length; i++) {
    codes[i] += codes[i - columns];
  }
  return { ...head.tile, codes };
}

async function inflated(
  packed: Uint8Array<ArrayBuffer>
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([packed]).stream();
  const plain = stream.pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(plain).arrayBuffer());
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
    const head = headAt(body, start);
    if (head && head.end + head.bytes < body.length) {
      previewed(await decodeTile(body, start));
      start = head.end + head.bytes;
    }
  }
}

function headAt(
  body: Uint8Array,
  start: number
): { tile: Omit<ITile, 'codes'>; end: number; bytes: number } | null {
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
  const { bytes, ...tile } = JSON.parse(new TextDecoder().decode(text));
  return { tile, end, bytes };
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
