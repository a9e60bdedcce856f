/** Regions over a picture: drawn, moved and resized with the mouse or the keyboard. */

import * as React from 'react';
import { Regions } from '../model/regions';
import { edgesOf, isPainted, runsOf } from '../model/paint';
import {
  boundsOf,
  describeRegion,
  handlesOf,
  hasOwnPoints,
  IRegion,
  moved,
  ShapeKind,
  withHandle,
  withoutPoint
} from '../model/shapes';
import { IFit, IPoint } from '../model/zoom';
import { follow } from './picture';

const HANDLE = 8;
const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1]
};

interface IProps {
  regions: Regions;
  fit: IFit;
}

export function RegionLayer({ regions, fit }: IProps): React.ReactElement {
  const { tool, draft } = regions;
  return (
    <g
      role="group"
      aria-label="Regions"
      className={tool ? 'jp-mod-drawing' : ''}
    >
      {regions.shown.map(region => (
        <Shape key={region.id} regions={regions} fit={fit} region={region} />
      ))}
      {tool && draft.length > 0 && (
        <g className="jp-Daisy-draft">
          <Outline kind={tool} points={draft} fit={fit} open />
        </g>
      )}
    </g>
  );
}

function Shape(props: IProps & { region: IRegion }): React.ReactElement {
  const { regions, fit, region } = props;
  const group = React.useRef<SVGGElement>(null);
  const chosen = regions.selected === region.id;
  React.useEffect(() => {
    if (regions.fresh === region.id) {
      regions.fresh = null;
      group.current?.focus();
    }
  }, []);
  const drag = (
    event: React.PointerEvent,
    changed: (from: IPoint, to: IPoint) => IRegion
  ) => {
    if (event.button !== 0 || event.shiftKey) {
      return;
    }
    event.stopPropagation();
    regions.select(region.id);
    group.current?.focus();
    const bounds = group.current!.ownerSVGElement!.getBoundingClientRect();
    const at = (e: { clientX: number; clientY: number }) =>
      fit.point(e.clientX - bounds.left, e.clientY - bounds.top);
    const from = at(event);
    const label = `drag ${event.timeStamp}`;
    follow(event, e => regions.change(changed(from, at(e)), label));
  };
  const keys = (event: React.KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const far = event.altKey ? 10 : 1;
    if (arrow) {
      const [rows, columns] = arrow.map(n => n * far);
      if (event.shiftKey) {
        regions.resize(region, rows, columns);
      } else {
        regions.move(region, rows, columns);
      }
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      regions.remove(region.id);
    } else if (event.key === 'Escape') {
      regions.select(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const painted = region.kind === 'pixels';
  const [top, , left] = boundsOf(region);
  const [x, y] = fit.screen({ row: top, column: left });
  const shape = (
    <g
      ref={group}
      role="button"
      tabIndex={0}
      aria-label={`${region.name}: ${describeRegion(region)}. Arrow keys move it${painted ? '' : ', with Shift they resize it'}, Delete removes it.`}
      aria-pressed={chosen}
      className={`jp-Daisy-shape ${chosen ? 'jp-mod-chosen' : ''} ${painted ? 'jp-mod-painted' : ''}`}
      onFocus={() => chosen || regions.select(region.id)}
      onKeyDown={keys}
      onPointerDown={event =>
        drag(event, (from, to) =>
          moved(region, to.row - from.row, to.column - from.column)
        )
      }
    >
      <Outline
        kind={region.kind}
        points={region.points}
        width={region.width}
        fit={fit}
      />
      <text x={x} y={y - 5}>
        {region.name}
      </text>
    </g>
  );
  return (
    <>
      {shape}
      {chosen &&
        handlesOf(region).map((point, i) => (
          <Handle
            key={i}
            {...{ regions, fit, region, point, i }}
            pressed={event => drag(event, (_, to) => withHandle(region, i, to))}
            left={() => group.current?.focus()}
          />
        ))}
      {chosen && painted && (
        <Pen {...props} left={() => group.current?.focus()} />
      )}
    </>
  );
}

/** Paints by the keyboard, a pixel at a time. */
function Pen(
  props: IProps & { region: IRegion; left: () => void }
): React.ReactElement {
  const { regions, fit, region, left } = props;
  const [at, setAt] = React.useState(region.points[0]);
  const there = isPainted(runsOf(region.points), at);
  const keys = (event: React.KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const paint = (erase: boolean) =>
      regions.paint(at, at, `pen ${event.timeStamp}`, { size: 1, erase });
    if (arrow) {
      const [rows, columns] = arrow.map(n => n * (event.altKey ? 10 : 1));
      setAt(
        regions.inFrame({ row: at.row + rows, column: at.column + columns })
      );
    } else if (event.key === ' ' || event.key === 'Enter') {
      paint(there);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      paint(true);
    } else if (event.key === 'Escape') {
      left();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <path
      className="jp-Daisy-pen"
      d={pathOf('rectangle', pixelAt(at), fit)}
      role="button"
      tabIndex={0}
      aria-pressed={there}
      aria-label={`Pen of ${region.name} at row ${at.row}, column ${at.column}. Arrow keys move it, Space paints this pixel or rubs it out.`}
      onKeyDown={keys}
    />
  );
}

function pixelAt({ row, column }: IPoint): IPoint[] {
  return [
    { row, column },
    { row: row + 1, column: column + 1 }
  ];
}

interface IHandleProps extends IProps {
  region: IRegion;
  point: IPoint;
  i: number;
  pressed: (event: React.PointerEvent) => void;
  /** The focus goes back to the shape. */
  left: () => void;
}

/** Where a shape is taken; beside it in the page, since a button holds no other. */
function Handle(props: IHandleProps): React.ReactElement {
  const { regions, fit, region, point, i, pressed, left } = props;
  const [at, down] = fit.screen(point);
  const keys = (event: React.KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const [rows, columns] = arrow.map(n => n * (event.altKey ? 10 : 1));
      const to = { row: point.row + rows, column: point.column + columns };
      regions.change(withHandle(region, i, to), `point ${i} of ${region.id}`);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      const fewer = withoutPoint(region, i);
      if (fewer) {
        regions.change(fewer);
        left();
      }
    } else if (event.key === 'Escape') {
      left();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const name = region.kind === 'line' ? 'End' : 'Corner';
  const byKey = hasOwnPoints(region) && {
    role: 'button',
    tabIndex: 0,
    'aria-label': `${name} ${i + 1} of ${region.name}. Arrow keys move it${
      withoutPoint(region, i) ? ', Delete removes it' : ''
    }.`,
    onKeyDown: keys
  };
  return (
    <rect
      className="jp-Daisy-shapeHandle"
      x={at - HANDLE / 2}
      y={down - HANDLE / 2}
      width={HANDLE}
      height={HANDLE}
      onPointerDown={pressed}
      // the shape keeps the focus that it was given
      onMouseDown={event => event.preventDefault()}
      {...byKey}
    />
  );
}

interface IOutlineProps {
  kind: ShapeKind;
  points: IPoint[];
  fit: IFit;
  width?: number;
  open?: boolean;
}

/** Twice, dark below bright: seen on any picture. */
function Outline(props: IOutlineProps): React.ReactElement | null {
  const { kind, points, fit, width = 1, open } = props;
  const path = pathOf(kind, points, fit, open);
  const line = kind === 'pixels' ? edgePath(points, fit) : path;
  const wide = kind === 'line' && width > 1 ? stripOf(points, width, fit) : '';
  return (
    <>
      {wide && <path className="jp-Daisy-strip" d={wide} />}
      <path className="jp-Daisy-shapeReach" d={path} />
      <path className="jp-Daisy-shapeDark" d={line} />
      <path className="jp-Daisy-shapeBright" d={line} />
    </>
  );
}

/** Around painted pixels, not between them. */
export function edgePath(points: IPoint[], fit: IFit): string {
  return edgesOf(runsOf(points))
    .map(([a, b]) => `M${fit.screen(a).join()}L${fit.screen(b).join()}`)
    .join('');
}

function pathOf(
  kind: ShapeKind,
  points: IPoint[],
  fit: IFit,
  open = false
): string {
  const joined = (some: IPoint[]) =>
    some.map(p => fit.screen(p).join()).join('L');
  if (kind === 'line' || (kind === 'polygon' && open)) {
    return `M${joined(points)}`;
  }
  if (kind === 'polygon') {
    return `M${joined(points)}Z`;
  }
  if (kind === 'pixels') {
    const runs = points.flatMap((p, i) => (i % 2 ? [] : [[p, points[i + 1]]]));
    return runs.map(run => `M${joined(boxOf(run))}Z`).join('');
  }
  const corners = boxOf(points);
  if (kind === 'rectangle') {
    return `M${joined(corners)}Z`;
  }
  return `M${joined(ringOf(corners))}Z`;
}

function boxOf(points: IPoint[]): IPoint[] {
  const [a, b] = [points[0], points[points.length - 1]];
  return [
    a,
    { row: a.row, column: b.column },
    b,
    { row: b.row, column: a.column }
  ];
}

/** An ellipse as many short lines: it is turned and stretched like the picture. */
function ringOf([a, , b]: IPoint[]): IPoint[] {
  return Array.from({ length: 72 }, (_, i) => {
    const angle = (i / 36) * Math.PI;
    return {
      row: (a.row + b.row) / 2 + (Math.sin(angle) * (b.row - a.row)) / 2,
      column:
        (a.column + b.column) / 2 +
        (Math.cos(angle) * (b.column - a.column)) / 2
    };
  });
}

function stripOf(points: IPoint[], width: number, fit: IFit): string {
  const [a, b] = [points[0], points[points.length - 1]];
  const length = Math.hypot(b.row - a.row, b.column - a.column) || 1;
  const across = {
    row: ((-(b.column - a.column) / length) * width) / 2,
    column: (((b.row - a.row) / length) * width) / 2
  };
  const beside = (p: IPoint, side: number): IPoint => ({
    row: p.row + side * across.row,
    column: p.column + side * across.column
  });
  const corners = [beside(a, 1), beside(b, 1), beside(b, -1), beside(a, -1)];
  return `M${corners.map(p => fit.screen(p).join()).join('L')}Z`;
}
