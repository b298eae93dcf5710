import bash from "./completion/vibectl-server.bash" with { type: "text" };
import fish from "./completion/vibectl-server.fish" with { type: "text" };
import zsh from "./completion/vibectl-server.zsh" with { type: "text" };

/** The shells that there is a script for. */
export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/**
 * The scripts that teach a shell to complete this program's command lines. Each asks the program itself, as
 * `completion SHELL -- WORD…`, and has the shell evaluate nothing of what stands on the command line. The answer has a line
 * for each candidate, with its description behind a tab, or the one line `:files` or `:folders`.
 */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
