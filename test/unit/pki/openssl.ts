/** Whether the openssl command is there. */
export const hasOpenssl = Bun.which("openssl") !== null;

/**
 * Lets openssl verify a leaf as a strict client does.
 *
 * @param options - Of `openssl verify`, beside `-x509_strict`.
 * @returns What it said, and whether it was content.
 */
export async function opensslVerify(bundle: string, certificate: string, options: string[] = []) {
  const command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", bundle, ...options];
  const child = Bun.spawn([...command, certificate], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { accepted: (await child.exited) === 0, said: stdout + stderr };
}
