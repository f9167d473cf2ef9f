import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { UserError } from "../../../local/errors.ts";
import { isInTheWay, listeningSockets, requireFreePorts } from "../../../local/cluster/ports.ts";

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000`;

describe("ports the cluster needs", () => {
  it("are looked for among listening sockets, whatever the form of their address", () => {
    const table = [
      heading,
      line("0100007F:1388", "0A"),
      line("0100007F:1389", "01"),
      line("00000000000000000000000000000000:1388", "0A"),
      line("0000000000000000FFFF0000010012C6:1388", "0A"),
    ];
    assert.deepEqual(listeningSockets(table.join("\n")), [
      { address: "127.0.0.1", port: 5000, inode: "4711" },
      { address: "::", port: 5000, inode: "4711" },
      { address: "198.18.0.1", port: 5000, inode: "4711" },
    ]);
  });

  it("are taken by the same address or by every address, not by another one", () => {
    const wanted = { address: "198.18.0.1", port: 6443 };
    assert.equal(isInTheWay({ address: "198.18.0.1", port: 6443 }, wanted), true);
    assert.equal(isInTheWay({ address: "0.0.0.0", port: 6443 }, wanted), true);
    assert.equal(isInTheWay({ address: "::", port: 6443 }, wanted), true);
    assert.equal(isInTheWay({ address: "127.0.0.1", port: 6443 }, wanted), false);
    assert.equal(isInTheWay({ address: "0.0.0.0", port: 6444 }, wanted), false);
  });

  it("that are taken are named in one sentence, with who holds them and what to do", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(address !== null && typeof address === "object");
    const { port } = address;
    try {
      assert.throws(
        () => requireFreePorts("registry", [{ address: "127.0.0.1", port }]),
        (error) =>
          error instanceof UserError &&
          error.message.startsWith(`port ${port} on 127.0.0.1 is taken by `) &&
          error.message.includes(`(process ${process.pid})`) &&
          error.message.includes("the local cluster's registry needs it: stop that process"),
      );
    } finally {
      server.close();
      await once(server, "close");
    }
    requireFreePorts("registry", [{ address: "127.0.0.1", port }]);
  });
});
