import type { CheckResult, ChangeKind, DiffResult, Provider, ResourceRequest } from "./provider.ts";
import { PartialFailure } from "./provider.ts";
import type { Reporter } from "./engine.ts";
import { duringCall } from "./serve.ts";
import { parseStruct, toStruct } from "./values.ts";
import grpc from "@grpc/grpc-js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";

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

type CheckMessage = InstanceType<typeof providerProto.CheckRequest>;
type DiffMessage = InstanceType<typeof providerProto.DiffRequest>;

function configuration(provider: Provider, unary: Unary): grpc.UntypedServiceImplementation {
  return {
    checkConfig: unary(async (request: CheckMessage) =>
      checkResponse(
        await provider.checkConfig({ olds: parseStruct(request.getOlds()), news: parseStruct(request.getNews()) }),
      ),
    ),
    diffConfig: unary(async (request: DiffMessage) =>
      diffResponse(
        await provider.diffConfig({ olds: parseStruct(request.getOlds()), news: parseStruct(request.getNews()) }),
      ),
    ),
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
    diff: unary(async (request: DiffMessage) =>
      diffResponse(
        await provider.diff({
          ...common(request),
          id: request.getId(),
          oldInputs: parseStruct(request.getOldInputs()),
          oldOutputs: parseStruct(request.getOlds()),
          news: parseStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: unary(async (request: InstanceType<typeof providerProto.CreateRequest>) => {
      const created = await provider.create({
        ...common(request),
        inputs: parseStruct(request.getProperties()),
        preview: request.getPreview(),
        timeout: request.getTimeout(),
      });
      const response = new providerProto.CreateResponse();
      response.setId(created.id);
      response.setProperties(toStruct(created.outputs));
      return response;
    }),
    read: unary(async (request: InstanceType<typeof providerProto.ReadRequest>) => {
      const found = await provider.read({
        ...common(request),
        id: request.getId(),
        inputs: parseStruct(request.getInputs()),
        properties: parseStruct(request.getProperties()),
      });
      const response = new providerProto.ReadResponse();
      if (found !== undefined) {
        response.setId(request.getId());
        response.setInputs(toStruct(found.inputs));
        response.setProperties(toStruct(found.outputs));
      }
      return response;
    }),
    update: unary(async (request: InstanceType<typeof providerProto.UpdateRequest>) => {
      const outputs = await provider.update({
        ...common(request),
        id: request.getId(),
        oldInputs: parseStruct(request.getOldInputs()),
        oldOutputs: parseStruct(request.getOlds()),
        news: parseStruct(request.getNews()),
        preview: request.getPreview(),
        timeout: request.getTimeout(),
        ignoreChanges: request.getIgnorechangesList(),
      });
      const response = new providerProto.UpdateResponse();
      response.setProperties(toStruct(outputs));
      return response;
    }),
    delete: unary(async (request: InstanceType<typeof providerProto.DeleteRequest>) => {
      await provider.delete({
        ...common(request),
        id: request.getId(),
        inputs: parseStruct(request.getOldInputs()),
        properties: parseStruct(request.getProperties()),
        timeout: request.getTimeout(),
      });
      return new emptyProto.Empty();
    }),
  };
}

function common(request: { getUrn(): string; getType(): string; getName(): string }): ResourceRequest {
  return { urn: request.getUrn(), type: request.getType(), name: request.getName() };
}

const autonamingModes = ["propose", "enforce", "disable"] as const;

function checkRequest(request: CheckMessage): Parameters<Provider["check"]>[0] {
  const autonaming = request.getAutonaming();
  return {
    ...common(request),
    olds: parseStruct(request.getOlds()),
    news: parseStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    autonaming:
      autonaming === undefined
        ? undefined
        : {
            proposedName: autonaming.getProposedName(),
            mode: autonamingModes[autonaming.getMode()],
          },
  };
}

function checkResponse(result: CheckResult): InstanceType<typeof providerProto.CheckResponse> {
  const response = new providerProto.CheckResponse();
  response.setInputs(toStruct(result.inputs));
  for (const failure of result.failures) {
    const message = new providerProto.CheckFailure();
    message.setProperty(failure.property ?? "");
    message.setReason(failure.reason);
    response.addFailures(message);
  }
  return response;
}

const kinds = providerProto.PropertyDiff.Kind;
const changeKinds = {
  add: { inPlace: kinds.ADD, replace: kinds.ADD_REPLACE },
  delete: { inPlace: kinds.DELETE, replace: kinds.DELETE_REPLACE },
  update: { inPlace: kinds.UPDATE, replace: kinds.UPDATE_REPLACE },
} satisfies Record<ChangeKind, object>;

function diffResponse(result: DiffResult): InstanceType<typeof providerProto.DiffResponse> {
  const response = new providerProto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
  response.setChanges(result.changes.size === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(result.deleteBeforeReplace);
  for (const [path, change] of result.changes) {
    const message = new providerProto.PropertyDiff();
    message.setKind(changeKinds[change.kind][change.replace ? "replace" : "inPlace"]);
    // A deleted property is looked up among the old inputs: the outputs hold the server's own fields as well.
    message.setInputdiff(change.kind === "delete" || result.shownAgainst === "inputs");
    response.getDetaileddiffMap().set(path, message);
    if (change.replace) {
      response.addReplaces(path);
    }
  }
  return response;
}

function toServiceError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof PartialFailure) {
    metadata.set("grpc-status-details-bin", Buffer.from(initFailed(error).serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

/** The rich error (google.rpc.Status) by which the engine tells a half-made resource from one that was not made. */
function initFailed(error: PartialFailure): InstanceType<typeof statusProto.Status> {
  const detail = new providerProto.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.outputs));
  if (error.inputs !== undefined) {
    detail.setInputs(toStruct(error.inputs));
  }
  detail.setReasonsList([...error.reasons]);
  const any = new anyProto.Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusProto.Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(error.message);
  status.addDetails(any);
  return status;
}
