/** @file Serves pages to a browser on this machine. */

import { createServer, type RequestListener } from "node:http";
import { UsageError } from "../src/errors.js";

export interface PageServer {
  /** The address of the first page. */
  readonly url: string;
  close(): void;
}

/**
 * Serves at 127.0.0.1.
 *
 * @param port 0: any that is free
 * @throws UsageError when the port is not free
 */
export async function serve(answer: RequestListener, port: number): Promise<PageServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === "EADDRINUSE" ? "it is in use" : cause.message;
      reject(new UsageError(`port ${port} cannot be served: ${reason}; give another with --port`, { cause }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
