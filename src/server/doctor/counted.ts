/** How many there are of something, such as `1 model` or `3 models`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
