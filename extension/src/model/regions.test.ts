import { describe, expect, it } from 'vitest';
import { History } from './history';
import { profileCsv, Regions, regionsFile, regionsOf } from './regions';
import {
  handlesOf,
  IRegion,
  moved,
  pointsInMiddle,
  resized,
  shapeKinds,
  withHandle,
  withoutPoint
} from './shapes';

function regions() {
  let list: IRegion[] = [];
  let axes: [number, number] = [1, 2];
  const made = new Regions({
    regions: () => list,
    axes: () => axes,
    frame: () => [100, 200],
    set: next => {
      list = next;
    }
  });
  return { made, turn: (to: [number, number]) => (axes = to) };
}

const box: [number, number, number, number] = [0, 100, 0, 200];

describe('regions', () => {
  it('are numbered, chosen when they are made, and taken back one by one', () => {
    const { made } = regions();
    made.addInMiddle('line', box);
    const ellipse = made.addInMiddle('ellipse', box);
    expect(made.all.map(r => r.name)).toEqual(['line 1', 'ellipse 2']);
    expect(made.current).toEqual(ellipse);
    expect(made.line?.name).toBe('line 1');

    made.undo();
    expect(made.all.length).toBe(1);
    made.redo();
    made.remove(1);
    expect(made.all.map(r => r.id)).toEqual([2]);
    made.undo();
    made.undo();
    made.undo();
    made.undo();
    expect(made.all).toEqual([]);
  });

  it('lose a corner only where a polygon is left', () => {
    const { made } = regions();
    const three = made.addInMiddle('polygon', box);
    const four = { ...three, points: [...three.points, { row: 1, column: 2 }] };
    const line = made.addInMiddle('line', box);

    expect(withoutPoint(four, 3)).toEqual(three);
    expect(withoutPoint(three, 0)).toBeNull();
    expect(withoutPoint(line, 0)).toBeNull();
  });

  it('that are moved in many steps go back in one', () => {
    const { made } = regions();
    const start = made.addInMiddle('rectangle', box);
    for (let i = 0; i < 5; i++) {
      made.move(made.current!, 1, 0);
    }
    made.resize(made.current!, 0, 3);
    expect(made.current!.points[0].row).toBe(start.points[0].row + 5);
    made.undo();
    made.undo();
    expect(made.current).toEqual(start);
  });

  it('are seen only on the axes that they were drawn on', () => {
    const { made, turn } = regions();
    made.addInMiddle('line', box);
    turn([0, 2]);
    expect([made.all.length, made.shown.length, made.line]).toEqual([
      1,
      0,
      null
    ]);
  });

  it('that are no shape yet are not kept', () => {
    const { made } = regions();
    made.take('polygon');
    made.sketch([
      { row: 1, column: 1 },
      { row: 2, column: 2 }
    ]);
    expect(made.finish()).toBeNull();
    expect([made.tool, made.draft, made.all]).toEqual([null, [], []]);
  });

  it.each(shapeKinds)('in the middle lie in what is shown: %s', kind => {
    for (const { row, column } of pointsInMiddle(kind, [10, 20, 30, 60])) {
      expect(row >= 10 && row <= 20 && column >= 30 && column <= 60).toBe(true);
    }
  });

  it.each(shapeKinds)('move without losing their form: %s', kind => {
    const { made } = regions();
    const region = made.addInMiddle(kind, box);
    const back = moved(moved(region, 3.25, -7), -3.25, 7);
    expect(back).toEqual(region);
  });

  const resizable = shapeKinds.filter(kind => kind !== 'pixels');
  it.each(resizable)('grow without losing their form: %s', kind => {
    const { made } = regions();
    const region = made.addInMiddle(kind, box);
    const grown = resized(region, 10, 10);
    const size = (r: IRegion) => {
      const rows = r.points.map(p => p.row);
      return Math.max(...rows) - Math.min(...rows);
    };
    expect(size(grown)).toBeGreaterThan(size(region) + 9);
    expect(resized(grown, -10, -10).points[0].row).toBeCloseTo(
      region.points[0].row,
      0
    );
  });

  it('keep the corner across when a corner of a box is dragged', () => {
    const { made } = regions();
    const region = made.addInMiddle('ellipse', box);
    const [, corner, , across] = handlesOf(region);
    const to = { row: corner.row - 5, column: corner.column + 5 };
    expect(withHandle(region, 1, to).points).toEqual([across, to]);
  });
});

describe('files of regions', () => {
  it('give back what was written', () => {
    const { made } = regions();
    made.addInMiddle('line', box);
    made.change({ ...made.current!, width: 7, name: '第一' });
    made.addInMiddle('polygon', box);
    const text = regionsFile('B7/a.nxs', 'entry/data', made.all);
    expect(regionsOf(text)).toEqual(made.all);
    expect(JSON.parse(text)).toMatchObject({
      scan: 'B7/a.nxs',
      dataset: 'entry/data'
    });
  });

  it('that are something else are refused with the reason', () => {
    const head = '{"format":"daisy-regions","regions":';
    const wrong: [string, RegExp][] = [
      ['{', /not a file of regions/],
      ['null', /"format" is missing/],
      ['{"format":"roi"}', /"format" is "roi"/],
      [`${head}[{"kind":"star"}]}`, /region 1 is of kind "star"/],
      [`${head}[{"kind":"line","points":[[1,2]]}]}`, /two points/],
      [`${head}[{"kind":"polygon","points":[[1,2],[3,4]]}]}`, /three or more/],
      [`${head}[{"kind":"line","points":[[1,2],[3,"4"]]}]}`, /two points/]
    ];
    for (const [text, told] of wrong) {
      expect(() => regionsOf(text)).toThrow(told);
    }
  });

  it('of a profile say where it lies, and leave out what is no data', () => {
    const { made } = regions();
    const line = made.addInMiddle('line', box);
    const none = {
      count: 0,
      masked: 0,
      mean: 1,
      std: 1,
      median: 1,
      minimum: 1,
      maximum: 1,
      sum: 1
    };
    const profile = { x: [0, 1], y: [5, null] };
    const text = profileCsv(line, { ...none, units: 'counts', profile });
    expect(text.split('\n')).toEqual([
      '# line 1: from row 50 column 60 to row 50 column 140, 1 wide',
      'distance (pixels),value (counts)',
      '0,5',
      '1,',
      ''
    ]);
  });
});

describe('history', () => {
  it('forgets what lies too far back, and what was taken back before a change', () => {
    const history = new History<number>(3);
    for (const state of [0, 1, 2, 3, 4]) {
      history.keep(state);
    }
    expect([5, 4, 3].map(now => history.undo(now))).toEqual([4, 3, 2]);
    expect([history.canUndo, history.undo(2)]).toEqual([false, 2]);
    expect(history.redo(2)).toBe(3);
    history.keep(3);
    expect(history.canRedo).toBe(false);
  });
});
