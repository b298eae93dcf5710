import { commit, version } from "../../version.ts";
import { type Finding, ok } from "./finding.ts";

/** Says what runs here. */
export async function checkVersion(): Promise<Finding[]> {
  return [ok(`vibectl-server ${version} (${commit}) on Bun ${Bun.version}, ${process.platform} ${process.arch}`)];
}
