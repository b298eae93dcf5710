import type { Socket } from "node:net";
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js";
import { type Handshake, openTls } from "./tls-handshake.ts";

type ConnectorArguments = Parameters<ChannelCredentials["_createSecureConnector"]>;
type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/**
 * Credentials of a channel whose server is verified by {@link openTls}. Those of grpc-js give Bun's TLS an IP address as
 * server name, which it refuses; here names and addresses both work, and both are verified.
 */
export class VerifiedCredentials extends ChannelCredentials {
  constructor(private readonly handshake: Handshake) {
    super();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(...[, , callCredentials]: ConnectorArguments): Connector {
    return {
      connect: async (socket: Socket) => ({ socket: await openTls(socket, this.handshake), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      // It holds nothing: grpc-js closes the sockets.
      destroy: () => undefined,
    };
  }
}
