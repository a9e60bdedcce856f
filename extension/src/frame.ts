/** The body of a `tile` answer: length, JSON part, padding, codes. */

import { ITile } from './types';

export function decodeTile(body: ArrayBuffer): ITile {
  const length = new DataView(body).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(body, 4, length));
  const start = Math.ceil((4 + length) / 8) * 8;
  const tile = JSON.parse(text) as Omit<ITile, 'codes'>;
  const [rows, columns] = tile.shape;
  return { ...tile, codes: new Uint8Array(body, start, rows * columns) };
}
