import { nearestName } from "../nearest.ts";
import type { Contradiction } from "./consistency/contradiction.ts";
import { findContradictions } from "./consistency.ts";
import { namesBelow } from "./keys.ts";
import type { Layered } from "./layers.ts";
import { describeIssue, type Problem, type SchemaIssue } from "./problems.ts";
import { type Configuration, configurationSchema } from "./schema.ts";
import { type Issue, issuesIn } from "./schema-issues.ts";
import { formatPath, type Section, valueAt, withoutValues } from "./tree.ts";

/** What the schema says of a content. */
interface Validation {
  /** Undefined where there are problems. */
  configuration: Configuration | undefined;
  problems: Problem[];
  /** Unknown keys, where they are let pass. */
  warnings: Problem[];
}

type Issues = readonly Issue[];
type Path = readonly PropertyKey[];

/** Most rounds of taking out what is wrong to see what else is. */
const mostRounds = 20;

/** An issue with a list is with all of it. */
function outsideLists(content: Section, path: Path): Path {
  const depth = path.findIndex((_, index) => Array.isArray(valueAt(content, path.slice(0, index))));
  return depth < 0 ? path : path.slice(0, depth);
}

/** The keys that issues are about. */
function pathsOf(issues: Issues, content: Section): Path[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key]);
    return [outsideLists(content, issue.path)];
  });
}

/** The content without what the schema complains of, as far as it can be had that way. */
function withoutWrong(content: Section, issues: Issues): Section {
  let rest = content;
  let left = issues;
  for (let round = 0; round < mostRounds && left.length > 0; round++) {
    rest = withoutValues(rest, pathsOf(left, rest));
    left = issuesIn(configurationSchema, rest);
  }
  return rest;
}

/** The keys that are wrong by themselves; a key that there is none of is wrong in the place of the one that was meant. */
function wrongKeys(issues: Issues, content: Section): Set<string> {
  const paths = pathsOf(issues, content).map((path) => {
    const name = nearestName(String(path.at(-1)), namesBelow(path.slice(0, -1)));
    return name === undefined ? path : [...path.slice(0, -1), name];
  });
  return new Set(paths.map(formatPath));
}

/** Whether a contradiction is news, and not of a key that is wrong by itself. */
function isNews({ about }: Contradiction, wrong: ReadonlySet<string>): boolean {
  return !about.some((path) => path.some((_, depth) => wrong.has(formatPath(path.slice(0, depth + 1)))));
}

/**
 * Validates what the layers say: each value by itself, and then all together.
 *
 * @param lenient - Whether unknown keys are warnings.
 */
export function validate({ content, originOf }: Layered, { lenient }: { lenient: boolean }): Validation {
  const issues = issuesIn(configurationSchema, content);
  const isPassed = ({ code }: SchemaIssue) => lenient && code === "unrecognized_keys";
  const describe = (issue: SchemaIssue) => describeIssue(issue, content, originOf);
  const wrong = issues.filter((issue) => !isPassed(issue));
  const { data } = configurationSchema.safeParse(withoutWrong(content, issues));
  const names = wrongKeys(wrong, content);
  const contradictions = (data ? findContradictions(data) : []).filter((each) => isNews(each, names));
  const problems = [
    ...wrong.flatMap(describe),
    ...contradictions.map(({ path, text }) => ({ place: originOf(path), text })),
  ];
  const warnings = issues.filter(isPassed).flatMap(describe);
  if (problems.length === 0 && !data) throw new TypeError("A configuration without problems was not accepted");
  return { configuration: problems.length === 0 ? data : undefined, problems, warnings };
}
