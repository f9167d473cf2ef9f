import type grpc from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import type { Reporter } from "./engine.ts";
import type { Provider } from "./provider.ts";
import type { CheckMessage, DiffMessage } from "./provider-messages.ts";
import { checkRequest, checkResponse, diffResponse, resourceOf, toServiceError } from "./provider-messages.ts";
import { duringCall } from "./serve.ts";
import { parseStruct, toStruct } from "./values.ts";

export interface PluginInfo {
  /** The package, such as `kubernetes`. */
  name: string;
  version: string;
}

/** The gRPC service of a resource plugin, as the engine knows it, over a {@link Provider}. */
export function providerServiceOf(
  provider: Provider,
  info: PluginInfo,
  reporter: Reporter,
): { definition: grpc.ServiceDefinition; implementation: grpc.UntypedServiceImplementation } {
  const unary = <Request, Response>(work: (request: Request) => Promise<Response>) => handler(work, reporter);
  const refuse = (what: string) =>
    unary<{ getTok(): string }, emptyProto.Empty>((request) =>
      Promise.reject(new Error(unsupported(info, `${what} ${request.getTok()}`))),
    );
  return {
    definition: providerService.ResourceProviderService,
    implementation: {
      handshake: unary(() => Promise.resolve(handshake())),
      getPluginInfo: unary(() => Promise.resolve(pluginInfo(info))),
      attach: unary(() => Promise.resolve(new emptyProto.Empty())),
      cancel: unary(() => {
        provider.cancel();
        return Promise.resolve(new emptyProto.Empty());
      }),
      invoke: refuse("function"),
      call: refuse("method"),
      ...configuration(provider, unary),
      ...lifecycle(provider, unary),
    },
  };
}

/** The sentence for what a stand-in leaves to the official plugin. */
export function unsupported(info: PluginInfo, what: string): string {
  return (
    `the local stand-in for the ${info.name} plugin does not support ${what}: ` +
    `install the official plugin (pulumi plugin install resource ${info.name} ${info.version})`
  );
}

type Unary = <Request, Response>(
  work: (request: Request) => Promise<Response>,
) => grpc.handleUnaryCall<Request, Response>;

function handler<Request, Response>(
  work: (request: Request) => Promise<Response>,
  reporter: Reporter,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const answer = async (): Promise<void> => {
      try {
        const response = await work(call.request);
        await reporter.flush();
        callback(null, response);
      } catch (error) {
        await reporter.flush();
        callback(toServiceError(error));
      }
    };
    void duringCall(answer);
  };
}

function handshake(): InstanceType<typeof providerProto.ProviderHandshakeResponse> {
  const response = new providerProto.ProviderHandshakeResponse();
  response.setAcceptSecrets(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

function pluginInfo(info: PluginInfo): InstanceType<typeof pluginProto.PluginInfo> {
  const response = new pluginProto.PluginInfo();
  response.setVersion(info.version);
  return response;
}

function configuration(provider: Provider, unary: Unary): grpc.UntypedServiceImplementation {
  const configurations = (request: CheckMessage | DiffMessage) => ({
    olds: parseStruct(request.getOlds()),
    news: parseStruct(request.getNews()),
  });
  return {
    checkConfig: unary(async (request: CheckMessage) =>
      checkResponse(await provider.checkConfig(configurations(request))),
    ),
    diffConfig: unary(async (request: DiffMessage) => diffResponse(await provider.diffConfig(configurations(request)))),
    configure: unary(async (request: InstanceType<typeof providerProto.ConfigureRequest>) => {
      await provider.configure(parseStruct(request.getArgs()));
      const response = new providerProto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
  };
}

function lifecycle(provider: Provider, unary: Unary): grpc.UntypedServiceImplementation {
  return {
    check: unary(async (request: CheckMessage) => checkResponse(await provider.check(checkRequest(request)))),
    diff: unary((request: DiffMessage) => diff(provider, request)),
    create: unary((request: InstanceType<typeof providerProto.CreateRequest>) => create(provider, request)),
    read: unary((request: InstanceType<typeof providerProto.ReadRequest>) => read(provider, request)),
    update: unary((request: InstanceType<typeof providerProto.UpdateRequest>) => update(provider, request)),
    delete: unary((request: InstanceType<typeof providerProto.DeleteRequest>) => remove(provider, request)),
  };
}

async function diff(
  provider: Provider,
  request: DiffMessage,
): Promise<InstanceType<typeof providerProto.DiffResponse>> {
  return diffResponse(
    await provider.diff({
      ...resourceOf(request),
      id: request.getId(),
      oldInputs: parseStruct(request.getOldInputs()),
      oldOutputs: parseStruct(request.getOlds()),
      news: parseStruct(request.getNews()),
      ignoreChanges: request.getIgnorechangesList(),
    }),
  );
}

async function create(
  provider: Provider,
  request: InstanceType<typeof providerProto.CreateRequest>,
): Promise<InstanceType<typeof providerProto.CreateResponse>> {
  const created = await provider.create({
    ...resourceOf(request),
    inputs: parseStruct(request.getProperties()),
    preview: request.getPreview(),
    timeout: request.getTimeout(),
  });
  const response = new providerProto.CreateResponse();
  response.setId(created.id);
  response.setProperties(toStruct(created.outputs));
  return response;
}

async function read(
  provider: Provider,
  request: InstanceType<typeof providerProto.ReadRequest>,
): Promise<InstanceType<typeof providerProto.ReadResponse>> {
  const found = await provider.read({
    ...resourceOf(request),
    id: request.getId(),
    inputs: parseStruct(request.getInputs()),
    properties: parseStruct(request.getProperties()),
  });
  const response = new providerProto.ReadResponse();
  // Without an ID the engine takes the resource for deleted.
  if (found !== undefined) {
    response.setId(request.getId());
    response.setInputs(toStruct(found.inputs));
    response.setProperties(toStruct(found.outputs));
  }
  return response;
}

async function update(
  provider: Provider,
  request: InstanceType<typeof providerProto.UpdateRequest>,
): Promise<InstanceType<typeof providerProto.UpdateResponse>> {
  const outputs = await provider.update({
    ...resourceOf(request),
    id: request.getId(),
    oldInputs: parseStruct(request.getOldInputs()),
    oldOutputs: parseStruct(request.getOlds()),
    news: parseStruct(request.getNews()),
    preview: request.getPreview(),
    timeout: request.getTimeout(),
  });
  const response = new providerProto.UpdateResponse();
  response.setProperties(toStruct(outputs));
  return response;
}

async function remove(
  provider: Provider,
  request: InstanceType<typeof providerProto.DeleteRequest>,
): Promise<emptyProto.Empty> {
  await provider.delete({
    ...resourceOf(request),
    id: request.getId(),
    inputs: parseStruct(request.getOldInputs()),
    properties: parseStruct(request.getProperties()),
    timeout: request.getTimeout(),
  });
  return new emptyProto.Empty();
}
