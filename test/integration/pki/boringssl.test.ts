import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Chain, makeConstrainedChains, makePrivateChains } from "./issued-chains.ts";

const top = temporaryFolder();

function identityOf({ chainFile, rootFile }: Chain) {
  const key = readFileSync(chainFile.replace(/\.crt$/, ".key"));
  return { cert: readFileSync(chainFile), key, ca: readFileSync(rootFile) };
}

/** What each side says of the other in a handshake; undefined where it is content. */
async function shakeHands(server: Chain, client: Chain, servername: string) {
  const complaint = ({ authorized, authorizationError }: TLSSocket) => (authorized ? undefined : authorizationError);
  const ofClient = Promise.withResolvers<unknown>();
  const options = { ...identityOf(server), requestCert: true, rejectUnauthorized: false };
  const listener = createServer(options, (socket) => {
    ofClient.resolve(complaint(socket));
    socket.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const ofServer = Promise.withResolvers<unknown>();
  const target = { host: "127.0.0.1", port, servername, rejectUnauthorized: false };
  const socket = connect({ ...identityOf(client), ...target }, () => ofServer.resolve(complaint(socket)));
  socket.on("error", ofServer.reject);
  const complaints = { ofServer: await ofServer.promise, ofClient: await ofClient.promise };
  socket.destroy();
  listener.close();
  return complaints;
}

// BoringSSL is in this runtime and in grpcio, which is what vibectl dials with. It has rules of its own for names.
test("BoringSSL takes a server and a client of a private CA", async () => {
  const { server, client } = await makePrivateChains(join(top, "plain"), "p256");
  for (const name of ["server.example.org", "instance.wild.example.org", "xn--bcher-kva.example"]) {
    expect(await shakeHands(server, client, name)).toEqual({ ofServer: undefined, ofClient: undefined });
  }
});

test("BoringSSL takes a server and a client of a CA with name constraints, and refuses a name outside", async () => {
  const { inside, domain, client } = await makeConstrainedChains(join(top, "constrained"));
  const complaints = await shakeHands(inside, client, "server.example.org");
  expect(complaints).toEqual({ ofServer: undefined, ofClient: undefined });
  const outside = await shakeHands(domain, client, "server.example.com");
  expect(outside).toEqual({ ofServer: expect.anything(), ofClient: undefined });
});
