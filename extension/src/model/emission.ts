/**
 * X-ray emission lines of the elements, and the region of a spectrum around one.
 *
 * Energies of Ka1, Kb1 and La1 in eV, as in Elam, Ravel and Sieber, Radiation Physics
 * and Chemistry 63 (2002) 121, taken from XrayDB 4.5.8 (public domain); 0 where there
 * is none above 500 eV.
 */

const TABLE = `
  Na 1040 0 0, Mg 1254 1302 0, Al 1486 1557 0, Si 1740 1837 0,
  P 2010 2140 0, S 2310 2465 0, Cl 2622 2812 0, Ar 2958 3190 0,
  K 3314 3590 0, Ca 3692 4013 0, Sc 4093 4464 0, Ti 4512 4933 0,
  V 4953 5428 510, Cr 5415 5947 572, Mn 5900 6492 637, Fe 6405 7059 705,
  Co 6931 7649 775, Ni 7480 8267 849, Cu 8046 8904 928, Zn 8637 9570 1012,
  Ga 9251 10267 1098, Ge 9886 10982 1188, As 10543 11726 1282,
  Se 11224 12497 1379, Br 11924 13292 1481, Kr 12648 14112 1585,
  Rb 13396 14961 1692, Sr 14165 15835 1806, Y 14958 16739 1924,
  Zr 15775 17668 2044, Nb 16615 18625 2169, Mo 17480 19606 2292,
  Tc 18367 20626 2423, Ru 19279 21656 2558, Rh 20216 22724 2697,
  Pd 21177 23818 2838, Ag 22163 24941 2983, Cd 23173 26093 3133,
  In 24210 27275 3286, Sn 25271 28485 3444, Sb 26359 29725 3604,
  Te 27473 30993 3768, I 28612 32294 3938, Xe 29775 33620 4110,
  Cs 30973 34982 4285, Ba 32194 36378 4466, La 33442 37797 4647,
  Ce 34720 39256 4839, Pr 36027 40749 5035, Nd 37361 42272 5228,
  Pm 38725 43827 5432, Sm 40118 45414 5633, Eu 41542 47038 5850,
  Gd 42996 48695 6053, Tb 44482 50385 6273, Dy 45999 52113 6498,
  Ho 47547 53877 6720, Er 49128 55674 6949, Tm 50742 57505 7180,
  Yb 52388 59382 7416, Lu 54070 61290 7655, Hf 55790 63244 7899,
  Ta 57535 65222 8146, W 59318 67244 8398, Re 61141 69309 8652,
  Os 63000 71414 8911, Ir 64896 73560 9175, Pt 66831 75750 9442,
  Au 68806 77982 9713, Hg 70818 80255 9989, Tl 72872 82573 10269,
  Pb 74970 84939 10551, Bi 77107 87349 10839, Po 79291 89803 11131,
  At 81516 92304 11427, Rn 83785 94866 11727, Fr 86106 97474 12031,
  Ra 88478 100130 12339, Ac 90884 102846 12652, Th 93351 105605 12968,
  Pa 95868 108427 13291, U 98440 111303 13614
`;

export interface IEmission {
  element: string;
  /** As people write it: Kα, Kβ, Lα. */
  line: string;
  /** eV. */
  energy: number;
}

const NAMES = ['Kα', 'Kβ', 'Lα'];

export const emissions: IEmission[] = TABLE.trim()
  .split(/,\s+/)
  .flatMap(row => {
    const [element, ...energies] = row.split(' ');
    return energies
      .map((energy, i) => ({
        element,
        line: NAMES[i],
        energy: Number(energy)
      }))
      .filter(({ energy }) => energy > 0);
  });

/** Noise of a silicon drift detector, its Fano factor, energy per pair; eV. */
const NOISE = 80;
const FANO = 0.115;
const PAIR = 3.85;
const FWHM = 2 * Math.sqrt(2 * Math.log(2));

/** How wide a line is seen by a silicon drift detector, eV. */
export function widthAt(energy: number): number {
  return Math.sqrt(NOISE ** 2 + FWHM ** 2 * FANO * PAIR * energy);
}

/** How many eV a unit of an axis is; null where it is no energy. */
export function electronvolts(units: string | null): number | null {
  const known: Record<string, number> = { ev: 1, kev: 1000, mev: 1e6 };
  return known[(units ?? '').trim().toLowerCase()] ?? null;
}

/** The lines that lie whole inside a range, by element; energies in eV. */
export function emissionsIn(low: number, high: number): IEmission[] {
  return emissions.filter(({ energy }) => {
    const width = widthAt(energy);
    return energy - width >= low && energy + width <= high;
  });
}

/** The channels within a line's width of it; null where there are none. */
export function channelsOf(
  energy: number,
  positions: (number | null)[],
  unit: number
): [number, number] | null {
  const width = widthAt(energy);
  const inside = positions.flatMap((at, i) =>
    at !== null && Math.abs(at * unit - energy) <= width ? [i] : []
  );
  return inside.length ? [inside[0], inside[inside.length - 1] + 1] : null;
}
