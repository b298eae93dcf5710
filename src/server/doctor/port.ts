import { ListenError, systemCodeOf } from "../../errors.ts";
import { listen } from "../../rpc/listener.ts";
import { clientSettings } from "../client-trust-keeper.ts";
import type { LoadedContext } from "./context.ts";
import { type Finding, failed, failureOf, ok, warning } from "./finding.ts";
import { identifyPeer, type Peer } from "./identify.ts";

/** The address at which this machine itself reaches what listens at another. */
function dialled(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (bare === "0.0.0.0") return "127.0.0.1";
  return bare === "::" ? "::1" : bare;
}

/** The one that runs may have been started with TLS where the configuration says none, or the other way round. */
async function identify({ host, port, use_tls: tls }: { host: string; port: number; use_tls: boolean }): Promise<Peer> {
  const first = await identifyPeer({ host: dialled(host), port, tls });
  return first.kind === "other" ? await identifyPeer({ host: dialled(host), port, tls: !tls }) : first;
}

async function describeUse({ loaded }: Pick<LoadedContext, "loaded">, refusal: Finding): Promise<Finding> {
  const { server, tls } = loaded.configuration;
  const address = `${server.host}:${server.port}`;
  const peer = await identify(server);
  if (peer.kind === "vibectl-server") {
    return ok(`a vibectl-server${peer.version ? ` ${peer.version}` : ""} runs on ${address}`);
  }
  if (peer.kind === "guarded")
    return ok(`a server that asks for a token, as a vibectl-server does, runs on ${address}`);
  if (peer.kind === "reserved" && server.use_tls && clientSettings(tls)?.required) {
    const hint = "Show it a client's certificate: `vibectl-server check URL --client-cert FILE --client-key FILE`.";
    return warning(`a server that asks for a client's certificate runs on ${address}, as this one would`, { hint });
  }
  const way = `\`ss -ltnp 'sport = :${server.port}'\` names it.`;
  return failed(`${refusal.summary}, by something that is no vibectl-server`, {
    hint: `${refusal.hint ?? ""} ${way}`.trim(),
  });
}

/** Checks whether a server can listen where it is to, or what is there already. The port is let go of at once. */
export async function checkPort({ loaded }: Pick<LoadedContext, "loaded">): Promise<Finding[]> {
  const { host, port } = loaded.configuration.server;
  try {
    const listener = await listen({ host, port }, (connection) => connection.destroy());
    listener.destroyConnections();
    await listener.stop();
    return [ok(port === 0 ? `any free port of ${host}` : `${host}:${port} is free`)];
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const refusal = failureOf(error);
    return [systemCodeOf(error.cause) === "EADDRINUSE" ? await describeUse({ loaded }, refusal) : refusal];
  }
}
