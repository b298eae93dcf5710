import type { DoctorContext } from "./context.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Variables that send the providers' calls another way. Their values may hold passwords. */
const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"];

function namesOf(environment: DoctorContext["environment"], wanted: (name: string) => boolean): string[] {
  return Object.keys(environment)
    .filter((name) => wanted(name) && environment[name])
    .sort();
}

/** Tells which variables play a part, by their names alone. Those that set nothing are told with the configuration. */
export async function checkEnvironment({ environment }: Pick<DoctorContext, "environment">): Promise<Finding[]> {
  const own = namesOf(environment, (name) => name.startsWith("VIBECTL_"));
  const proxies = namesOf(environment, (name) => proxyVariables.includes(name));
  const summary = own.length > 0 ? `set: ${own.join(", ")}` : "no variable of vibectl's is set";
  const details = proxies.length > 0 ? [`Calls to providers heed ${proxies.join(", ")}`] : [];
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return [ok(summary, { details })];
  return [
    warning(summary, {
      details: [
        ...details,
        "NODE_TLS_REJECT_UNAUTHORIZED is 0: anybody on the way can pose as a provider, and read its key",
      ],
      hint: "Unset it; a provider's own CA goes into the file that NODE_EXTRA_CA_CERTS names.",
    }),
  ];
}
