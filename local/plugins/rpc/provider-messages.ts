import grpc from "@grpc/grpc-js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import type { ChangeKind, CheckRequest, CheckResult, DiffResult, ResourceRequest } from "./provider.ts";
import { PartialFailure } from "./provider.ts";
import { parseStruct, toStruct } from "./values.ts";

export type CheckMessage = InstanceType<typeof providerProto.CheckRequest>;
export type DiffMessage = InstanceType<typeof providerProto.DiffRequest>;

/** What every request about a resource says of it. */
export function resourceOf(request: { getUrn(): string; getType(): string; getName(): string }): ResourceRequest {
  return { urn: request.getUrn(), type: request.getType(), name: request.getName() };
}

const autonamingModes = ["propose", "enforce", "disable"] as const;

/** A Check request, in this plugin's terms. */
export function checkRequest(request: CheckMessage): CheckRequest {
  const autonaming = request.getAutonaming();
  return {
    ...resourceOf(request),
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

/** What the engine is told of checked inputs. */
export function checkResponse(result: CheckResult): InstanceType<typeof providerProto.CheckResponse> {
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

/** What the engine is told of changes. */
export function diffResponse(result: DiffResult): InstanceType<typeof providerProto.DiffResponse> {
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

/** A failure as gRPC carries it, with what the engine is to keep of a resource that was only half made. */
export function toServiceError(error: unknown): Partial<grpc.StatusObject> {
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
