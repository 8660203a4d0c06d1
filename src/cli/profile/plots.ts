import { xmlText } from "../reports/xml.ts";

/** What a plot shows: values in the order in which they came. */
export type Series = {
  /** What it is about, and the most of it; who does not see the plot has this instead. */
  readonly about: string;
  readonly points: readonly Point[];
  /** Says a value with its unit. */
  readonly said: (value: number) => string;
  /** What stands under the first and the last point. */
  readonly ends: readonly [string, string];
};

/** A value: it takes the width between where the one before it ends and `end`. */
export type Point = { readonly end: number; readonly value: number; readonly name: string };

const width = 720;
const height = 150;

/** Returns a plot of columns, side by side, as SVG. */
export function columnPlot(series: Series): string {
  const { points, said } = series;
  const most = Math.max(...points.map(({ value }) => value), 0);
  const last = points.at(-1)?.end ?? 1;
  const columns = points.map(({ end, value, name }, at) => {
    const left = ((points[at - 1]?.end ?? 0) / last) * width;
    const wide = (end / last) * width - left;
    const top = heightOf(value, most);
    const gap = wide > 4 ? 1 : 0;
    const rect =
      `<rect x="${short(left)}" y="${short(top)}" width="${short(Math.max(wide - gap, 0.5))}" ` +
      `height="${short(height - top)}">`;
    return `${rect}<title>${xmlText(`${name}: ${said(value)}`)}</title></rect>`;
  });
  return framed(series, columns.join("\n"));
}

/** Returns a plot of a level over time, as SVG. */
export function areaPlot(series: Series): string {
  const { points } = series;
  const most = Math.max(...points.map(({ value }) => value), 0);
  const last = points.at(-1)?.end ?? 1;
  const x = (end: number): string => short(last === 0 ? width : (end / last) * width);
  const line = points.map(({ end, value }) => `${x(end)} ${short(heightOf(value, most))}`);
  const first = x(points[0]?.end ?? 0);
  const area = `M${first} ${height} L${line.join(" L")} L${width} ${height} Z`;
  return framed(
    series,
    `<path class="area" d="${area}"/>\n<path class="line" d="M${line.join(" L")}"/>`,
  );
}

/** Returns a bar as wide as `part` of what there is. */
export function bar(part: number): string {
  const wide = short(100 * Math.min(Math.max(part, 0), 1));
  return (
    `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">` +
    `<rect class="rest" width="100" height="6"/><rect width="${wide}" height="6"/></svg>`
  );
}

function framed({ about, ends }: Series, inside: string): string {
  return [
    `<figure>`,
    `<figcaption>${xmlText(about)}</figcaption>`,
    `<svg class="plot" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" ` +
      `role="img" aria-label="${xmlText(about)}">`,
    inside,
    "</svg>",
    `<div class="ends"><span>${xmlText(ends[0])}</span><span>${xmlText(ends[1])}</span></div>`,
    "</figure>",
  ].join("\n");
}

function heightOf(value: number, most: number): number {
  return height - (most === 0 ? 0 : (value / most) * height);
}

function short(number: number): string {
  return String(Math.round(number * 100) / 100);
}
