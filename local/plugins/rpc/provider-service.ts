import type grpc from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { EngineReporter, type Reporter } from "./engine.ts";
import type { Provider } from "./provider.ts";
import type { CheckMessage, DiffMessage } from "./provider-messages.ts";
import { checkRequest, checkResponse, diffResponse, resourceOf, toServiceError } from "./provider-messages.ts";
import { duringCall, type Plugin } from "./serve.ts";
import { Sessions } from "./sessions.ts";
import { parseStruct, toStruct } from "./values.ts";

export interface PluginInfo {
  /** The package, such as `kubernetes`. */
  name: string;
  version: string;
}

/** What serves one engine: a provider of its own, and the way to tell that engine something. */
interface Session {
  readonly provider: Provider;
  readonly reporter: Reporter;
}

/**
 * A resource plugin, as the engine knows it, over {@link Provider}s.
 * @param create makes the provider for one engine, which it tells of its work by the reporter
 * @param engine the address of the engine that has started the plugin; undefined: engines attach to it
 */
export function providerPlugin(
  info: PluginInfo,
  create: (info: PluginInfo, reporter: Reporter) => Provider,
  engine: string | undefined,
): Plugin {
  const sessions = new Sessions<Session>((address) => {
    const reporter = new EngineReporter(address);
    return { provider: create(info, reporter), reporter };
  }, engine);
  const unary: Unary = (work) => handler(sessions, work);
  const refuse = (what: string) =>
    unary<{ getTok(): string }, emptyProto.Empty>((_, request) =>
      Promise.reject(new Error(unsupported(info, `${what} ${request.getTok()}`))),
    );
  return {
    definition: providerService.ResourceProviderService,
    implementation: {
      handshake: ((call, answer) => {
        sessions.open(call.getPeer(), call.request.getEngineAddress());
        answer(null, handshake());
      }) satisfies grpc.handleUnaryCall<InstanceType<typeof providerProto.ProviderHandshakeRequest>, unknown>,
      getPluginInfo: unary(() => Promise.resolve(pluginInfo(info))),
      attach: unary(() => Promise.resolve(new emptyProto.Empty())),
      cancel: unary((provider) => {
        provider.cancel();
        return Promise.resolve(new emptyProto.Empty());
      }),
      invoke: refuse("function"),
      call: refuse("method"),
      ...configuration(unary),
      ...lifecycle(unary),
    },
    abandon: () => {
      for (const { provider } of sessions.all()) provider.cancel();
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
  work: (provider: Provider, request: Request) => Promise<Response>,
) => grpc.handleUnaryCall<Request, Response>;

function handler<Request, Response>(
  sessions: Sessions<Session>,
  work: (provider: Provider, request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  const answer = async (
    { provider, reporter }: Session,
    call: grpc.ServerUnaryCall<Request, Response>,
    callback: grpc.sendUnaryData<Response>,
  ): Promise<void> => {
    try {
      const response = await work(provider, call.request);
      await reporter.flush();
      callback(null, response);
    } catch (error) {
      await reporter.flush();
      callback(toServiceError(error));
    }
  };
  return (call, callback) => {
    try {
      const session = sessions.of(call.getPeer());
      void duringCall(() => answer(session, call, callback));
    } catch (error) {
      callback(toServiceError(error));
    }
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

function configuration(unary: Unary): grpc.UntypedServiceImplementation {
  const configurations = (request: CheckMessage | DiffMessage) => ({
    olds: parseStruct(request.getOlds()),
    news: parseStruct(request.getNews()),
  });
  return {
    checkConfig: unary(async (provider, request: CheckMessage) =>
      checkResponse(await provider.checkConfig(configurations(request))),
    ),
    diffConfig: unary(async (provider, request: DiffMessage) =>
      diffResponse(await provider.diffConfig(configurations(request))),
    ),
    configure: unary(async (provider, request: InstanceType<typeof providerProto.ConfigureRequest>) => {
      await provider.configure(parseStruct(request.getArgs()));
      const response = new providerProto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
  };
}

function lifecycle(unary: Unary): grpc.UntypedServiceImplementation {
  return {
    check: unary(async (provider, request: CheckMessage) => checkResponse(await provider.check(checkRequest(request)))),
    diff: unary(diff),
    create: unary(create),
    read: unary(read),
    update: unary(update),
    delete: unary(remove),
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
