/** A configuration file that is refused. */
export interface MalformedFile {
  name: string;
  text: string;
  /** All that is said of it, and in that order; `FILE` is its name, and `…` is what is of no interest here. */
  problems: readonly string[];
}
