import assert from "node:assert/strict";
import grpc from "@grpc/grpc-js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import type { Provider } from "../../../local/plugins/rpc/provider.ts";
import { providerPlugin } from "../../../local/plugins/rpc/provider-service.ts";
import { toStruct } from "../../../local/plugins/rpc/values.ts";

type Client = InstanceType<typeof providerService.ResourceProviderClient>;

describe("a plugin", () => {
  const made: { configured: unknown; cancelled: boolean }[] = [];
  const servers: grpc.Server[] = [];
  const clients: Client[] = [];

  /** Only what is called here. */
  function provider(): Provider {
    const state = { configured: undefined as unknown, cancelled: false };
    made.push(state);
    return {
      configure: (inputs: unknown) => {
        state.configured = inputs;
        return Promise.resolve();
      },
      cancel: () => (state.cancelled = true),
    } as unknown as Provider;
  }

  async function served(engine: string | undefined): Promise<{ port: number; abandon: () => void }> {
    const server = new grpc.Server();
    servers.push(server);
    const { definition, implementation, abandon } = providerPlugin({ name: "p", version: "1" }, provider, engine);
    server.addService(definition, implementation);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    return { port, abandon };
  }

  /** A connection of its own, as the engine makes one for each provider. */
  function connect(port: number): Client {
    const credentials = grpc.credentials.createInsecure();
    const client = new providerService.ResourceProviderClient(`127.0.0.1:${port}`, credentials, {
      "grpc.use_local_subchannel_pool": 1,
    });
    clients.push(client);
    return client;
  }

  const handshake = (client: Client): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = new providerProto.ProviderHandshakeRequest();
      request.setEngineAddress("127.0.0.1:1");
      client.handshake(request, (error) => (error === null ? resolve() : reject(error)));
    });

  const configure = (client: Client, text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = new providerProto.ConfigureRequest();
      request.setArgs(toStruct({ text }));
      client.configure(request, (error) => (error === null ? resolve() : reject(error)));
    });

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const server of servers.splice(0)) server.forceShutdown();
    made.length = 0;
  });

  it("that engines attach to keeps what each connection has configured apart", async () => {
    const { port, abandon } = await served(undefined);
    const [one, another] = [connect(port), connect(port)];
    await handshake(one);
    await handshake(another);
    await configure(one, "one");
    await configure(another, "another");
    assert.deepEqual(made, [
      { configured: { text: "one" }, cancelled: false },
      { configured: { text: "another" }, cancelled: false },
    ]);
    abandon();
    assert.deepEqual(
      made.map(({ cancelled }) => cancelled),
      [true, true],
    );
  });

  it("that engines attach to takes no call of a connection it does not know for that of another", async () => {
    const { port } = await served(undefined);
    await handshake(connect(port));
    await assert.rejects(configure(connect(port), "lost"), /connection to the plugin broke off: run the command again/);
    assert.deepEqual(made, [{ configured: undefined, cancelled: false }]);
  });

  it("that an engine has started serves it over any connection", async () => {
    const { port } = await served("127.0.0.1:1");
    await handshake(connect(port));
    await configure(connect(port), "again");
    assert.deepEqual(made, [{ configured: { text: "again" }, cancelled: false }]);
  });
});
