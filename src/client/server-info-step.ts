import type { GetServerInfoResponse, ServerLimits } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { FirstAnswer } from "./authentication-step.ts";
import { explainCall } from "./call-failure.ts";
import { printable } from "./display-text.ts";
import type { Finding } from "./step.ts";

function describeLimits(limits: ServerLimits | undefined): string[] {
  const lines: ReadonlyArray<readonly [string, number | undefined]> = [
    ["requests a minute", limits?.maxRequestsPerMinute],
    ["requests at a time", limits?.maxConcurrentRequests],
    ["characters a request", limits?.maxInputLength],
    ["seconds a request", limits?.requestTimeoutSeconds],
  ];
  const set = lines.flatMap(([what, limit]) => (limit === undefined ? [] : [`${limit} ${what}`]));
  return [`Limits: ${set.join(", ") || "none told"}`];
}

/**
 * Reads what the server says of itself.
 *
 * @throws StepFailure when it did not say.
 */
export function serverInfoStep(answer: FirstAnswer): Finding<GetServerInfoResponse> {
  if (!answer.answered) throw explainCall(answer.failure, "GetServerInfo");
  const { info } = answer;
  const build = info.buildVersion === "" ? "" : ` ${printable(info.buildVersion, 64)}`;
  const version = printable(info.serverVersion, 64) || "an unknown version";
  return {
    outcome: "ok",
    summary: `${printable(info.serverName, 64) || "a server without a name"}${build}, for vibectl ${version}`,
    details: [`Default model: ${printable(info.defaultModel) || "none"}`, ...describeLimits(info.limits)],
    value: info,
  };
}
