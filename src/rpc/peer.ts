/**
 * Writes a caller's address the way addresses with a port are written.
 *
 * @param peer - What grpc-js says: `127.0.0.1:4242`, `::1:4242`, or `unknown`.
 * @returns Such as `127.0.0.1:4242` or `[::1]:4242`; an IPv4 address that came in through an IPv6 socket reads as IPv4.
 */
export function formatPeer(peer: string): string {
  const separator = peer.lastIndexOf(":");
  const host = peer.slice(0, separator);
  if (!host.includes(":")) {
    return peer;
  }
  const port = peer.slice(separator + 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  return mapped ? `${mapped[1]}:${port}` : `[${host}]:${port}`;
}
