/** Colour maps as tables of 256 RGBA values; code 0 has a colour of its own. */

export type MapName = 'grey' | 'viridis' | 'inferno';

type Colour = [number, number, number];

/** Shown where there is no data: in none of the maps. */
export const NO_DATA: Colour = [255, 0, 144];

/** Shown where the counter has reached its end: in none of the maps either. */
export const SATURATED: Colour = [0, 225, 255];

const HATCHED: [Colour, Colour] = [
  [116, 92, 148],
  [196, 178, 218]
];

const stops: Record<MapName, string[]> = {
  grey: ['000000', 'ffffff'],
  viridis: [
    '440154',
    '482878',
    '3e4989',
    '31688e',
    '26828e',
    '1f9e89',
    '35b779',
    '6ece58',
    'b5de2b',
    'fde725'
  ],
  inferno: [
    '000004',
    '1b0c41',
    '4a0c6b',
    '781c6d',
    'a52c60',
    'cf4446',
    'ed6925',
    'fb9b06',
    'f7d13d',
    'fcffa4'
  ]
};

export const mapNames = Object.keys(stops) as MapName[];

/** How the codes of a picture become colours. */
export interface IColours {
  map: MapName;
  /** What each code becomes first, for another contrast. */
  recoding?: Uint8Array | null;
  /** Whether code 255 is a saturated pixel. */
  saturated?: boolean;
  /** Whether pixels without data have a colour of their own. */
  marks?: boolean;
}

export function colourTable(colours: IColours): Uint8Array {
  const { map, recoding, saturated = false, marks = true } = colours;
  const table = new Uint8Array(256 * 4);
  for (let code = 0; code < 256; code++) {
    const place = ((recoding?.[code] ?? code) || 1) - 1;
    let colour = between(stops[map], place / 254);
    if (code === 0 && marks) {
      colour = NO_DATA;
    } else if (code === 255 && saturated) {
      colour = SATURATED;
    }
    table.set([...colour, 255], code * 4);
  }
  return table;
}

export function colourise(
  codes: Uint8Array,
  colours: IColours
): Uint8ClampedArray<ArrayBuffer> {
  const table = new Uint32Array(colourTable(colours).buffer);
  const pixels = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    pixels[i] = table[codes[i]];
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** All colours of a map between two places, in percent. */
export function gradient(name: MapName, from = 0, to = 100): string {
  const last = stops[name].length - 1;
  const colours = stops[name].map(
    (colour, i) => `#${colour} ${from + ((to - from) * i) / last}%`
  );
  return `linear-gradient(to right, ${colours.join(', ')})`;
}

function between(colours: string[], position: number): Colour {
  const at = position * (colours.length - 1);
  const left = Math.min(Math.floor(at), colours.length - 2);
  const [a, b] = [rgb(colours[left]), rgb(colours[left + 1])];
  return a.map((v, i) => Math.round(v + (b[i] - v) * (at - left))) as Colour;
}

function rgb(hex: string): Colour {
  return [0, 2, 4].map(i => parseInt(hex.slice(i, i + 2), 16)) as Colour;
}

/** Hatch what is missing, so that it cannot be taken for a measured value. */
export function hatch(
  colours: Uint8ClampedArray,
  codes: Uint8Array,
  columns: number
): void {
  const [dark, light] = HATCHED;
  for (let i = 0; i < codes.length; i++) {
    if (!codes[i]) {
      const stripe = ((i % columns) + Math.floor(i / columns)) % 8 < 4;
      colours.set(stripe ? dark : light, i * 4);
    }
  }
}
