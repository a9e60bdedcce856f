import { describe, expect, it } from 'vitest';
import { fragmentOf, linkTo, lookOf, pathIn } from './link';
import { IRegion } from './shapes';
import { freshLook, ILook } from './look';

const region: IRegion = {
  id: 1,
  name: 'beam: 第一 & more',
  kind: 'line',
  points: [
    { row: 1.5, column: -2 },
    { row: 30, column: 4.25 }
  ],
  width: 5,
  axes: [1, 2]
};

const look: ILook = {
  ...freshLook,
  node: 'entry/data/my data',
  viewer: 'Frames',
  axes: [1, 2],
  position: [12, 512, 600],
  lo: -1.5,
  hi: 2e6,
  scale: 'log',
  map: 'inferno',
  box: [0, 10, 5, 50],
  bin: 4,
  square: true,
  marks: false,
  turn: { quarters: 3, mirrored: true },
  project: { how: 'std', axis: 0, first: 2, end: 9 },
  against: { kind: 'minus', other: 'data/B7/p/raw/a: b.nxs' },
  regions: [region]
};

describe('links', () => {
  it('give back what is shown', () => {
    const text = fragmentOf({ look, viewer: 'Frames', drawn: [1, 2] });
    expect(text).toContain('path=/entry/data/my+data&i=12&viewer=Frames');
    const { look: found, problems } = lookOf(`#${text}`);
    expect(problems).toEqual([]);
    const { tile, eachFrame, along, position, ...rest } = look;
    expect([tile, eachFrame, along, position.length]).toEqual([
      null,
      false,
      null,
      3
    ]);
    expect(found).toEqual({ ...rest, position: [12] });
  });

  it('of a plain view are short', () => {
    const plain = {
      ...freshLook,
      node: 'data',
      axes: [0, 1] as [number, number]
    };
    expect(fragmentOf({ look: plain, viewer: 'Frames', drawn: [0, 1] })).toBe(
      'path=/data&viewer=Frames&axes=0,1'
    );
  });

  it('tell what they say wrong, and do the rest', () => {
    const wrong =
      '#i=-1&viewer=Film&axes=2,2&lo=x&map=pink&box=9,3,0,4&turn=7&project=max:0:4:4&region=star:1,0,1,2,3:a&hi=5';
    const { look: found, problems } = lookOf(wrong);
    expect(found).toEqual({ hi: 5, regions: [] });
    expect(problems).toHaveLength(9);
    expect(problems[0]).toBe('i=-1');
  });

  it('lead behind a hub to the server of whoever reads them', () => {
    const place = { origin: 'https://a', base: '/user/li/', hub: '/hub/' };
    expect(linkTo(place, 'data/B7/a b.nxs', false, 'i=3')).toBe(
      'https://a/hub/user-redirect/lab/tree/data/B7/a%20b.nxs#i=3'
    );
    const alone = { origin: 'http://h', base: '/', hub: '' };
    expect(linkTo(alone, 'data/tiff', true, 'i=3')).toBe(
      'http://h/lab?daisy=data%2Ftiff#i=3'
    );
  });

  it('name a file or a folder', () => {
    expect(pathIn('/lab/workspaces/x/tree/data/a%20b.nxs?reset')).toEqual({
      path: 'data/a b.nxs',
      folder: false
    });
    expect(pathIn('/lab?daisy=data%2F%E6%89%AB&reset#i=1')).toEqual({
      path: 'data/扫',
      folder: true
    });
    expect(pathIn('/lab')).toBeNull();
    expect(pathIn('/lab/tree/100%')).toBeNull();
  });
});
