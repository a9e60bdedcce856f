/** The line of code that reads what the page shows. */

export function lineOfCode(
  scan: string,
  node: string,
  index: number[]
): string {
  const field = node ? `[${JSON.stringify(node)}]` : '';
  const position = index.length ? `[${index.join(', ')}]` : '';
  return `daisy.open(${JSON.stringify(scan)})${field}${position}`;
}

/** Whether a template is made for a technique: `tomo` is `tomography`. */
export function fits(template: string, technique: string): boolean {
  const [a, b] = [template.toLowerCase(), technique.toLowerCase()];
  return !!a && !!b && (a.startsWith(b) || b.startsWith(a));
}
