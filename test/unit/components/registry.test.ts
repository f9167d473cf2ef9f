import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { registryProblem, registryUrl } from "../../../components/registry.ts";

describe("a registry", () => {
  const servers: net.Server[] = [];
  const sockets: net.Socket[] = [];

  async function listening(server: net.Server): Promise<string> {
    servers.push(server);
    server.on("connection", (socket: net.Socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `localhost:${(server.address() as AddressInfo).port}`;
  }

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  it("is asked without encryption on this machine only, as Docker does", () => {
    assert.equal(registryUrl("localhost:5000"), "http://localhost:5000/v2/");
    assert.equal(registryUrl("127.0.0.1:5000/team"), "http://127.0.0.1:5000/v2/");
    assert.equal(registryUrl("[::1]:5000"), "http://[::1]:5000/v2/");
    assert.equal(registryUrl("europe-docker.pkg.dev/project/images"), "https://europe-docker.pkg.dev/v2/");
    assert.equal(registryUrl("localhost.example:5000"), "https://localhost.example:5000/v2/");
  });

  it("is there when it answers anything, a refusal to tell more included", async () => {
    const asked: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(401).end();
    });
    const registry = await listening(server);
    assert.equal(await registryProblem(`${registry}/team`), undefined);
    assert.deepEqual(asked, ["/v2/"]);
  });

  it("is not there when nothing listens", async () => {
    const server = net.createServer();
    const registry = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    assert.match(
      (await registryProblem(registry)) ?? "",
      new RegExp(
        String.raw`^etcd:registry is "${registry}", but nothing answered at http://${registry}/v2/ within 3 s \(.*ECONNREFUSED.*\): ` +
          String.raw`start it, or type .pulumi config set etcd:registry HOST\[:PORT\]\[/PATH\]. with one that is reached from here\.$`,
      ),
    );
  });

  it("is not there when it is silent", async () => {
    const registry = await listening(net.createServer());
    assert.match((await registryProblem(registry, 100)) ?? "", /within 0\.1 s \(no answer\)/);
  });
});
