/** The line of code that reads what the page shows; null is a whole axis. */
export function lineOfCode(
  scan: string,
  node: string,
  index: (number | null)[]
): string {
  const field = node ? `[${JSON.stringify(node)}]` : '';
  const parts = [...index];
  while (parts.length && parts[parts.length - 1] === null) {
    parts.pop();
  }
  const place = parts.map(part => part ?? ':').join(', ');
  const position = parts.length ? `[${place}]` : '';
  return `daisy.open(${JSON.stringify(scan)})${field}${position}`;
}

/** Whether a template is made for a technique. */
export function fits(template: string, technique: string): boolean {
  const [a, b] = [template.toLowerCase(), technique.toLowerCase()];
  return !!a && !!b && (a.startsWith(b) || b.startsWith(a));
}
